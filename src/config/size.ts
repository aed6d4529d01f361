/** Reads sizes like `100`, `10K`, `1.5M`, `2GiB`, `500KB`. */

const powers = ["", "K", "M", "G", "T"];

/** What a size looks like. (Without the flag `i`, so that it can stand in a JSON Schema.) */
export const sizePattern = /^(\d+(?:\.\d+)?)(?:([KMGTkmgt])([iI]?[Bb])?|[Bb])?$/;

/** The size in bytes: K, KiB = 1024, KB = 1000, and so on. Null if it is not a size. */
export function parseSize(text: string): number | null {
  const match = sizePattern.exec(text);
  if (match === null) return null;
  const [, amount, unit = "", suffix] = match;
  const base = suffix?.length === 1 ? 1000 : 1024;
  return Math.round(Number(amount) * base ** powers.indexOf(unit.toUpperCase()));
}
