/** Examples of .gitignore lines; gitignore-git.test.ts holds them against git itself. */
import { expect, test } from "bun:test";
import { Filter } from "../../src/core/filter.ts";
import { readGitignore } from "../../src/core/gitignore.ts";

test.each<[text: string, excluded: string[], included: string[]]>([
  ["a", ["a", "x/a", "a/"], ["ab"]],
  ["a/", ["a/", "x/a/"], ["a"]],
  ["/a", ["a"], ["x/a"]],
  ["a/b", ["a/b"], ["x/a/b"]],
  ["a/b/", ["a/b/"], ["a/b", "x/a/b/"]],
  ["**/a/b", ["a/b", "x/a/b"], ["a"]],
  ["a/**", ["a/b", "a/b/c"], ["a/", "x/a/b"]],
  ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/xb"]],
  ["a**b", ["ab", "axb"], ["a/b"]],
  ["a/**\\/b", ["a/x/b", "a/x/y/b"], ["a/b"]],
  // git compares what is before the first wildcard by itself, and takes the rest for a pattern of its own.
  ["a**/b", ["ab", "ax/b", "a/b", "ax/y/b"], ["a", "xab"]],
  ["a**/*", ["a", "ab", "ax/b"], ["b"]],
  ["a?**/b", ["abx/b"], ["axb", "abx/y/b"]],
  ["*.o", ["a.o", ".o", "x/a.o"], ["a.oo"]],
  ["/*", ["a", "x/"], []],
  ["*\n!a", ["b"], ["a"]],
  ["!a\na", ["a"], []],
  ["# a\n#a", [], ["a", "#a", " a"]],
  ["\\#a\n\\!b", ["#a", "!b"], ["a", "b"]],
  ["a  \nb\\ \nc\t", ["a", "b ", "c\t"], ["a ", "b", "c"]],
  ["a\r\nb\r", ["a", "b"], ["a\r"]],
  ["\xef\xbb\xbfa", ["a"], []],
  ["{a,b}", ["{a,b}"], ["a", "b"]],
  ["a[\na\\\n[[:no:]]\n[z-a]", ["z"], ["a[", "a\\", "a", "n"]],
  ["\n\n  \n!\n/\n//\n", [], ["a", "!", " "]],
])("%j", (text, excluded, included) => {
  const filter = new Filter([], true);
  filter.setIgnoreFile("", text);
  const isExcluded = (path: string) => filter.excludes(path.replace(/\/$/, ""), path.endsWith("/"));
  expect(excluded.filter((path) => !isExcluded(path))).toEqual([]);
  expect(included.filter(isExcluded)).toEqual([]);
});

test("rules say which line they are from", () => {
  const rules = readGitignore("# x\na\n\n!b/ \n", "d/.gitignore");
  expect(rules.map(({ action, pattern, origin }) => [action, pattern.text, origin])).toEqual([
    ["include", "!b/", "d/.gitignore:4"],
    ["exclude", "a", "d/.gitignore:2"],
  ]);
});

test("a line that is longer than any path matches nothing", () => {
  expect(
    readGitignore(`${"a".repeat(5000)}\n${" ".repeat(5_000_000)}\nb`, "x").map(({ origin }) => origin),
  ).toEqual(["x:3"]);
});
