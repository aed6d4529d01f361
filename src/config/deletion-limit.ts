/** Reads `--max-delete`. */
import { type DeletionLimit, usualDeletionLimit } from "../core/safety.ts";

/** The limit that `text` means (a number of entries, a percentage, `none`); null if it is none of these. */
export function parseDeletionLimit(text: string | undefined): DeletionLimit | null {
  if (text === undefined) return usualDeletionLimit;
  if (text === "none") return { count: Number.POSITIVE_INFINITY, share: 1 };
  if (/^\d{1,9}$/.test(text)) return { count: Number(text), share: 0 };
  const percentage = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percentage === undefined || Number(percentage) > 100) return null;
  return { count: 0, share: Number(percentage) / 100 };
}
