/** Sizes and rates as rsync writes them, in tsync's form. */

/**
 * A size as rsync reads it (`100`, `1.5m`, `2MB`, `3GiB`) in tsync's form; a number alone is in `unit`. Null if it
 * is something else.
 */
export function readAmount(text: string, unit: "" | "K"): string | null {
  const match = /^(\d+(?:\.\d+)?)(?:([bkmgt])(i?b)?)?$/i.exec(text.trim());
  if (match === null) return null;
  const [, number, letter = unit, end = ""] = match;
  const upper = letter.toUpperCase();
  if (upper === "B" || upper === "") return number!;
  if (end.toLowerCase() !== "b") return `${number}${upper}`;
  // MB and the like count in thousands.
  const bytes = Number(number) * 1000 ** ("KMGT".indexOf(upper) + 1);
  return `${Math.max(1, Math.round(bytes / 1024))}K`;
}
