import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Fault, isFault } from "../../src/core/fault.ts";
import type { Glob, GlobToken } from "../../src/core/glob.ts";
import { regexOf } from "../../src/core/glob-match.ts";
import { fromText, nameOf } from "../../src/core/path.ts";
import { type Pattern, parsePattern } from "../../src/core/pattern.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { ownPatterns } from "../helpers/random-patterns.ts";

function good(text: string): Pattern {
  const pattern = parsePattern(fromText(text), "--exclude");
  if (isFault(pattern)) throw new Error(String(pattern));
  return pattern;
}

/** Whether `text` matches `path`; a path that ends with a slash is a directory. */
function matches(text: string, path: string): boolean {
  const isDirectory = path.endsWith("/");
  const asked = fromText(isDirectory ? path.slice(0, -1) : path);
  return good(text).globs.some(
    (glob) =>
      (isDirectory || !glob.directoryOnly) &&
      regexOf(glob).test(glob.place === "name" ? nameOf(asked) : asked),
  );
}

describe("a pattern", () => {
  test.each<[pattern: string, matching: string[], others: string[]]>([
    ["*.bin", ["a.bin", "x/y/.bin", "a\n.bin", ".a.bin", "é.bin"], ["a.bin.gz", "abin", "x.bin/y"]],
    ["core", ["core", "a/core", "a/core/"], ["score", "cores", "core/a"]],
    ["/core", ["core", "core/"], ["a/core"]],
    ["tmp/", ["tmp/", "a/tmp/"], ["tmp", "tmp/a"]],
    ["a/b", ["a/b", "x/a/b"], ["a", "b", "a/b/c", "xa/b", "a/x/b"]],
    ["/a/*", ["a/b", "a/.b"], ["a", "a/b/c", "x/a/b"]],
    ["a/**", ["a/b", "a/b/c", "x/a/b/c"], ["a", "xa/b"]],
    ["a/***", ["a/", "a/b", "a/b/c", "x/a/b"], ["a", "xa/"]],
    ["a/**/c", ["a/b/c", "a/b/b/c", "x/a/b/c"], ["a/c", "a/bc"]],
    ["**/a", ["a", "x/a", "x/y/a"], ["xa"]],
    ["/**/a", ["x/a", "x/y/a"], ["a"]],
    ["a**b", ["ab", "a/b", "ax/yb", "x/axb"], ["xab", "abc"]],
    ["**", ["a", "a/b"], []],
    ["**/", ["a/", "a/b/"], ["a", "a/b"]],
    ["*", ["a", ".a", "a/b", "\n"], []],
    ["a?c", ["abc", "a.c", "a\nc"], ["ac", "abbc", "a/c"]],
    ["[a-c]1", ["a1", "b1"], ["d1", "-1", "A1"]],
    ["[ac]", ["a", "c"], ["b", "[ac]"]],
    ["[!a-c]1", ["d1", "-1"], ["a1", "x/a1"]],
    ["[^a]", ["b", "^"], ["a", ""]],
    ["[]-]", ["]", "-"], ["a"]],
    ["[a\\]]", ["a", "]"], ["\\"]],
    ["[[:digit:]x]", ["1", "x"], ["a", ":", "d"]],
    ["*.{jpg,png}", ["a.jpg", "a.png"], ["a.gif", "a.{jpg,png}", "a."]],
    ["a{,.old}", ["a", "a.old"], ["a.", "aold"]],
    ["{a,b{1,2}}c", ["ac", "b1c", "b2c"], ["bc", "b12c"]],
    ["{/a,b/}", ["a", "b/", "x/b/"], ["x/a", "b"]],
    ["a{b/c,d}", ["ab/c", "x/ad"], ["ab", "c"]],
    ["[{,}]", ["{", ",", "}"], [""]],
    ["a,b", ["a,b"], ["a", "b"]],
    ["\\*", ["*"], ["a"]],
    ["\\a\\{b\\}", ["a{b}"], ["ab"]],
    ["\\[a]", ["[a]"], ["a"]],
    ["a\\/b", ["a/b", "x/a/b"], ["b"]],
    ["!a", ["!a"], ["a", "b"]],
    ["@(a|b)", ["@(a|b)"], ["a", "b"]],
    ["+(a)", ["+(a)"], ["a", "aa"]],
    ["!(a)", ["!(a)"], ["a", "b"]],
    ["?(a)", ["x(a)"], ["a", ""]],
    ["*(a)", ["(a)", "x(a)"], ["a", "aa"]],
    ["a.c", ["a.c"], ["abc"]],
    ["(a|b)", ["(a|b)"], ["a", "b"]],
    ["^a$", ["^a$"], ["a"]],
    ["a+", ["a+"], ["a", "aa"]],
    ['"a"', ['"a"'], ["a"]],
    [" a ", [" a "], ["a"]],
    ["é*", ["é", "éx"], ["e"]],
    ["??", ["é", "ab"], ["a"]],
  ])("%s", (text, matching, others) => {
    expect(matching.filter((path) => !matches(text, path))).toEqual([]);
    expect(others.filter((path) => matches(text, path))).toEqual([]);
  });

  test("of a name with each sign escaped matches that name alone", () => {
    for (const name of oddNames) {
      const text = name.replace(/[\x00-\x7f]/g, "\\$&");
      const pattern = parsePattern(text, "test") as Pattern;
      expect(pattern.globs).toEqual([
        { tokens: [{ kind: "text", text: name }], place: "name", directoryOnly: false },
      ]);
      expect(oddNames.filter((other) => regexOf(pattern.globs[0]!).test(other))).toEqual([name]);
    }
  });

  test("may have many stars and long names to be held against", () => {
    for (const text of [
      "*a*a*a*a*a*a*a*a*a*a*b",
      "/x**a**a**a**a**a**a**b",
      "a*a*a*a*a**a*a*a*a*a*b",
      "?*?*?*?*?*?*?*/b",
    ]) {
      for (const path of ["a".repeat(255), `x/${"a".repeat(2000)}`, "a/".repeat(500)]) {
        expect(matches(text, `${path}c`)).toBe(false);
      }
    }
  });

  test("matches as its parts say one after the other", () => {
    const token = fc.constantFrom<GlobToken>(
      { kind: "text", text: "a" },
      { kind: "text", text: "b" },
      { kind: "text", text: "/" },
      { kind: "star" },
      { kind: "star" },
      { kind: "deep" },
      { kind: "directories" },
      { kind: "one" },
      { kind: "class", bytes: "ab" },
    );
    /** Without two wildcards for several bytes side by side, and `directories` only before a part. */
    const tokens = fc.array(token, { maxLength: 10 }).map((list) =>
      list.filter(({ kind }, at) => {
        const before = list[at - 1];
        const isWide = (one: GlobToken | undefined) => one !== undefined && /star|deep|dir/.test(one.kind);
        return (
          !(isWide(list[at]) && isWide(before)) &&
          (kind !== "directories" || at === 0 || textEnd(before) === "/")
        );
      }),
    );
    const path = fc
      .array(fc.stringMatching(/^[ab]{1,3}$/), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join("/"));
    let matching = 0;
    fc.assert(
      fc.property(tokens, path, (list, asked) => {
        const glob: Glob = { tokens: list, place: "root", directoryOnly: false };
        const expected = matchesSlowly(list, asked);
        if (expected) matching++;
        expect(regexOf(glob).test(asked)).toBe(expected);
      }),
      { numRuns: 5000, includeErrorInReport: true },
    );
    expect(matching).toBeGreaterThan(50);
  });
});

