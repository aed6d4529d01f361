/** How long each tool takes for larger pieces of work at one round trip: bars, each piece on a scale of its own. */
import { formatValue } from "../format.ts";
import type { Reading, Report, Result } from "../result.ts";
import { machineLines } from "./machine-lines.ts";
import { bar, picture, text, toolClass } from "./svg.ts";

const width = 760;
const [barLeft, barRight] = [150, 630];
const [rowHeight, barHeight, headHeight, groupGap] = [20, 14, 24, 14];
/** The round trip that is shown if it was measured, in ms. */
const preferredMs = 50;
const pieces = ["directory", "burst", "removal", "renames", "delta", "targets"];

interface Group {
  title: string;
  rows: { tool: string; reading: Reading }[];
}

/** The plot, or null where there is nothing to show. */
export function workPlot(report: Report): string | null {
  const rttMs = roundTripOf(report.results);
  if (rttMs === undefined) return null;
  const groups = groupsAt(report, rttMs);
  if (groups.length === 0) return null;
  const title = `Time for larger work, at a round trip of ${rttMs} ms`;
  const parts = [
    text(20, 32, title, { size: 17, bold: true }),
    text(20, 52, "until all of it can be seen on the target; each group has its own scale, less is better", {
      style: "faint",
    }),
  ];
  let y = 66;
  for (const { title: heading, rows } of groups) {
    y += groupGap;
    parts.push(text(20, y + 12, heading, { bold: true }));
    y += headHeight;
    const most = Math.max(...rows.map(({ reading }) => reading.value ?? reading.atLeast ?? 0));
    for (const { tool, reading } of rows) {
      const amount = reading.value ?? reading.atLeast ?? most;
      const length = most === 0 ? 0 : Math.max((amount / most) * (barRight - barLeft), 2);
      const label = reading.value === null ? (reading.text ?? "failed") : formatValue(reading.value, "ms");
      const isOurs = tool === "tsync";
      parts.push(text(barLeft - 10, y + barHeight - 3, tool, { anchor: "end", bold: isOurs }));
      parts.push(bar(barLeft, y, length, barHeight, `fill-${toolClass(tool)}`, reading.value === null));
      parts.push(text(barLeft + length + 8, y + barHeight - 3, label, { bold: isOurs }));
      y += rowHeight;
    }
  }
  const height = y + 66;
  parts.push(...machineLines(report, 20, height - 34));
  const description = groups
    .map(({ title: heading, rows }) => {
      const values = rows.map(
        ({ tool, reading: { value, text: words } }) =>
          `${tool} ${value === null ? (words ?? "failed") : formatValue(value, "ms")}`,
      );
      return `${heading}: ${values.join(", ")}`;
    })
    .join(". ");
  return picture({ width, height, title, description, parts });
}

function roundTripOf(results: readonly Result[]): number | undefined {
  const there = results
    .filter(({ measure }) => pieces.includes(measure))
    .map(({ rttMs }) => rttMs)
    .filter((rttMs) => rttMs !== null);
  return there.includes(preferredMs) ? preferredMs : there.sort((a, b) => b - a)[0];
}

/** Pieces of work that only one tool did are left out: alone, a bar says nothing. */
function groupsAt({ results, tools }: Report, rttMs: number): Group[] {
  return pieces
    .map((piece) => {
      const rows = tools.flatMap(({ name: tool }) => {
        const result = results.find(
          (candidate) => candidate.rttMs === rttMs && candidate.measure === piece && candidate.tool === tool,
        );
        const reading = result?.readings.find(({ key }) => key === "time" || key === "p50");
        return reading === undefined ? [] : [{ tool, reading }];
      });
      return { title: rows[0]?.reading.title ?? piece, rows };
    })
    .filter(({ rows }) => rows.length > 1);
}
