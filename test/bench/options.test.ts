import { expect, test } from "bun:test";
import { parseOptions } from "./options.ts";

const known = ["a", "b", "c"];

test("all tools by default, else the wanted ones in their usual order", () => {
  const defaults = { quick: false, json: "bench-result.json", trees: undefined, tools: known };
  expect(parseOptions([], known)).toEqual(defaults);
  expect(parseOptions(["--only", "c,a", "--quick"], known)).toEqual({
    ...defaults,
    quick: true,
    tools: ["a", "c"],
  });
});

test("what is not known is refused", () => {
  expect(() => parseOptions(["--only", "a,x"], known)).toThrow("unknown tool: x");
  expect(() => parseOptions(["--qick"], known)).toThrow();
});
