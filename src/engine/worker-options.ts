/** What a worker is made of. */
import type { ChangeKind } from "../core/follow.ts";
import type { Path } from "../core/path.ts";
import type { DeletePolicy } from "../core/plan.ts";
import type { DeletionLimit } from "../core/safety.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../system/clock.ts";
import type { Target } from "../target/target.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import type { Sending } from "./carry-out.ts";
import type { Pulse } from "./pulse.ts";
import type { Reporter } from "./report.ts";
import type { Surroundings } from "./surroundings.ts";

/** The parts and settings of the worker of one target. */
export interface WorkerOptions {
  /** The target's name as the user wrote it. */
  readonly name: string;
  /** The source, with what of it goes to this target. */
  readonly source: SourceTree;
  readonly ledger: Ledger;
  readonly target: Target;
  readonly delete: DeletePolicy;
  /** True if what is excluded is deleted on the target. */
  readonly deleteExcluded: boolean;
  readonly sending: Sending;
  /** True if attributes are mirrored that no look shows (ACLs, extended attributes). */
  readonly unseenAttributes: boolean;
  /** True if a source that is empty or replaced is to be followed, once. */
  readonly acceptDeletes: boolean;
  /** How many deletions that nobody saw happen are followed. */
  readonly deletionLimit: DeletionLimit;
  /** What must be in the source, mirrored or not, for anything to be done; without it, nothing. */
  readonly requireFile?: Path | null;
  /** How long a path must have been quiet. */
  readonly settleMs: number;
  /** How long a path that is never quiet waits at most. */
  readonly delayMaxMs: number;
  /** How long changes are gathered after the first one. */
  readonly delayMs: number;
  /** With this many changed paths the gathering is over at once. */
  readonly countMax: number;
  /** The kinds of changes that are followed once the first comparison is over; null for all. */
  readonly follow: ReadonlySet<ChangeKind> | null;
  /** False if the target is taken to hold what the source holds at the start. */
  readonly initialSync: boolean;
  /** True if a target that cannot be reached at the start is tried again. */
  readonly insist: boolean;
  /** How often the target is compared with the source while it is kept in sync; without it, never. */
  readonly verifyEveryMs?: number | null;
  /** True if contents are compared then, and not sizes and times alone. */
  readonly comparesContent?: boolean;
  readonly clock: Clock;
  /** Tells whether the work advances; `clock` is its own. */
  readonly pulse: Pulse;
  readonly onNewAddress: Surroundings["onNewAddress"];
  readonly report: Reporter;
  /** Resolves once all events up to now were reported; null when nothing is watched. */
  readonly barrier: (() => Promise<void>) | null;
  /** What runs after a batch and must come to its end before the next one; null if there is no such thing now. */
  readonly hold?: () => Promise<null> | null;
  /** Watches the tree anew, after the source was away. */
  readonly rewatch: () => Promise<void>;
}
