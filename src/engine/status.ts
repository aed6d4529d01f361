/** What a running tsync tells of itself, as plain data: for the control socket, the live view, metrics and the web page. */
import type { Path } from "../core/path.ts";
import type { Progress } from "./progress.ts";
import type { BatchCounts } from "./report.ts";
import type { TargetState } from "./state.ts";

/** One process. */
export interface ProgramStatus {
  readonly version: string;
  readonly pid: number;
  /** When it started, in milliseconds since 1970. */
  readonly startedMs: number;
  /** When this was said, in milliseconds since 1970. */
  readonly nowMs: number;
  readonly mirrors: readonly MirrorStatus[];
}

/** One source with its targets. */
export interface MirrorStatus {
  /** Its name in the configuration file, else the source's path. */
  readonly name: string;
  /** The directory that is mirrored, as bytes (see core/path.ts). */
  readonly source: Path;
  /** How many directories are watched. */
  readonly watches: number;
  /** How many are not, because the limit is reached. */
  readonly unwatched: number;
  /** How many watches this user may have; null if that is not known. */
  readonly watchesMax: number | null;
  /** How often the kernel dropped events. */
  readonly overflows: number;
  readonly targets: readonly TargetStatus[];
}

/** One target. Times are in milliseconds since 1970. */
export interface TargetStatus {
  /** As the user wrote it. */
  readonly name: string;
  readonly state: TargetState;
  /** How many entries it holds. */
  readonly entries: number;
  /** How many paths wait for a look, or are being worked on; what fails is not counted. */
  readonly pending: number;
  /** How far work is that takes long, as a first sync; null if there is none. */
  readonly progress: Progress | null;
  /** How old the oldest change is that is not on the target yet; 0 if all are. */
  readonly lagMs: number;
  /** When it last held all of the source (but for what fails); null if it did not since tsync started. */
  readonly inSyncMs: number | null;
  /** How many paths fail. */
  readonly failing: number;
  /** The first of them. */
  readonly failingPaths: readonly FailingPath[];
  /** Since tsync started. */
  readonly totals: TargetTotals;
  /** A second, over the last minute. */
  readonly rates: { readonly operations: number; readonly bytes: number };
}

/** A path that fails on one target. */
export interface FailingPath {
  readonly path: Path;
  readonly reason: string;
  readonly tries: number;
  /** When it is tried again. */
  readonly nextMs: number;
}

/** What happened on one target since tsync started. */
export interface TargetTotals extends Readonly<BatchCounts> {
  readonly batches: number;
  readonly connections: number;
  readonly disconnections: number;
  readonly halts: number;
  /** How often a path began to fail. */
  readonly failures: number;
}
