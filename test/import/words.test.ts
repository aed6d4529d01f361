import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readAmount } from "../../src/import/amount.ts";
import { readTargetText } from "../../src/import/target-text.ts";
import { splitWords } from "../../src/import/words.ts";

describe("splitWords", () => {
  test.each([
    ["a  b\tc", ["a", "b", "c"]],
    [`'a b' "c d" e\\ f`, ["a b", "c d", "e f"]],
    [`a'b'"c"`, ["abc"]],
    [`'' ""`, ["", ""]],
    [`"a\\"b\\c" 'd\\'`, ['a"b\\c', "d\\"]],
    ["a \\\n b", ["a", "b"]],
    ["a#b # c", ["a#b"]],
    ["a > /dev/null 2>&1 &", ["a"]],
    ["a 2>/dev/null", ["a"]],
    ["a2>x", ["a2"]],
  ])("%p", (line, words) => {
    expect(splitWords(line)?.words).toEqual(words);
  });

  test("says what a shell would do more", () => {
    expect(splitWords("a | b")).toEqual({ words: ["a"], rest: "| b", expands: false });
    expect(splitWords("a $X")?.expands).toBe(true);
    expect(splitWords("a *.c")?.expands).toBe(true);
    expect(splitWords(`a '$X' "*"`)?.expands).toBe(false);
    expect(splitWords("a 'b")).toBeNull();
  });

  test("quoted words come back as they were", () => {
    const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
        expect(splitWords(words.map(quoted).join(" "))).toEqual({ words, rest: "", expands: false });
      }),
    );
  });
});

describe("readAmount", () => {
  test.each([
    ["100", "", "100"],
    ["100", "K", "100K"],
    ["1.5m", "K", "1.5M"],
    ["10MiB", "", "10M"],
    ["2g", "", "2G"],
    ["512b", "", "512"],
    ["1MB", "", "977K"],
  ] as const)("%p with unit %p is %p", (text, unit, amount) => {
    expect(readAmount(text, unit)).toBe(amount);
  });

  test.each(["", "x", "1x", "-1", "1M-1", "1 2"])("%p is none", (text) => {
    expect(readAmount(text, "")).toBeNull();
  });
});

describe("readTargetText", () => {
  test.each([
    ["/local/path", "/local/path", {}],
    ["h:~/x", "h:x", {}],
    ["u@h:~", "u@h:", {}],
    ["h:~user/x", "h:~user/x", {}],
    ["h::module/~/x", "h::module/~/x", {}],
    ["rsync://u@h/m/p", "u@h::m/p", {}],
    ["rsync://h:873/m", "h::m", {}],
    ["rsync://h:5432/m", "rsync://h:5432/m", {}],
    ["ssh://u@[::1]:22/x", "u@[::1]:/x", { port: 22 }],
    ["ssh://h", "h:", {}],
  ])("%p is %p", (text, to, options) => {
    expect(readTargetText(text)).toEqual({ to, options: new Map(Object.entries(options)) });
  });

  test.each(["s3://bucket/x", "http://h/x", "rsync:///x"])("%p is none", (text) => {
    expect(readTargetText(text)).toHaveProperty("problem");
  });
});
