/** Reads sizes like `100`, `10K`, `1.5M`, `2GiB`, `500KB`. */

const powers = ["", "K", "M", "G", "T"];

/** The size in bytes: K, KiB = 1024, KB = 1000, and so on. Null if it is not a size. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)(B|iB)?$/i.exec(text);
  if (match === null) return null;
  const [, amount, unit, suffix] = match;
  if (unit === "" && suffix?.toLowerCase() === "ib") return null;
  const base = suffix?.toLowerCase() === "b" ? 1000 : 1024;
  return Math.round(Number(amount) * base ** powers.indexOf(unit!.toUpperCase()));
}
