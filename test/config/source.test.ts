import { describe, expect, test } from "bun:test";
import { parseDestination } from "../../src/config/destination.ts";
import { destinationFor, parseSource } from "../../src/config/source.ts";
import { Fault } from "../../src/core/fault.ts";

/** Where `source` goes to, as text; the current directory is /home/me. */
function meaning(source: string, destination: string): string {
  const written = parseSource(source);
  const parsed = parseDestination(destination);
  if (written instanceof Fault || parsed instanceof Fault) throw new Error("refused");
  const absolute = written.path.startsWith("/") ? written.path : `/home/me/${written.path}`;
  const found = destinationFor(parsed, written, absolute);
  if (found.kind === "local") return found.path;
  const user = found.user === undefined ? "" : `${found.user}@`;
  if (found.kind === "ssh") return `${user}${found.host}:${found.path}`;
  return `${user}${found.host}::${found.module}/${found.path}`;
}

describe("where a source goes to", () => {
  test.each([
    // Without a virtual root.
    ["/srv/www", "/backup", "/backup"],
    [".", "srv2:", "srv2:"],
    [".", "ann@srv2:", "ann@srv2:"],
    ["/var/www", "www-data@srv2", "www-data@srv2:/var/www"],
    ["/", "root@srv2", "root@srv2:/"],
    ["www", "ann@srv2", "ann@srv2:/home/me/www"],
    ["/srv/./", "srv2::web", "srv2::web/"],
    // With one at the end nothing is repeated.
    ["/tmp/source/./", "/tmp/destination", "/tmp/destination"],
    ["/var/www/./", "www-data@srv2:/var/cluster/www", "www-data@srv2:/var/cluster/www"],
    ["/var/www/./", "srv2::webdata", "srv2::webdata/"],
    ["/var/www/./", "www-data@srv2", "www-data@srv2:"],
    // With one in the middle what follows is repeated.
    ["/tmp/foo/./bar/baz", "/tmp/destination", "/tmp/destination/bar/baz"],
    ["/tmp/foo/./bar//./baz/", "/tmp/destination/", "/tmp/destination/bar/baz"],
    ["/tmp/foo/./bar", "srv2:", "srv2:bar"],
    ["/tmp/foo/./bar", "srv2:/", "srv2:/bar"],
    ["/tmp/foo/./bar", "srv2:~/x", "srv2:~/x/bar"],
    ["/tmp/foo/./bar", "ann@srv2", "ann@srv2:bar"],
    ["/tmp/foo/./bar", "srv2::web", "srv2::web/bar"],
    ["/tmp/foo/./bar", "rsync://srv2/web/sub", "srv2::web/sub/bar"],
    ["./foo/./bar", "/x", "/x/bar"],
    ["/./etc/x", "/backup", "/backup/etc/x"],
    // What is no marker.
    ["./foo", "/x", "/x"],
    ["/tmp/.hidden/.x/y.", "/x", "/x"],
    ["/tmp/foo/.", "/x", "/x"],
  ])("%s to %s is %s", (source, destination, expected) => {
    expect(meaning(source, destination)).toBe(expected);
  });
});

test("the directory to mirror is what is written, without its marker", () => {
  const paths = ["/a/./b/c", "/a/./", "./a/./b", "/./etc", "a/b"].map((text) => parseSource(text));
  expect(paths.map((one) => (one as { path: string }).path)).toEqual([
    "/a/b/c",
    "/a",
    "./a/b",
    "/etc",
    "a/b",
  ]);
});

test("what is repeated on the target cannot lead out of it", () => {
  for (const text of ["/a/./../b", "/a/./b/.."]) expect(parseSource(text)).toMatchObject({ code: "usage" });
});
