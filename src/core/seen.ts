/** What a look at the disk found at one path. */
import type { Entry } from "./entry.ts";
import { depthOf, type Path } from "./path.ts";

/** One path of a look. */
export interface Seen {
  /** What is there now; null if nothing is. */
  readonly entry: Entry | null;
  /** True if it is still being written: it may be moved, but its content is not sent yet. */
  readonly unsettled: boolean;
  /** True for a directory that seems to be moved, and was not looked into. */
  readonly unlisted: boolean;
  /** True if something happened to it that may have changed what no look shows. */
  readonly touched?: boolean;
}

/** True if something is not where it was: it may have been moved to where it is not seen yet. */
export function vacatesSomething(seen: ReadonlyMap<Path, Seen>): boolean {
  for (const { entry } of seen.values()) if (entry === null) return true;
  return false;
}

/** Sorts parents before children, and otherwise by bytes. */
export function compareByDepth(a: Path, b: Path): number {
  return depthOf(a) - depthOf(b) || (a < b ? -1 : a > b ? 1 : 0);
}
