import { describe, expect, test } from "bun:test";
import { type Fault, isFault } from "../../src/core/fault.ts";
import { patternRule, type Rule, type RuleFileKind, readRuleFile } from "../../src/core/rules.ts";

const shown = (rules: readonly Rule[] | Fault) =>
  isFault(rules)
    ? rules.toString()
    : rules.map(({ action, pattern, origin }) => `${origin} ${action} ${pattern.text}`);
const read = (kind: RuleFileKind, text: string, before: readonly Rule[] = []) =>
  shown(readRuleFile(kind, "list", text, before));

test("--exclude and --include give one rule each", () => {
  expect(patternRule("exclude", "*.bin", "--exclude")).toMatchObject({
    action: "exclude",
    pattern: { text: "*.bin" },
    origin: "--exclude",
  });
  expect(patternRule("include", " a", "--include")).toMatchObject({
    action: "include",
    pattern: { text: " a" },
  });
});

test.each(["!a", "!", "- a", "+ a", "-_a"])("a sign before a pattern is no part of it: %s", (text) => {
  const fault = patternRule("exclude", text, "--exclude") as Fault;
  expect(fault).toMatchObject({ code: "usage" });
  expect(fault.message).toStartWith(`--exclude: the pattern "${text}" begins with`);
  expect(isFault(patternRule("exclude", `\\${text}`, "--exclude"))).toBe(false);
});

test.each(["-a", "+", "-", "a!", "a - b"])("%s is a pattern", (text) => {
  expect(isFault(patternRule("exclude", text, "--exclude"))).toBe(false);
});

describe("a file of patterns", () => {
  test("has one on each line, and comments", () => {
    expect(read("exclude", "# all\n*.bin\n\n;x\n/a b\n")).toEqual([
      "list:2 exclude *.bin",
      "list:5 exclude /a b",
    ]);
    expect(read("include", "a\r\nb\rc\n")).toEqual([
      "list:1 include a",
      "list:2 include b",
      "list:3 include c",
    ]);
    expect(read("exclude", "\xef\xbb\xbfa\n\\#b\n\\;c")).toEqual([
      "list:1 exclude a",
      "list:2 exclude \\#b",
      "list:3 exclude \\;c",
    ]);
    expect(read("exclude", "")).toEqual([]);
  });

  test("adds to the rules before it", () => {
    const before = [patternRule("include", "x", "--include") as Rule];
    expect(read("exclude", "a", before)).toEqual(["--include include x", "list:1 exclude a"]);
    expect(before.length).toBe(1);
  });

  test.each([
    ["a\nb[", 'list:2: the pattern "b[" has a "["'],
    ["+ a", 'list:1: the pattern "+ a" begins with "+ "'],
    ["!", 'list:1: the pattern "!" begins with "!"'],
    ["a ", 'list:1: the pattern "a " begins or ends with a blank'],
    ["\ta", 'list:1: the pattern "\\x09a" begins or ends with a blank'],
    ["a\0b", 'list:1: the pattern "a\\x00b" has a NUL byte at position 2'],
  ])("%j is refused", (text, message) => {
    expect(read("exclude", text)).toStartWith(message);
  });

  test("may have blanks that are meant", () => {
    expect(read("exclude", "a\\ \n[ ]a")).toEqual(["list:1 exclude a\\ ", "list:2 exclude [ ]a"]);
  });
});

describe("a file of filter rules", () => {
  test("has signs or words before the patterns", () => {
    expect(read("filter", "# x\n- *.bin\n+ /a\nexclude b\ninclude c\n- !d\n- - e")).toEqual([
      "list:2 exclude *.bin",
      "list:3 include /a",
      "list:4 exclude b",
      "list:5 include c",
      "list:6 exclude !d",
      "list:7 exclude - e",
    ]);
  });

  test.each(["!", "clear"])("drops all rules before %s", (clear) => {
    const before = [patternRule("include", "x", "--include") as Rule];
    expect(read("filter", `- a\n${clear}\n- b`, before)).toEqual(["list:3 exclude b"]);
  });

  test.each([
    ...["a", "-a", "-", "- ", "-! a", "-_a", "-/ a", "-p a", "exclude,! a", "merge x", ". x", ": .rules"],
    ...[
      "dir-merge .rules",
      "hide a",
      "H a",
      "show a",
      "S a",
      "protect a",
      "P a",
      "risk a",
      "R a",
      "! a",
      "clear a",
    ],
  ])("has nothing else of rsync's: %s", (line) => {
    expect(read("filter", `- ok\n${line}`)).toStartWith("list:2: the ");
  });
});
