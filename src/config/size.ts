/** Reads sizes as rsync writes them: `100`, `10K`, `1.5M`, `2GB`, `1TiB`. */

const powers: Record<string, number> = { "": 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** What a size looks like. (Without the flag `i`, so that it can stand in a JSON Schema.) */
export const sizePattern = /^(\d+(?:\.\d*)?|\.\d+)(?:([KMGTPkmgtp])([iI]?[Bb])?|[Bb])?$/;

/**
 * The size in bytes: K, M, G, T and P alone or with `iB` count in 1024, with `B` in 1000. Null if it is not a size,
 * or one that no file has.
 */
export function parseSizeBytes(text: string): number | null {
  const match = sizePattern.exec(text);
  if (match === null) return null;
  const unit = match[3]?.toLowerCase() === "b" ? 1000 : 1024;
  const bytes = Math.floor(Number(match[1]) * unit ** powers[(match[2] ?? "").toLowerCase()]!);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
