/** What the engine tells whoever shows it to the user. `target` is the target's name as the user wrote it. */

import type { Finding, FindingCounts } from "../core/drift.ts";
import type { Step } from "../core/operation.ts";
import type { Path } from "../core/path.ts";
import type { Progress } from "./progress.ts";
import type { TargetState } from "./state.ts";

/** What one batch did. */
export interface BatchCounts {
  moved: number;
  removed: number;
  /** Directories made. */
  directories: number;
  /** Permission bits set. */
  modes: number;
  /** Files, links and specials sent, with content or attributes only. */
  sent: number;
  /** Bytes of content that travelled. */
  contentBytes: number;
  /** How often content was transferred: runs of rsync. */
  transfers: number;
}

/** Nothing was done. */
export const noCounts: Readonly<BatchCounts> = {
  moved: 0,
  removed: 0,
  directories: 0,
  modes: 0,
  sent: 0,
  contentBytes: 0,
  transfers: 0,
};

/** What was done in both. */
export function addCounts(one: Readonly<BatchCounts>, other: Readonly<BatchCounts>): BatchCounts {
  return {
    moved: one.moved + other.moved,
    removed: one.removed + other.removed,
    directories: one.directories + other.directories,
    modes: one.modes + other.modes,
    sent: one.sent + other.sent,
    contentBytes: one.contentBytes + other.contentBytes,
    transfers: one.transfers + other.transfers,
  };
}

/** How much that is. */
export function total(counts: BatchCounts): number {
  return counts.moved + counts.removed + counts.directories + counts.modes + counts.sent;
}

/** One operation that was carried out. */
export interface Done {
  readonly do: Step["do"] | "send";
  readonly path: Path;
  /** Where a moved entry was before. */
  readonly from?: Path;
}

/** One thing that happened. */
export type Report =
  | { readonly event: "connected"; readonly target: string }
  | ({
      readonly event: "batch";
      readonly target: string;
      readonly elapsedMs: number;
      /** What was done, in order; at most 1,000. */
      readonly done: readonly Done[];
    } & Readonly<BatchCounts>)
  /** Now and then, while a batch takes long. */
  | ({ readonly event: "progress"; readonly target: string } & Progress)
  /** What was told of is over, done or not. */
  | { readonly event: "progress-end"; readonly target: string }
  | { readonly event: "in-sync"; readonly target: string; readonly entries: number; readonly failing: number }
  | { readonly event: "kept"; readonly target: string; readonly count: number; readonly example: Path }
  | {
      readonly event: "failing";
      readonly target: string;
      readonly path: Path;
      readonly reason: string;
      readonly retryMs: number;
    }
  | { readonly event: "recovered"; readonly target: string; readonly path: Path }
  | {
      readonly event: "disconnected";
      readonly target: string;
      readonly reason: string;
      readonly hint: string;
      readonly retryMs: number;
    }
  /** What made the target's work end; not told of what a guard halts, or somebody stops. */
  | {
      readonly event: "gave-up";
      readonly target: string;
      readonly reason: string;
      readonly hint: string;
      /** How many other targets of the mirror go on. */
      readonly others: number;
    }
  | { readonly event: "halted"; readonly target: string; readonly reason: string; readonly hint: string }
  | { readonly event: "resumed"; readonly target: string }
  | ({ readonly event: "state"; readonly target: string } & TargetState)
  | ({ readonly event: "drift"; readonly target: string } & Finding)
  | ({
      readonly event: "verified";
      readonly target: string;
      /** How many entries were compared. */
      readonly entries: number;
      /** How many could not be. */
      readonly unreadable: number;
      readonly elapsedMs: number;
    } & Readonly<FindingCounts>)
  /** A line that a hook printed. */
  | { readonly event: "hook-output"; readonly target: string; readonly hook: string; readonly line: string }
  | {
      readonly event: "hook-failed";
      readonly target: string;
      readonly hook: string;
      readonly reason: string;
      readonly hint: string;
    }
  /** A command that keeps a target printed a line on its standard error. */
  | { readonly event: "said"; readonly target: string; readonly line: string }
  | { readonly event: "warning"; readonly reason: string; readonly hint: string };

/** Takes reports as they come. */
export type Reporter = (report: Report) => void;

/** How many operations a report lists one by one. */
const doneMax = 1_000;

/** The report of work on `target` that took `elapsedMs`. */
export function batchOf(
  target: string,
  { done, counts }: { readonly done: readonly Done[]; readonly counts: Readonly<BatchCounts> },
  elapsedMs: number,
): Report {
  return { event: "batch", target, elapsedMs, done: done.slice(0, doneMax), ...counts };
}
