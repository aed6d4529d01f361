import { expect, test } from "bun:test";
import type { Reading, Report, Result } from "../result.ts";
import { savePlot } from "./save-plot.ts";
import { spread, text } from "./svg.ts";
import { workPlot } from "./work-plot.ts";

const time = (key: string, value: number | null, extra: Partial<Reading> = {}): Reading => ({
  key,
  title: `work <${key}>`,
  unit: "ms",
  value,
  ...extra,
});

function result(tool: string, measure: string, rttMs: number, readings: Reading[]): Result {
  const nothing = { failure: null, firstSyncMs: null, divergences: 0, differences: [] };
  return { tool, measure, rttMs, readings, ...nothing };
}

function report(results: Result[]): Report {
  return {
    date: "2026-01-02T03:04:05.000Z",
    quick: true,
    machine: {
      cores: 2,
      processor: "Some & Co",
      memoryGb: 8,
      kernel: "Linux 6",
      load: 0.5,
      bun: "1",
      rsync: "3",
      ssh: "9",
    },
    place: "/dev/shm",
    isInMemory: true,
    tools: [
      { name: "tsync", version: "1.2" },
      { name: "slow", version: "3.4" },
      { name: "absent", version: null, missing: "it is not there" },
    ],
    results,
    ratios: [],
    targets: [],
    leftOut: [],
  };
}

const saves = [
  result("tsync", "save", 0, [time("p50", 4)]),
  result("tsync", "save", 50, [time("p50", 54)]),
  result("slow", "save", 50, [time("p50", 350)]),
  result("slow", "save", 0, [time("p50", null, { text: "> 15 s" })]),
];

test("a line for each tool through what was measured, and the machine", () => {
  const svg = savePlot(report(saves))!;
  expect(svg.match(/<polyline class="ink-/g)).toHaveLength(2);
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain(">tsync  54 ms</text>");
  expect(svg).toContain("Some &amp; Co");
  expect(svg).toContain("2026-01-02, a quick run: tsync 1.2, slow 3.4<");
  expect(svg).not.toContain("absent");
});

test("a slower tool is higher up, at the same round trip at the same place", () => {
  const svg = savePlot(report(saves))!;
  const dots = [...svg.matchAll(/<circle class="(\S+)" cx="([\d.]+)" cy="([\d.]+)"/g)];
  const [, , fast, slow] = [null, ...dots.map(([, name, x, y]) => ({ name, x: Number(x), y: Number(y) }))];
  expect(slow?.name).toBe("fill-other");
  expect(slow?.x).toBe(fast!.x);
  expect(slow!.y).toBeLessThan(fast!.y);
});

test("colours for a light and for a dark page", () => {
  const svg = savePlot(report(saves))!;
  expect(svg).toContain("@media (prefers-color-scheme:dark)");
  // On each ground every colour that is used is set.
  for (const [, names] of svg.matchAll(/class="([^"]+)"/g)) {
    for (const name of names!.split(" ")) expect(svg.split(`.${name}{`)).toHaveLength(3);
  }
});

test("bars are as long as the work took; what was given up is told", () => {
  const svg = workPlot(
    report([
      result("tsync", "burst", 50, [time("time", 1000), time("bytes", 7)]),
      result("slow", "burst", 50, [time("time", null, { text: "> 60 s", atLeast: 4000 })]),
      result("tsync", "burst", 0, [time("time", 1)]),
    ]),
  )!;
  const widths = [...svg.matchAll(/<rect class="fill-\S+" [^>]*?width="([\d.]+)"/g)].map(([, w]) =>
    Number(w),
  );
  expect(widths).toHaveLength(2);
  expect(widths[1]! / widths[0]!).toBeCloseTo(4, 1);
  expect(svg).toContain(">&gt; 60 s<");
  expect(svg).toContain("round trip of 50 ms");
});

test("nothing measured, nothing shown", () => {
  expect(savePlot(report([]))).toBeNull();
  expect(workPlot(report([]))).toBeNull();
});

test("words cannot break the picture", () => {
  expect(text(1, 2, `<&">`)).toContain(">&lt;&amp;&quot;&gt;</text>");
});

test("labels do not cover each other", () => {
  expect(spread([10, 12, 50], 15)).toEqual([10, 25, 50]);
  expect(spread([12, 10, 11], 5)).toEqual([20, 10, 15]);
  expect(spread([], 5)).toEqual([]);
});
