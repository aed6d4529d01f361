import { describe, expect, test } from "bun:test";
import { findClash, type Placed } from "../../src/cli/check-overlaps.ts";
import { parseDestination } from "../../src/config/destination.ts";
import { destinationFor } from "../../src/config/source.ts";
import { isFault } from "../../src/core/fault.ts";

/** `"a: /source -> target"`, the name and the port (`-> 2222 target`) left out at will. */
function clash(...mirrors: string[]): string | null {
  const placed = mirrors.map((text): Placed => {
    const [, mirror = null, source, port, to] = /^(?:(\w+): )?(\S+) -> (?:(\d+) )?(\S+)$/.exec(text)!;
    const written = parseDestination(to!);
    if (isFault(written)) throw new Error(written.toString());
    const destination = destinationFor(written, { path: source!, below: "", isVirtual: false }, source!);
    return { mirror, source: source!, destination, port: port === undefined ? null : Number(port) };
  });
  return findClash(placed)?.toString() ?? null;
}

describe("targets", () => {
  test.each([
    ["a: /a -> /x", "b: /b -> /x"],
    ["a: /a -> /x", "b: /b -> /x/y"],
    ["a: /a -> /x/y", "b: /b -> /x"],
    ["a: /a -> /x", "a: /a -> /x/y"],
    ["a: /a -> /", "b: /b -> /x"],
    ["a: /a -> host:/x", "b: /b -> host:/x/y"],
    ["a: /a -> host:/x", "b: /b -> HOST:/x//y/../z/"],
    ["a: /a -> ann@host:/x", "b: /b -> bob@host:/x"],
    ["a: /a -> host:x", "b: /b -> host:x/y"],
    ["a: /a -> host:", "b: /b -> host:y"],
    ["a: /a -> host:~/x", "b: /b -> host:x/y"],
    ["a: /a -> ann@host:x", "b: /b -> bob@host:~ann/x"],
    ["a: /a -> 22 host:/x", "b: /b -> 22 host:/x"],
  ])("%s and %s overlap", (one, other) => {
    expect(clash(one, other)).toMatch(/overlap|are the same/);
    expect(clash(other, one)).toMatch(/overlap|are the same/);
  });

  test.each([
    ["a: /a -> /x", "b: /b -> /xy"],
    ["a: /a -> /x", "b: /b -> host:/x"],
    ["a: /a -> one:/x", "b: /b -> two:/x"],
    ["a: /a -> 22 host:/x", "b: /b -> 23 host:/x"],
    ["a: /a -> ann@host:x", "b: /b -> bob@host:x"],
    ["a: /a -> host:/x", "b: /b -> host:x"],
    ["a: /a -> host:../x", "b: /b -> host:x"],
    ["a: /a -> host:~ann/x", "b: /b -> host:~bob/x"],
    ["a: /a -> /x", "b: /a -> /y"],
  ])("%s and %s do not", (one, other) => {
    expect(clash(one, other)).toBeNull();
    expect(clash(other, one)).toBeNull();
  });

  test("are named with their mirrors", () => {
    expect(clash("a: /a -> /x", "b: /b -> /x/y")).toStartWith(
      'the target /x of mirror "a" (from /a) and the target /x/y of mirror "b" (from /b) overlap; ',
    );
    expect(clash("/a -> host:x", "/a -> host:x")).toBe("the destination host:x is given twice");
  });
});

describe("mirrors", () => {
  test.each([
    [["a: /a -> /b", "b: /b -> /a"]],
    [["a: /a -> /b", "b: /b -> /c", "c: /c -> /a"]],
    [["a: /a -> /b/deep", "b: /b -> /a/deep"]],
    [["a: /a/deep -> /b", "b: /b/deep -> /a"]],
    [["x: /x -> /y", "a: /a -> /b", "a: /a -> host:b", "b: /b -> /c", "b: /b -> /a"]],
  ])("%p go in a circle", (mirrors) => {
    expect(clash(...mirrors)).toStartWith("the mirrors go in a circle: the target ");
    expect(clash(...mirrors.toReversed())).toStartWith("the mirrors go in a circle: the target ");
  });

  test("are told apart quickly where there are many ways", () => {
    const ladder = Array.from({ length: 30 }, (_, at) => [
      `a${at}: /${at} -> /${at + 1}/left`,
      `b${at}: /${at} -> /${at + 1}/right`,
    ]);
    expect(clash(...ladder.flat())).toBeNull();
  });

  test.each([
    [["a: /a -> /b", "b: /b -> /c"]],
    [["b: /b -> /c", "a: /a -> /b"]],
    [["a: /a -> /b/deep", "b: /b -> /c", "c: /c -> host:/a"]],
    [["a: /a -> /b", "b: /b -> /c", "b2: /b -> /d", "c: /c -> /e", "d: /d -> /f"]],
    [["a: /a -> /x", "a2: /a -> /y", "deep: /a/deep -> /z"]],
  ])("%p do not", (mirrors) => {
    expect(clash(...mirrors)).toBeNull();
  });
});
