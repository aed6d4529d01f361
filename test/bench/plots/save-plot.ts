/** How the time from save to visible grows with the round trip: a line for each tool. */
import { formatValue } from "../format.ts";
import type { Report } from "../result.ts";
import { machineLines } from "./machine-lines.ts";
import { dot, line, path, picture, spread, text, toolClass } from "./svg.ts";

const [width, height] = [760, 430];
const area = { left: 70, right: 585, top: 70, bottom: 330 };
/** Of the scale of times, in ms; it is logarithmic, for tools differ by a hundred times. */
const [leastMs, stepsMs] = [1, [1, 10, 100, 1000, 10_000]];
const labelGap = 17;
const title = "Save to visible: median time by round trip";

interface Series {
  tool: string;
  points: { rttMs: number; ms: number }[];
}

/** The plot, or null where there is nothing to show. */
export function savePlot(report: Report): string | null {
  const all = seriesOf(report);
  if (all.length === 0) return null;
  const points = all.flatMap((series) => series.points);
  const rtts = [...new Set(points.map(({ rttMs }) => rttMs))].sort((a, b) => a - b);
  const longest = Math.max(...rtts, 1);
  const mostMs = stepsMs.find((step) => points.every(({ ms }) => ms <= step)) ?? stepsMs.at(-1)!;
  const x = (rttMs: number) => area.left + 20 + (rttMs / longest) * (area.right - area.left - 40);
  const y = (ms: number) => {
    const share = Math.log(Math.max(ms, leastMs) / leastMs) / Math.log(mostMs / leastMs);
    return area.bottom - Math.min(share, 1) * (area.bottom - area.top);
  };

  const parts = [
    text(20, 32, title, { size: 17, bold: true }),
    text(20, 52, "one file of 4 KiB is saved; logarithmic scale, less is better", { style: "faint" }),
  ];
  for (const step of stepsMs.filter((candidate) => candidate <= mostMs)) {
    parts.push(line(area.left, y(step), area.right, y(step), "grid"));
    const label = step < 1000 ? `${step} ms` : `${step / 1000} s`;
    parts.push(text(area.left - 8, y(step) + 4, label, { anchor: "end", style: "faint", size: 12 }));
  }
  for (const rttMs of rtts) {
    parts.push(
      text(x(rttMs), area.bottom + 20, `${rttMs} ms`, { anchor: "middle", style: "faint", size: 12 }),
    );
  }
  const middle = (area.left + area.right) / 2;
  parts.push(
    text(middle, area.bottom + 38, "round trip of the link", { anchor: "middle", style: "faint", size: 12 }),
  );
  // No tool can be faster than half a round trip; one that asks before it sends needs a whole one.
  const limit = [...Array(51).keys()].map((i) => (i / 50) * longest).filter((rttMs) => rttMs / 2 >= leastMs);
  if (limit.length > 1) {
    parts.push(
      path(
        limit.map((rttMs) => [x(rttMs), y(rttMs)] as const),
        "mark",
        { width: 1.5, dashed: true },
      ),
    );
  }

  const ends = all.map(({ points: own }) => y(own.at(-1)!.ms));
  const limitEnd = limit.length > 1 ? [y(longest)] : [];
  const places = spread([...ends, ...limitEnd], labelGap);
  for (const [i, { tool, points: own }] of all.entries()) {
    const name = toolClass(tool);
    const drawn = own.map(({ rttMs, ms }) => [x(rttMs), y(ms)] as const);
    parts.push(path(drawn, `ink-${name}`, { width: tool === "tsync" ? 3 : 2 }));
    for (const [left, top] of drawn) parts.push(dot(left, top, `fill-${name}`));
    const label = `${tool}  ${formatValue(own.at(-1)!.ms, "ms")}`;
    parts.push(
      text(area.right + 8, places[i]! + 4, label, { style: `fill-${name}`, bold: tool === "tsync" }),
    );
  }
  if (limitEnd.length > 0) {
    parts.push(text(area.right + 8, places.at(-1)! + 4, "one round trip", { style: "faint" }));
  }
  parts.push(...machineLines(report, 20, height - 42));
  const description = all
    .map(({ tool, points: own }) => {
      const values = own.map(({ rttMs, ms }) => `${formatValue(ms, "ms")} at ${rttMs} ms`);
      return `${tool}: ${values.join(", ")}`;
    })
    .join(". ");
  return picture({ width, height, title, description, parts });
}

function seriesOf({ results, tools }: Report): Series[] {
  return tools
    .map(({ name: tool }) => {
      const points = results
        .filter((result) => result.tool === tool && result.measure === "save")
        .map(({ rttMs, readings }) => ({
          rttMs: rttMs ?? 0,
          ms: readings.find(({ key }) => key === "p50")?.value ?? null,
        }))
        .filter((point): point is { rttMs: number; ms: number } => point.ms !== null)
        .sort((a, b) => a.rttMs - b.rttMs);
      return { tool, points };
    })
    .filter(({ points }) => points.length > 0);
}
