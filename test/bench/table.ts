/** Puts results side by side: a row a reading, a column a tool. */
import { formatRatio, formatTable, formatValue } from "./format.ts";
import type { Ratio, Reading, Result } from "./result.ts";
import { ratio } from "./statistics.ts";

/** The tool that the others are compared with. */
const reference = "tsync";

/** The table of results that have the round-trip time in common; `heading` stands above its rows. */
export function resultTable(results: readonly Result[], heading: string, tools: readonly string[]): string {
  const rows: string[][] = [];
  for (const [measure, titles] of titlesByMeasure(results)) {
    for (const title of titles) {
      const cells = tools.map((tool) =>
        cell(
          results.find((result) => result.tool === tool && result.measure === measure),
          title,
          readingOf(results, reference, title),
        ),
      );
      rows.push([title, ...cells]);
    }
  }
  // Not everything that is measured mirrors a tree.
  if (results.some((result) => result.divergences !== null || result.failure !== null))
    rows.push(["differences between the trees", ...tools.map((tool) => divergences(results, tool))]);
  return formatTable([heading, ...tools], rows);
}

/** All numbers of the other tools that can be compared with those of tsync. */
export function ratiosOf(results: readonly Result[]): Ratio[] {
  const ratios: Ratio[] = [];
  for (const { rttMs, tool, readings } of results) {
    if (tool === reference) continue;
    const ofRtt = results.filter((result) => result.rttMs === rttMs);
    for (const reading of readings) {
      const times = timesReference(reading, readingOf(ofRtt, reference, reading.title));
      if (times !== null) ratios.push({ rttMs, title: reading.title, tool, ratio: times });
    }
  }
  return ratios;
}

/** The titles of each measure's readings, in the order in which they came up with any tool. */
function titlesByMeasure(results: readonly Result[]): Map<string, string[]> {
  const titles = new Map<string, string[]>();
  for (const { measure, readings } of results) {
    const ofMeasure = titles.get(measure) ?? [];
    titles.set(measure, ofMeasure);
    for (const { title } of readings) if (!ofMeasure.includes(title)) ofMeasure.push(title);
  }
  // A measure at which every tool failed still deserves a row.
  for (const [measure, ofMeasure] of titles) if (ofMeasure.length === 0) ofMeasure.push(measure);
  return titles;
}

function readingOf(results: readonly Result[], tool: string, title: string): Reading | undefined {
  return results
    .filter((result) => result.tool === tool)
    .flatMap((result) => result.readings)
    .find((reading) => reading.title === title);
}

function cell(result: Result | undefined, title: string, base: Reading | undefined): string {
  if (result === undefined) return "-";
  const reading = result.readings.find((candidate) => candidate.title === title);
  // Where the tool did other work of the measure, this was none of its own.
  if (reading === undefined) return result.readings.length === 0 ? "failed" : "-";
  if (reading.text !== undefined || reading.value === null) return reading.text ?? "missed";
  const text = formatValue(reading.value, reading.unit);
  const times = result.tool === reference ? null : timesReference(reading, base);
  return times === null ? text : `${text} ${`(${formatRatio(times)})`.padStart(7)}`;
}

function timesReference(reading: Reading, base: Reading | undefined): number | null {
  return reading.unit === "count" || reading.unit === "rate"
    ? null
    : ratio(reading.value, base?.value ?? null);
}

/** The differences at the end of all measures together. */
function divergences(results: readonly Result[], tool: string): string {
  const counts = results.filter((result) => result.tool === tool).map((result) => result.divergences);
  const known = counts.filter((count) => count !== null);
  if (known.length === 0) return "-";
  const sum = known.reduce((a, b) => a + b, 0);
  return formatValue(sum, "count");
}
