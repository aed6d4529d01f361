import { expect, test } from "bun:test";
import type { Reading, Result } from "./result.ts";
import { ratiosOf, resultTable } from "./table.ts";

const time = (value: number | null, text?: string): Reading => ({
  key: "p50",
  title: "save",
  unit: "ms",
  value,
  ...(text === undefined ? {} : { text }),
});

function result(tool: string, changes: Partial<Result>): Result {
  const nothing = { readings: [], failure: null, firstSyncMs: null, divergences: 0, differences: [] };
  return { rttMs: 50, tool, measure: "saves", ...nothing, ...changes };
}

const results = [
  result("tsync", { readings: [time(50)] }),
  result("slow", { readings: [time(355)], divergences: 3 }),
  result("slow", { measure: "burst", readings: [], divergences: null, failure: "it ended" }),
  result("late", { readings: [time(null, "> 60 s")] }),
  result("slow", { rttMs: 0, readings: [time(9)] }),
];

const at = (rttMs: number) => results.filter((candidate) => candidate.rttMs === rttMs);

test("tools stand side by side, with their ratio to tsync", () => {
  const lines = resultTable(at(50), "round trip 50 ms", ["tsync", "slow", "late", "absent"]).split("\n");
  const cells = lines.map((line) => line.split(/ {2,}/));
  expect(cells[0]).toEqual(["round trip 50 ms", "tsync", "slow", "late", "absent"]);
  expect(cells[2]).toEqual(["save", "50 ms", "355 ms", "(7.1x)", "> 60 s", "-"]);
  expect(cells[3]).toEqual(["burst", "-", "failed", "-", "-"]);
  expect(cells[4]).toEqual(["differences between the trees", "0", "3", "0", "-"]);
});

test("without tsync there are no ratios", () => {
  expect(resultTable(at(0), "round trip 0 ms", ["slow"])).toMatch(/save +9\.0 ms$/m);
  expect(ratiosOf(results)).toEqual([{ rttMs: 50, title: "save", tool: "slow", ratio: 7.1 }]);
});

test("what is not a tool's work has no cell, and did not fail", () => {
  const other: Reading = { key: "p99", title: "other", unit: "ms", value: 2 };
  const both = [result("tsync", { readings: [time(1), other] }), result("find", { readings: [time(3)] })];
  expect(resultTable(both, "here", ["tsync", "find"])).toMatch(/^other +2\.0 ms +-$/m);
});

test("counts and rates are not compared", () => {
  const missed: Reading = { key: "missed", title: "missed", unit: "count", value: 2 };
  const rate: Reading = { key: "rate", title: "content a second", unit: "rate", value: 2 };
  const readings = [missed, rate];
  expect(ratiosOf([result("tsync", { readings }), result("slow", { readings })])).toEqual([]);
});
