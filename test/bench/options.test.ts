import { expect, test } from "bun:test";
import { parseOptions, usage } from "./options.ts";

const known = {
  tools: ["a", "b", "c"],
  measures: [
    { name: "save", about: "one file" },
    { name: "burst", about: "many files" },
  ],
};

test("everything by default, else what is wanted in its usual order", () => {
  const defaults = {
    help: false,
    quick: false,
    json: "bench-result.json",
    trees: undefined,
    tools: known.tools,
    measures: ["save", "burst"],
    roundTripsMs: undefined,
  };
  expect(parseOptions([], known)).toEqual(defaults);
  expect(parseOptions(["--only", "c,a", "--quick", "--measure", "burst", "--rtt", "0,50"], known)).toEqual({
    ...defaults,
    quick: true,
    tools: ["a", "c"],
    measures: ["burst"],
    roundTripsMs: [0, 50],
  });
});

test("what is not known is refused, with what there is", () => {
  expect(() => parseOptions(["--only", "a,x"], known)).toThrow("unknown tool: x; there are a, b, c");
  expect(() => parseOptions(["--measure", ""], known)).toThrow("unknown measure: (none)");
  expect(() => parseOptions(["--qick"], known)).toThrow();
});

test("a round trip is a whole number of ms", () => {
  for (const wrong of ["", "5x", "-1", "1.5", "0,", "99999"]) {
    expect(() => parseOptions([`--rtt=${wrong}`], known)).toThrow("--rtt");
  }
});

test("the help names every tool and measure", () => {
  const text = usage(known);
  expect(text).toContain("a, b, c");
  expect(text).toContain("  burst  many files");
});
