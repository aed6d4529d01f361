/** The demo's table: aligned columns, numbers that people can read. */

const widths = { what: 32, elapsed: 9, did: 26, bytes: 10 };

interface Row {
  what: string;
  /** From the change to its arrival. */
  elapsedMs: number;
  /** What tsync says that it did. */
  did: string;
  bytesUp: number;
  bytesDown: number;
}

export const heading = line("", "arrived", "tsync did", "sent", "received");

export function tableLine(row: Row): string {
  return line(row.what, `${count(row.elapsedMs)} ms`, row.did, size(row.bytesUp), size(row.bytesDown));
}

function line(what: string, elapsed: string, did: string, up: string, down: string): string {
  const { bytes } = widths;
  return [
    `  ${what.padEnd(widths.what)}${elapsed.padStart(widths.elapsed)}`,
    `   ${did.padEnd(widths.did)}`,
    `${up.padStart(bytes)}${down.padStart(bytes)}`,
  ].join("");
}

/** Adds up what the batches of tsync did, for example "1 moved, 200 sent"; "-" if they do not tell. */
export function describeBatches(batches: readonly Record<string, unknown>[]): string {
  const sum = (key: string) =>
    batches.reduce((total, batch) => total + (typeof batch[key] === "number" ? batch[key] : 0), 0);
  const parts: [number, string][] = [
    [sum("moved"), "moved"],
    [sum("removed"), "removed"],
    [sum("directories"), sum("directories") === 1 ? "directory" : "directories"],
    [sum("sent"), "sent"],
  ];
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`);
  return told.length === 0 ? "-" : told.join(", ");
}

/** A whole number with separators. */
export function count(number: number): string {
  return Math.round(number).toLocaleString("en");
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
