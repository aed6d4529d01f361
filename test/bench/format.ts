/** Numbers and tables as people read them. */
import type { Unit } from "./result.ts";

/** `value` with its unit, three digits or so. */
export function formatValue(value: number, unit: Unit): string {
  if (unit === "ms") return value < 10_000 ? `${digits(value)} ms` : `${digits(value / 1000)} s`;
  if (unit === "count") return formatCount(value);
  if (value < 1000) return `${value} B`;
  return value < 1e6 ? `${digits(value / 1e3)} kB` : `${digits(value / 1e6)} MB`;
}

/** A whole number with its thousands apart. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `7.1x`. */
export function formatRatio(ratio: number): string {
  return `${ratio < 0.1 ? ratio.toFixed(2) : digits(ratio)}x`;
}

/** One digit after the point below 10. */
function digits(value: number): string {
  return value < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

/** Columns side by side, the first to the left and the others to the right, with a line below the header. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    widths
      .map((width, i) => (i === 0 ? (cells[i] ?? "").padEnd(width) : (cells[i] ?? "").padStart(width)))
      .join("  ")
      .trimEnd();
  return [line(header), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}
