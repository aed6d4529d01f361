import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseDestination } from "../../src/config/destination.ts";
import { Fault } from "../../src/core/fault.ts";

const local = (text: string) => ({ kind: "local" as const, name: text, path: text });

describe("parseDestination", () => {
  test.each(["/srv/www", "relative", "./a:b", "/a:b", "a/b:c", "a@b/c", "-x", "~/x", "a\nb"])(
    "%j is local",
    (text) => {
      expect(parseDestination(text)).toEqual(local(text));
    },
  );

  test.each([
    ["web:/srv/www", { host: "web", path: "/srv/www" }],
    ["web:www", { host: "web", path: "www" }],
    ["web:", { host: "web", path: "" }],
    ["ann@web:~/www", { host: "web", user: "ann", path: "~/www" }],
    ["[::1]:/srv", { host: "::1", path: "/srv" }],
    ["ann@[fe80::1%eth0]:x", { host: "fe80::1%eth0", user: "ann", path: "x" }],
    ["web:a:b", { host: "web", path: "a:b" }],
    ["web:a@b:c", { host: "web", path: "a@b:c" }],
    ["web:a\nb", { host: "web", path: "a\nb" }],
  ])("%j is on another host", (text, rest) => {
    expect(parseDestination(text)).toEqual({ kind: "ssh", name: text, ...rest });
  });

  test.each([
    ["ann@web", { host: "web", user: "ann", path: null }],
    ["ann@[::1]", { host: "::1", user: "ann", path: null }],
    ["ssh://web/srv/www/", { host: "web", path: "/srv/www" }],
    ["ssh://ann@web:2222/srv", { host: "web", user: "ann", port: 2222, path: "/srv" }],
    ["ssh://[::1]:22/a:b", { host: "::1", port: 22, path: "/a:b" }],
    ["ssh://[fe80::1%25eth0]/a", { host: "fe80::1%eth0", path: "/a" }],
    ["ssh://web/~/www", { host: "web", path: "www" }],
    ["ssh://web/~", { host: "web", path: "" }],
    ["ssh://web/~bob/www", { host: "web", path: "~bob/www" }],
    ["ssh://a%40b@web/it%27s%20%C3%A9%2525", { host: "web", user: "a@b", path: "/it's é%25" }],
    ["ssh://web/", { host: "web", path: "/" }],
  ])("%j is on another host, too", (text, rest) => {
    expect(parseDestination(text)).toEqual({ kind: "ssh", name: text, ...rest });
  });

  test.each([
    ["web::www", { host: "web", module: "www", path: "" }],
    ["ann@web::www/a/b/", { host: "web", user: "ann", module: "www", path: "a/b" }],
    ["[::1]::www", { host: "::1", module: "www", path: "" }],
    ["web::www//a/./b", { host: "web", module: "www", path: "a/b" }],
    ["rsync://web/www", { host: "web", module: "www", path: "" }],
    ["rsync://ann@web:8730/www/a%20b", { host: "web", user: "ann", port: 8730, module: "www", path: "a b" }],
    ["rsync://[::1]/www", { host: "::1", module: "www", path: "" }],
  ])("%j is a module of a daemon", (text, rest) => {
    expect(parseDestination(text)).toEqual({ kind: "daemon", name: text, ...rest });
  });

  test("never repeats a password", () => {
    for (const text of ["rsync://ann:pw@web/m", "ssh://ann:pw@web/m", "http://ann:pw@web/m"])
      expect(String(parseDestination(text))).not.toContain("pw@");
  });

  test("drops slashes at the end of a remote path, but not the root itself", () => {
    const pathOf = (text: string) => (parseDestination(text) as { path: string }).path;
    expect([pathOf("web:a/b//"), pathOf("web:/"), pathOf("web://")]).toEqual(["a/b", "/", "/"]);
  });

  test.each([
    ["", "is empty"],
    ["a\0b", "has a NUL byte"],
    ["http://web/srv", "is an URL of the kind http"],
    ["ssh://web", "names no path"],
    ["ssh:///srv", "has no valid host"],
    ["ssh://a@b@web/srv", "has no valid host"],
    ["ssh://web:0/srv", "has a port"],
    ["ssh://web:65536/srv", "has a port"],
    ["ssh://web:x/srv", "has no valid host"],
    ["ssh://web:/srv", "has a port"],
    ["ssh://ann:secret@web/srv", "has a password"],
    ["rsync://ann:secret@web/module", "has a password"],
    ["ssh://web/100%", "has a percent sign"],
    ["ssh://web/%ff", "has a percent sign"],
    ["ssh://web/a%00b", "has a percent sign"],
    ["ssh://-oProxyCommand=id/x", "starts with a dash"],
    ["rsync://web", "names no module"],
    ["rsync://web/", "names no module"],
    ["rsync://web//a", "names no module"],
    ["rsync://a%40b@web/module", "has a user name"],
    ["web::", "names no module"],
    ["web::/a", "names no module"],
    ["web::a/../b", 'has the part ".."'],
    ["-x@web", "starts with a dash"],
    ["@web", "has an empty user name"],
    ["a@b@web", "has no valid host"],
    ["@web:x", "has an empty user name"],
    [":x", "has no valid host"],
    ["[]:x", "has no valid host"],
    ["::1:x", "has no valid host"],
    ["a@b@web:x", "has no valid host"],
    ["-oProxyCommand=id:x", "starts with a dash"],
    ["-l@web:x", "starts with a dash"],
    ["[-x]:y", "starts with a dash"],
  ])("refuses %j", (text, why) => {
    const fault = parseDestination(text);
    expect(fault).toBeInstanceOf(Fault);
    expect((fault as Fault).code).toBe("usage");
    expect((fault as Fault).message).toContain(why);
  });

  test("takes whatever starts with / or ./ for local", () => {
    const text = fc.tuple(fc.constantFrom("/", "./"), fc.string()).map((parts) => parts.join(""));
    fc.assert(fc.property(text, (one) => expect(parseDestination(one)).toEqual(local(one))));
  });

  test("never gives a host or user that ssh could take for an option", () => {
    const text = fc.string({ unit: fc.constantFrom("-", "a", "@", ":", "[", "]", "/", ".") });
    fc.assert(
      fc.property(text, (one) => {
        const found = parseDestination(one);
        if (found instanceof Fault || found.kind === "local") return;
        expect(found.host).toMatch(/^[^-]/);
        if (found.user !== undefined) expect(found.user).toMatch(/^[^-]/);
      }),
      { numRuns: 2_000 },
    );
  });
});
