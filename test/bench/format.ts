/** Numbers and tables as people read them. */
import type { Unit } from "./result.ts";

/** `value` with its unit, three digits or so. */
export function formatValue(value: number, unit: Unit): string {
  if (unit === "ms") return value < 10_000 ? `${digits(value)} ms` : `${digits(value / 1000)} s`;
  if (unit === "count") return formatCount(value);
  return unit === "rate" ? `${formatBytes(value)}/s` : formatBytes(value);
}

function formatBytes(value: number): string {
  if (value < 1000) return `${value.toFixed(0)} B`;
  if (value < 1e6) return `${digits(value / 1e3)} kB`;
  return value < 1e9 ? `${digits(value / 1e6)} MB` : `${digits(value / 1e9)} GB`;
}

/** A size that is a power of two, or nearly: `256 MiB`. */
export function formatBinary(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${Math.round(bytes / 2 ** 30)} GiB`;
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
