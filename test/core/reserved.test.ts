import { expect, test } from "bun:test";
import { isReserved, withoutReserved } from "../../src/core/reserved.ts";

const none = { names: [], suffix: null, directory: null };

test("names, endings and a directory", () => {
  const is = (path: string, rules: Partial<typeof none | object>) => isReserved(path, { ...none, ...rules });
  expect(is("", { suffix: "" })).toBe(false);
  expect(is("a/.part", { names: [".part"] })).toBe(true);
  expect(is(".part/x", { names: [".part"] })).toBe(true);
  expect(is("a.part", { names: [".part"] })).toBe(false);
  expect(is("a/b~", { suffix: "~" })).toBe(true);
  expect(is("a~/b", { suffix: "~" })).toBe(true);
  expect(is("a/b", { suffix: "~" })).toBe(false);
  expect(is("old/copies", { directory: "old/copies" })).toBe(true);
  expect(is("old/copies/a", { directory: "old/copies" })).toBe(true);
  expect(is("old/copies2", { directory: "old/copies" })).toBe(false);
  expect(is("old", { directory: "old/copies" })).toBe(false);
});

test("what must not be removed as a whole is left out too", () => {
  const rules = { ...none, directory: "old/copies", suffix: "~" };
  const paths = ["a", "b", "old", "a/x", "b/y~", "old/copies", "old/z", "old/copies/q"];
  expect(withoutReserved(paths, rules)).toEqual(["a", "a/x", "old/z"]);
});
