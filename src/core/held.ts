/** What a target holds, as the planner reads it. The ledger implements this; tests use a plain map. */
import type { Entry } from "./entry.ts";
import type { Path } from "./path.ts";

/** An entry that a target has acknowledged. Times and owners it has not acknowledged are unknown. */
export interface Held extends Entry {
  /**
   * True if the target may have something else than this: a transfer was under way that has not been
   * acknowledged, or the source was read so soon after its last change that a later change could carry the same
   * time stamp. The next look counts it as changed.
   */
  readonly doubt: boolean;
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
