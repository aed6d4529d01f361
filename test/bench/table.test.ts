import { expect, test } from "bun:test";
import type { Reading, Result } from "./result.ts";
import { ratiosOf, resultTable } from "./table.ts";

const time = (value: number | null, text?: string): Reading => ({
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

test("tools stand side by side, with their ratio to tsync", () => {
  const lines = resultTable(results, 50, ["tsync", "slow", "late", "absent"]).split("\n");
  const cells = lines.map((line) => line.split(/ {2,}/));
  expect(cells[0]).toEqual(["round trip 50 ms", "tsync", "slow", "late", "absent"]);
  expect(cells[2]).toEqual(["save", "50 ms", "355 ms", "(7.1x)", "> 60 s", "-"]);
  expect(cells[3]).toEqual(["burst", "-", "failed", "-", "-"]);
  expect(cells[4]).toEqual(["differences between the trees", "0", "3", "0", "-"]);
});

test("without tsync there are no ratios", () => {
  expect(resultTable(results, 0, ["slow"])).toMatch(/save +9\.0 ms$/m);
  expect(ratiosOf(results)).toEqual([{ rttMs: 50, title: "save", tool: "slow", ratio: 7.1 }]);
});

test("counts are not compared", () => {
  const missed: Reading = { title: "missed", unit: "count", value: 2 };
  const both = [result("tsync", { readings: [missed] }), result("slow", { readings: [missed] })];
  expect(ratiosOf(both)).toEqual([]);
});
