import { expect, test } from "bun:test";
import type { Reading, Result } from "./result.ts";
import { checkTargets, targetLine } from "./targets.ts";

const ms = (key: string, value: number | null, extra: Partial<Reading> = {}): Reading => ({
  key,
  title: `  the ${key}`,
  unit: "ms",
  value,
  ...extra,
});

function result(tool: string, measure: string, readings: Reading[], changes: Partial<Result> = {}): Result {
  const nothing = { failure: null, firstSyncMs: null, divergences: null, differences: [] };
  return { rttMs: 50, tool, measure, readings, ...nothing, ...changes };
}

const lines = (results: Result[]) => checkTargets(results).map(targetLine);

test("a limit that depends on the round trip", () => {
  expect(lines([result("tsync", "save", [ms("p50", 65), ms("p99", 161)])])).toEqual([
    "target met:     50 ms: the p50: 65 ms (limit 65 ms)",
    "target missed:  50 ms: the p99: 161 ms (limit 160 ms)",
  ]);
});

test("a limit that is a part of another tool's time", () => {
  const ours = result("tsync", "renames", [ms("time", 900)]);
  expect(lines([ours, result("lsyncd", "renames", [ms("time", 10_000)])])).toEqual([
    "target met:     50 ms: the time: 900 ms (limit 0.1 times lsyncd, 1000 ms)",
  ]);
  // It was given up: it would have taken longer.
  const givenUp = ms("time", null, { text: "> 5 s", atLeast: 5000 });
  expect(lines([ours, result("lsyncd", "renames", [givenUp])])).toEqual([
    "target missed:  50 ms: the time: 900 ms (limit 0.1 times lsyncd, more than 500 ms)",
  ]);
  expect(lines([ours])).toEqual([
    "target not measured: 50 ms: the time: 900 ms (limit 0.1 times lsyncd, which was not measured)",
  ]);
  const elsewhere = result("lsyncd", "renames", [ms("time", 10_000)], { rttMs: 0 });
  expect(lines([ours, elsewhere])[0]).toContain("not measured");
});

test("four targets are compared with one", () => {
  const both = [result("tsync", "targets", [ms("p50", 70)]), result("tsync", "save", [ms("p50", 50)])];
  expect(lines(both)).toContain("target missed:  50 ms: the p50: 70 ms (limit 1.3 times one target, 65 ms)");
});

test("what tsync did not do is missed, what was not asked for is left out", () => {
  expect(lines([result("tsync", "save", [])])).toEqual([
    "target missed:  50 ms: save, p50: failed (limit 65 ms)",
    "target missed:  50 ms: save, p99: failed (limit 160 ms)",
  ]);
  expect(lines([result("lsyncd", "save", [ms("p50", 1)])])).toEqual([]);
});

test("a large tree has no round trip", () => {
  const readings = [
    ms("restart", 150),
    { ...ms("restart-memory", 149e6), unit: "bytes" as const },
    ms("idle", 10),
  ];
  const find = result("find", "million", [ms("restart", 100)], { rttMs: null });
  expect(lines([result("tsync", "million", readings, { rttMs: null }), find])).toEqual([
    "target met:     the restart: 150 ms (limit 1.5 times find, 150 ms)",
    "target met:     the restart-memory: 149 MB (limit 150 MB)",
    "target missed:  the idle: 10 ms (limit 0.0 ms)",
  ]);
});

test("trees that differ are told", () => {
  const equal = result("tsync", "removal", [], { divergences: 0 });
  const different = result("tsync", "burst", [ms("time", 5)], { divergences: 2 });
  expect(lines([equal, different]).at(-1)).toBe(
    "target missed:  the trees are equal after every measure: 1 of 2 (limit all)",
  );
});
