/**
 * The plan: what turns the tree that a target holds into the tree on disk, each change in its cheapest form.
 * Pure and synchronous: `held` is what the target acknowledged, `seen` is what a look at the disk found.
 */
import { difference } from "./diff.ts";
import type { Entry } from "./entry.ts";
import { type HeldView, isInTransfer } from "./held.ts";
import { Moves } from "./moves.ts";
import { pathOf, type Send, type Step } from "./operation.ts";
import type { Path } from "./path.ts";
import { Rearrangement } from "./rearrange.ts";
import { compareByDepth, type Seen } from "./seen.ts";

/**
 * What may be deleted on a target.
 * - `tracked`: what tsync put there and the source no longer has.
 * - `exact`: everything that the source does not have.
 * - `never`: nothing; a moved entry keeps its old name there as well, and is sent under the new one.
 */
export type DeleteMode = "tracked" | "exact" | "never";

/**
 * What a user asks for: one of the above, or one that changes once the first comparison is over.
 * - `startup`: `exact` at the start, `never` afterwards.
 * - `live`: `never` at the start, `tracked` afterwards.
 */
export type DeletePolicy = DeleteMode | "startup" | "live";

/** The mode that `policy` means now; `isLive` once the first comparison is over. */
export function deleteModeOf(policy: DeletePolicy, isLive: boolean): DeleteMode {
  if (policy === "startup") return isLive ? "never" : "exact";
  if (policy === "live") return isLive ? "tracked" : "never";
  return policy;
}

/** What shapes a plan besides the two trees. */
export interface PlanOptions {
  readonly delete: DeleteMode;
  /** True while the target may hold files that the ledger does not know: new files are compared first. */
  readonly adopt: boolean;
  /** False if the target can move nothing: a moved entry is removed, and sent under its new name. */
  readonly canMove: boolean;
  /** Destinations that a move could not reach: they are sent instead. */
  readonly unmovable: ReadonlySet<Path>;
  /** True if attributes are mirrored that no look shows: what was touched, or has another mode, is sent. */
  readonly unseenAttributes?: boolean;
}

/** Operations in the order in which they must happen: `steps`, `sends`, `closing`, and at leisure `attributes`. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly sends: readonly Send[];
  /** Permission bits, deepest first: they could get in the way of the steps and sends. */
  readonly closing: readonly Step[];
  /** Owners and times of directories: these wait until the target is idle. */
  readonly attributes: readonly Send[];
  /** What the target holds already, under another identity: only the ledger has to learn it. */
  readonly records: readonly { readonly path: Path; readonly entry: Entry }[];
  /** What could not be read, with the reason. */
  readonly problems: readonly { readonly path: Path; readonly reason: string }[];
  /** What cannot be sent because something that must not be deleted is in its place. */
  readonly blocked: readonly Path[];
  /** To be looked at as a whole after these steps: moved without a look inside, or seen in the middle of a change. */
  readonly lookAgain: readonly Path[];
}

/** True if there is nothing to be done on the target. */
export function isEmpty(plan: Plan): boolean {
  const { steps, sends, closing, attributes, records } = plan;
  return [steps, sends, closing, attributes, records].every((list) => list.length === 0);
}

/** The paths of the entries that a plan removes. */
export function removalsIn({ steps }: Plan): Path[] {
  return steps.filter((step) => step.do.startsWith("remove")).map(pathOf);
}

/**
 * Plans the difference between what is `held` and what was `seen`. A path that is not in `seen` stays as it is
 * held, or moves along with its directory.
 */
export function makePlan(held: HeldView, seen: ReadonlyMap<Path, Seen>, options: PlanOptions): Plan {
  const paths = [...seen.keys()].sort(compareByDepth);
  const allowed = options.canMove && options.delete !== "never";
  const moves = new Moves(held, seen, { allowed, unmovable: options.unmovable });
  const rearrangement = new Rearrangement(held, seen, moves, options.delete);
  for (const path of paths) rearrangement.settle(path);
  for (const path of paths) rearrangement.removeGone(path);

  const sends: Send[] = [];
  const closing: Step[] = [];
  const attributes: Send[] = [];
  const records: { path: Path; entry: Entry }[] = [];
  const problems: { path: Path; reason: string }[] = [];
  const lookAgain: Path[] = [...rearrangement.parked];
  for (const path of paths) {
    const { entry, unsettled, unlisted, touched = false } = seen.get(path)!;
    if (entry === null) {
      // The look contradicts itself: it was taken while things changed.
      if (options.delete !== "never" && !rearrangement.isAt(path, null)) lookAgain.push(path);
      continue;
    }
    if (unlisted) lookAgain.push(path);
    if (entry.kind === "problem") {
      problems.push({ path, reason: entry.link });
      continue;
    }
    const origin = moves.origin(path);
    const before = origin === null ? null : held.get(origin);
    const differs = difference(before, entry);
    if (differs !== "new" && differs !== "replaced" && !rearrangement.isAt(path, origin)) {
      if (!rearrangement.blocked.has(path)) lookAgain.push(path);
      continue;
    }
    if (differs === "same" && !touched) continue;
    if (differs === "identity") {
      records.push({ path, entry });
      continue;
    }
    if (!rearrangement.makeReady(path)) {
      if (!rearrangement.blocked.has(path)) lookAgain.push(path);
      continue;
    }
    if (differs === "same" || (differs === "mode" && options.unseenAttributes)) {
      sends.push({ path, entry, compare: "unless-equal" });
      continue;
    }
    const modeDiffers = before !== null && before.kind === entry.kind && before.mode !== entry.mode;
    if (entry.kind === "directory") {
      if (modeDiffers) closing.push({ do: "set-mode", path, mode: entry.mode });
      if (differs !== "mode") attributes.push({ path, entry, compare: "unless-equal" });
    } else if (differs === "mode") {
      closing.push({ do: "set-mode", path, mode: entry.mode });
    } else if (!unsettled) {
      const mayBeThere = differs === "attributes" || (differs === "new" && options.adopt);
      const grown = differs === "content" && !isInTransfer(before!) && before!.size < entry.size;
      sends.push({
        path,
        entry,
        compare: mayBeThere ? "unless-equal" : "changed",
        ...(grown ? { grown } : {}),
      });
    }
  }
  closing.push(...rearrangement.relocks());
  closing.sort((a, b) => compareByDepth(pathOf(b), pathOf(a)));
  for (const [from, to] of moves.all()) {
    // What is at the old place now may be another directory, with things that were in the moved one.
    if (held.get(from)?.kind === "directory") lookAgain.push(from, to);
  }
  const blocked = [...rearrangement.blocked];
  return { steps: rearrangement.steps, sends, closing, attributes, records, problems, blocked, lookAgain };
}
