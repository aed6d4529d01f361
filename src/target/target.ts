/** What the engine needs of a target, whatever kind it is. */
import type { Compared, Listed } from "../core/drift.ts";
import type { Fault } from "../core/fault.ts";
import type { Outcome, Send, Step } from "../core/operation.ts";
import type { Path } from "../core/path.ts";
import type { Program, ProgramInput } from "../system/program.ts";
import type { Depth } from "./rsync-flags.ts";
import type { Sent } from "./rsync-progress.ts";

/** What a transfer did. */
export interface SendReport {
  /** What did not arrive, with the reason. */
  readonly failed: ReadonlyMap<Path, string>;
  /** What was not sent because the source changed at that moment. */
  readonly missed: ReadonlySet<Path>;
  /** Bytes of content that travelled as such, not as a reference to what was there. */
  readonly contentBytes: number;
  /** What was broken off there while the connection held: parts of it may be left, under temporary names. */
  readonly unfinished?: ReadonlySet<Path>;
}

/** What a comparison found. */
export interface Comparison {
  /** What was compared, by path. */
  readonly compared: ReadonlyMap<Path, Compared>;
  /** What could not be, with the reason, if it is known. */
  readonly failed: ReadonlyMap<Path, string>;
}

/** What a listing found. */
export interface Inspection {
  /** What is there, by path. */
  readonly listed: ReadonlyMap<Path, Listed>;
  /** What could not be listed, with the reason. */
  readonly failed: ReadonlyMap<Path, string>;
}

/**
 * A place that is kept equal to the source. Calls are made one at a time, except for `send`. A call that returns a fault has left
 * the target unconnected if the fault is worth another try: the engine connects again and plans anew.
 */
export interface Target {
  /**
   * Which directory on which machine the target is, once connected: another text means that nothing is known of
   * what is there.
   */
  readonly identity: string;
  /** True if the target's directory held nothing when it was connected. */
  readonly isEmpty: boolean;
  /** False if it can move nothing, and answers `occupied` to every move. Known once connected. */
  readonly canMove: boolean;
  /** True if nothing can be learnt of what it holds: `compare` and `inspect` answer with a fault, `list` finds nothing. */
  readonly isOpaque?: boolean;
  /** How many entries a call of `send` takes at most, if there is a limit. */
  readonly sendsMax?: number;
  /** Gets the target ready: connects, makes its root directory, finds out what is there to work with. */
  connect(): Promise<Fault | null>;
  /** Resolves with the reason when the connection that was made last is lost; absent if there is none to lose. */
  readonly lost?: Promise<Fault> | undefined;
  /**
   * Carries out `steps` in order and reports each outcome as it becomes known. After a step that others build on
   * and that was not done, what follows is not tried and not reported (directories that are made together with it
   * excepted). `replay`: the steps were sent before, and
   * may have been done then: all are carried out and reported.
   */
  run(
    steps: readonly Step[],
    report: (index: number, outcome: Outcome) => void,
    replay?: boolean,
  ): Promise<Fault | null>;
  /**
   * Sends content and attributes of entries whose directories are there. May be called again while it is under
   * way, with other paths; `share` is how many of these calls may be under way at the same time. `onProgress` may be
   * told now and then how far the call is: it is for people, nothing may depend on it.
   */
  send(
    sends: readonly Send[],
    share?: number,
    onProgress?: (sent: Sent) => void,
  ): Promise<SendReport | Fault>;
  /** Says how what is there differs from what would be sent. Changes nothing. */
  compare(sends: readonly Send[]): Promise<Comparison | Fault>;
  /** What is at `paths`, or in the directories there. */
  inspect(paths: readonly Path[], depth: Depth): Promise<Inspection | Fault>;
  /** All paths below the target's root, parents first; those that are not `isWanted` may be missing. */
  list(isWanted?: (path: Path) => boolean): Promise<Path[] | Fault>;
  /**
   * Files directly in `directories` that have the form of a temporary name of rsync (see `filesOfTemporary`); none
   * where they cannot be found. Directories that are not there have none.
   */
  temporaries(directories: readonly Path[]): Promise<Path[] | Fault>;
  /**
   * Calls `listener` each time there is reason to think that the target can be reached again, until the function that
   * is returned is called.
   */
  onReachable?(listener: () => void): () => void;
  /**
   * Starts `run` (a program with its arguments, or one line for a shell) on the machine where the target is, once it was
   * connected; absent if nothing can be run there.
   */
  start?(run: readonly string[] | string, input: ProgramInput): Promise<Program | Fault>;
  /** Ends what is under way and disconnects. */
  close(): Promise<void>;
}
