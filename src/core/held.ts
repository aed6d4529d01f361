/** What a target holds, as the planner reads it. The ledger implements this; tests use a plain map. */
import type { Entry } from "./entry.ts";
import type { Path } from "./path.ts";

/**
 * - `racy`: the source was read so soon after its last change that a later change could carry the same time.
 * - `transfer`: a transfer began and was not acknowledged.
 * - `first-transfer`: the same, of what the target had nothing of before: it may have nothing of it still.
 */
export type Doubt = "none" | "racy" | "transfer" | "first-transfer";

/** An entry that a target has acknowledged. Times and owners it has not acknowledged are unknown. */
export interface Held extends Entry {
  /** If the target may have something else than this: then the next look counts it as changed. */
  readonly doubt: Doubt;
}

/** The acknowledged entries of one target, by path and by identity. */
export interface HeldView {
  /** The entry at `path`, or null. The root is always held, as a directory. */
  get(path: Path): Held | null;
  /** The entries directly below `path`, by name; empty if there are none. */
  children(path: Path): ReadonlyMap<string, Held>;
  /** The paths that hold the identity of `entry`; several for hard links. */
  find(entry: Entry): readonly Path[];
}

/** True if a transfer of it began and was not acknowledged. */
export function isInTransfer({ doubt }: Held): boolean {
  return doubt === "transfer" || doubt === "first-transfer";
}
