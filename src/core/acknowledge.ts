/** What an acknowledged operation means for what a target holds. */
import { type Finding, isOfOtherKind } from "./drift.ts";
import { type Entry, unknownTimeMs } from "./entry.ts";
import { type Doubt, type Held, type HeldView, isInTransfer } from "./held.ts";
import { type Outcome, type Send, type Step, wasDone } from "./operation.ts";
import { join, type Path, parentOf, root } from "./path.ts";

/** The acknowledged entries of a target, to be changed by acknowledgements only. */
export interface HeldStore extends HeldView {
  /** Sets the entry at `path`; its children, if any, stay. The directory above must be held. */
  put(path: Path, held: Held): void;
  /** Moves an entry with all below it; what was held at `to` is forgotten with all below it. */
  move(from: Path, to: Path): void;
  /** Forgets an entry with all below it. */
  remove(path: Path): void;
}

/** An owner that the target has not acknowledged. */
const unknownOwner = -1;

/**
 * Records that `step` ended as `outcome`. What was not acknowledged stays as it was held. `replayed`: the step
 * is done again because its acknowledgement was lost, so that finding it done already proves it.
 */
export function acknowledgeStep(store: HeldStore, step: Step, outcome: Outcome, replayed: boolean): void {
  if (outcome.is === "failed" || outcome.is === "skipped" || outcome.is === "occupied") return;
  switch (step.do) {
    case "move":
      // Moved by somebody else, or lost: nothing is known of what is there, so it will be sent.
      // Or its new place is in a directory that is not held, because a step before was lost.
      if (!wasDone(outcome, replayed) || store.get(parentOf(step.to)) === null) store.remove(step.from);
      else store.move(step.from, step.to);
      forgetTime(store, parentOf(step.from));
      forgetTime(store, parentOf(step.to));
      break;
    case "make-directory":
      if (store.get(parentOf(step.path)) === null) return;
      store.put(step.path, {
        ...step.entry,
        mode: step.entry.mode | 0o700,
        mtimeMs: unknownTimeMs,
        uid: unknownOwner,
        gid: unknownOwner,
        doubt: "none",
      });
      forgetTime(store, parentOf(step.path));
      break;
    case "set-mode": {
      const held = store.get(step.path);
      if (held !== null) store.put(step.path, { ...held, mode: step.mode });
      break;
    }
    default:
      // It was kept because something that is held could not be removed: then it is held as well.
      if (outcome.is === "kept" && store.children(step.path).size > 0) return;
      store.remove(step.path);
      forgetTime(store, parentOf(step.path));
  }
}

/**
 * Records that `send` is about to begin: from now until its acknowledgement the target may have the old content,
 * the new one, or none.
 */
export function announceSend(store: HeldStore, send: Send): void {
  const before = store.get(send.path);
  if (before?.kind !== send.entry.kind) store.put(send.path, { ...send.entry, doubt: "first-transfer" });
  else if (!isInTransfer(before)) store.put(send.path, { ...before, doubt: "transfer" });
}

/** Records that `send` arrived; `doubt` as in `Held`. */
export function acknowledgeSend(store: HeldStore, send: Send, doubt: Doubt): void {
  store.put(send.path, { ...send.entry, doubt });
  // A file that was put in place changed the time of its directory there.
  if (send.entry.kind !== "directory") forgetTime(store, parentOf(send.path));
}

/** Records that the target holds what is on disk already, only under another identity. */
export function acknowledgeRecord(store: HeldStore, path: Path, entry: Entry): void {
  const held = store.get(path);
  if (held !== null) store.put(path, { ...held, dev: entry.dev, ino: entry.ino, birthMs: entry.birthMs });
}

/** Records what a look at the target found to be otherwise than it is held, so that the next plan mends it. */
export function acknowledgeFinding(store: HeldStore, finding: Finding): void {
  const { path } = finding;
  const held = store.get(path);
  if (held === null || finding.is === "extra") return;
  if (finding.is !== "different" || isOfOtherKind(finding)) {
    store.remove(path);
    return;
  }
  const { traits, there } = finding;
  // Size and time say nothing of it: it has to be sent whatever they are.
  if (traits.includes("content")) store.put(path, { ...held, doubt: "transfer" });
  else {
    const mode = traits.includes("mode") && there !== null ? there.mode : held.mode;
    store.put(path, { ...held, mode, uid: unknownOwner });
  }
}

/** Records that nothing is known of the attributes of all that is held below `path`: each is compared once more. */
export function forgetAttributes(store: HeldStore, path: Path = root): void {
  for (const [name, held] of store.children(path)) {
    const child = join(path, name);
    store.put(child, { ...held, uid: unknownOwner });
    if (held.kind === "directory") forgetAttributes(store, child);
  }
}

function forgetTime(store: HeldStore, path: Path): void {
  if (path === root) return;
  const held = store.get(path);
  if (held !== null && held.mtimeMs !== unknownTimeMs) store.put(path, { ...held, mtimeMs: unknownTimeMs });
}