function textEnd(token: GlobToken | undefined): string {
  return token?.kind === "text" ? token.text.slice(-1) : "";
}

/** What a glob means, tried in all ways. */
function matchesSlowly([token, ...rest]: readonly GlobToken[], path: string): boolean {
  const after = (lengths: number[]) => lengths.some((length) => matchesSlowly(rest, path.slice(length)));
  const upTo = (end: number) => Array.from({ length: end + 1 }, (_, length) => length);
  switch (token?.kind) {
    case undefined:
      return path === "";
    case "text":
      return path.startsWith(token.text) && after([token.text.length]);
    case "one":
      return path !== "" && path[0] !== "/" && after([1]);
    case "class":
      return path !== "" && token.bytes.includes(path[0]!) && after([1]);
    case "star":
      return after(upTo(path.search(/\/|$/)));
    case "deep":
      return after(upTo(path.length));
    case "directories":
      return after(upTo(path.length).filter((length) => length === 0 || path[length - 1] === "/"));
  }
}

describe("a bad pattern", () => {
  test.each([
    ["", "is empty", 0],
    ["{,a}", "is empty", 0],
    ["a[b", '"[" without', 2],
    ["[]", '"[" without', 1],
    ["[[:alpha:]", '"[" without', 1],
    ["a[[:foo:]]", "unknown name", 2],
    ["a[c-a]", "backwards", 2],
    ["[a/b]", "slash", 1],
    ["é[ä]", "outside ASCII", 2],
    ["ab{c,d", '"{" without', 3],
    ["ab{c,{d,e}", '"{" without', 3],
    ["ab}", '"}" without', 3],
    ["a{b}", "without a comma", 2],
    ["a{1..3}", "without a comma", 2],
    ["\x24{a}", "without a comma", 2],
    ["a\\", "ends in a backslash", 2],
    ["a\0", "NUL", 2],
    ["/", "names the root", 1],
    ["{a,/}", "names the root", 4],
    ["//", "two slashes", 2],
    ["//a", "two slashes", 2],
    ["a//b", "two slashes", 3],
    ["a//", "two slashes", 3],
    ["../a", 'the part ".."', 1],
    ["a/../b", 'the part ".."', 3],
    ["a/{b,..}", 'the part ".."', 6],
    ["./a", 'the part "."', 1],
    ["a/.", 'the part "."', 3],
    [".", 'the part "."', 1],
    ["a***", "two stars", 2],
    ["***/a", "two stars", 1],
    ["a/****", "two stars", 3],
    ["{a,b}".repeat(10), "more than 1000 patterns", 46],
    ["a".repeat(2049), "longer than 2048", 0],
  ])("%s", (text, what, position) => {
    const fault = parsePattern(fromText(text), "list:7") as Fault;
    expect(isFault(fault)).toBe(true);
    expect(fault.code).toBe("usage");
    expect(fault.message).toStartWith("list:7: the pattern");
    expect(fault.message).toContain(what);
    expect(fault.hint).not.toBe("");
    expect(/ at position (\d+)$/.exec(fault.message)?.[1] ?? "0").toBe(`${position}`);
  });

  test("is a fault and nothing else, whatever it holds", () => {
    const signs = fc.constantFrom(..."ab*?[]{},\\/!^-.:()|+@\0\n\xff".split(""), "[:alpha:]", "..");
    const text = fc.oneof(
      ownPatterns,
      fc.array(signs, { maxLength: 20 }).map((list) => list.join("")),
    );
    let goodOnes = 0;
    fc.assert(
      fc.property(text, (written) => {
        const pattern = parsePattern(written, "test");
        if (isFault(pattern)) return;
        goodOnes++;
        for (const glob of pattern.globs) regexOf(glob).test("a/b");
      }),
      { numRuns: 5000, includeErrorInReport: true },
    );
    expect(goodOnes).toBeGreaterThan(1000);
  });
});
