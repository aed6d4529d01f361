/** Guards: what must be true of a source before anything is removed on a target. */
import { type Entry, type Identity, sameIdentity } from "./entry.ts";

/** What a look at the source's root found. */
export interface RootState {
  /** The root directory now; null if there is none. */
  readonly root: Entry | null;
  /** True if the root could be listed and holds nothing. */
  readonly isEmpty: boolean;
}

/** Why a mirror is halted: nothing is changed on the target until it is over. */
export type Halt =
  | "source-missing"
  | "source-unreadable"
  | "source-replaced"
  | "source-empty"
  | "source-unmarked"
  | "too-many-deletes"
  | "too-many-extras";

/** How many deletions that nobody saw happen are followed: a number of entries, or a part of what is held. */
export interface DeletionLimit {
  /** Entries that may always be deleted. */
  readonly count: number;
  /** From 0 to 1: the part of what the target holds; the larger of the two counts. */
  readonly share: number;
}

/** Without `--max-delete`. */
export const usualDeletionLimit: DeletionLimit = { count: 1_000, share: 0.25 };

/** True if `deletions` of the `held` entries are more than the limit allows. */
export function isTooMuch(deletions: number, held: number, limit: DeletionLimit): boolean {
  return deletions > limit.count && deletions > limit.share * held;
}

/**
 * Checks the source's root. `known` is the root that the ledger was made from (null: none yet), `holds` whether
 * the target holds anything of it. Returns null if all is well.
 */
export function checkRoot(now: RootState, known: Entry | null, holds: boolean): Halt | null {
  if (now.root === null) return "source-missing";
  if (now.root.kind === "problem") return "source-unreadable";
  if (now.root.kind !== "directory") return "source-missing";
  if (known !== null && holds && !sameRoot(known, now.root)) return "source-replaced";
  if (holds && now.isEmpty) return "source-empty";
  return null;
}

/** What a halt means and what to do about it. `what` names the source, `mark` the file that must be in it. */
export function explainHalt(halt: Halt, what: string, mark = ""): { message: string; hint: string } {
  const unchanged = "nothing was removed on the target";
  switch (halt) {
    case "source-missing":
      return { message: `the source ${what} is gone; ${unchanged}`, hint: "tsync goes on when it is back" };
    case "source-unreadable":
      return {
        message: `the source ${what} cannot be read; ${unchanged}`,
        hint: "tsync goes on when it can be read",
      };
    case "source-replaced":
      return {
        message: `the source ${what} is another directory than before (replaced, or not mounted); ${unchanged}`,
        hint: "mount or restore it; if it is meant, tsync resume --accept-deletes (or start it with that)",
      };
    case "source-empty":
      return {
        message: `the source ${what} is empty, but was not before; ${unchanged}`,
        hint: "tsync goes on when most of it is back; if it is meant, tsync resume --accept-deletes (or start it with that)",
      };
    case "source-unmarked":
      return {
        message: `${mark} is not in the source ${what}, and must be; ${unchanged}`,
        hint: "mount the source, or make it complete; tsync goes on when it is there",
      };
    case "too-many-extras":
      return {
        message: `much of what is on the target is not in the source ${what}; ${unchanged}`,
        hint: "check the target; if it is meant, tsync resume --accept-deletes (or start it with that), or raise --max-delete",
      };
    case "too-many-deletes":
      return {
        message: `much of what the target holds is gone from the source ${what}, and nobody saw it go; ${unchanged}`,
        hint: "tsync goes on when it is back; if it is meant, tsync resume --accept-deletes (or start it with that), or raise --max-delete",
      };
  }
}

/** Same directory, also on a file system that has no birth times. */
function sameRoot(a: Entry, b: Entry): boolean {
  if (a.birthMs === 0 && b.birthMs === 0) return (a as Identity).ino === b.ino;
  return sameIdentity(a, b);
}
