/** What a worker is made of. */
import type { DeletePolicy } from "../core/plan.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Target } from "../target/target.ts";
import type { Source } from "../watch/source.ts";
import type { Sending } from "./carry-out.ts";
import type { Reporter } from "./report.ts";

/** The parts and settings of the worker of one target. */
export interface WorkerOptions {
  /** The target's name as the user wrote it. */
  readonly name: string;
  readonly source: Source;
  readonly ledger: Ledger;
  readonly target: Target;
  readonly delete: DeletePolicy;
  readonly sending: Sending;
  /** True if attributes are mirrored that no look shows (ACLs, extended attributes). */
  readonly unseenAttributes: boolean;
  /** True if a source that is empty or replaced is to be followed, once. */
  readonly acceptDeletes: boolean;
  /** How long a path must have been quiet. */
  readonly settleMs: number;
  /** How long a path that is never quiet waits at most. */
  readonly delayMaxMs: number;
  readonly report: Reporter;
  /** Resolves once all events up to now were reported; null when nothing is watched. */
  readonly barrier: (() => Promise<void>) | null;
  /** Watches the tree anew, after the source was away. */
  readonly rewatch: () => Promise<void>;
}
