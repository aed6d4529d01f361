/** Files that are too small or too large to be mirrored. */
import type { Entry } from "./entry.ts";

/** The sizes of files that are mirrored, both ends included. */
export interface SizeLimits {
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** True if `entry` is a file beyond the limits. Other kinds have no size that counts. */
export function isBeyond(limits: SizeLimits, { kind, size }: Pick<Entry, "kind" | "size">): boolean {
  return kind === "file" && (size < limits.minBytes || size > limits.maxBytes);
}
