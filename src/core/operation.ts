/** What tsync does to a target, as data. */
import type { Entry } from "./entry.ts";
import type { Path } from "./path.ts";

/**
 * An operation without content. Each can be done again when it is not known whether it was done; `segments`
 * says of how many at a time that is true.
 * - `move`: rename; what is at `to` is replaced, but never a directory, and nothing nests below it.
 * - `remove`: remove one entry that is not a directory, or a directory that is empty (a file that became one while
 *   it was sent). One that is not empty is kept: tsync did not put it there.
 * - `remove-directory`: remove a directory if it is empty; what tsync did not put there is kept, and so is it.
 * - `remove-tree`: remove whatever is there with all below it (only with `--delete exact`).
 * - `make-directory`: make a directory that its owner can work in (`mode | 0o700`); one that is there is kept.
 * - `set-mode`: set the permission bits. A mode that is left to the target (`anyMode`) stays as it is there.
 */
export type Step =
  | { readonly do: "move"; readonly from: Path; readonly to: Path }
  | { readonly do: "remove"; readonly path: Path }
  | { readonly do: "remove-directory"; readonly path: Path }
  | { readonly do: "remove-tree"; readonly path: Path }
  | { readonly do: "make-directory"; readonly path: Path; readonly entry: Entry }
  | { readonly do: "set-mode"; readonly path: Path; readonly mode: number };

/**
 * What became of a step.
 * - `done`, or it was so already.
 * - `already`: a move whose source is gone and whose destination is there.
 * - `missing`: a move whose source and destination are both gone.
 * - `occupied`: something that tsync may not replace is in the way.
 * - `kept`: a directory was not removed because it holds what tsync did not put there.
 * - `skipped`: not tried, because a step before it failed.
 * - `failed`: tried, and refused by the target's system; `reason` is its message.
 */
export type Outcome =
  | { readonly is: "done" | "already" | "missing" | "occupied" | "kept" | "skipped" }
  | { readonly is: "failed"; readonly reason: string };

/**
 * Content or attributes to be sent through rsync.
 * - `changed`: the ledger says that the content differs: compared block by block, whatever the times say.
 * - `unless-equal`: size and time decide (rsync's quick check): for what may be there already, and for
 *   attributes, which cost no content.
 */
export interface Send {
  readonly path: Path;
  readonly entry: Entry;
  readonly compare: "changed" | "unless-equal";
  /** True for a file of which the target holds a shorter version, as far as the ledger tells. */
  readonly grown?: boolean;
}

/** True if later operations rely on this step. */
export function isBuiltOn(step: Step): boolean {
  return step.do === "move" || step.do === "make-directory";
}

/** True if the step has its effect; a replayed move has it too if it was done before. */
export function wasDone(outcome: Outcome, replayed: boolean): boolean {
  return outcome.is === "done" || outcome.is === "kept" || (replayed && outcome.is === "already");
}

/** The path at which a step's effect is visible. */
export function pathOf(step: Step): Path {
  return step.do === "move" ? step.to : step.path;
}
