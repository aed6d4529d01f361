/** Gets a target ready for work: whether it is the one that the ledger knows, and what was under way when it was lost. */
import { type Fault, isFault } from "../core/fault.ts";
import { type Path, root } from "../core/path.ts";
import { assumeHeld } from "./assume.ts";
import { CarryOut, type Result } from "./carry-out.ts";
import { removeLeftovers } from "./leftovers.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** What came of an attempt. */
export interface Connected {
  /** Why the target is not ready; null if it is. */
  readonly fault: Fault | null;
  /** True if the ledger was started over: nothing is known of what the target holds. */
  readonly isUnknown: boolean;
  /** What came of steps that were sent before; null if it did not come to them. */
  readonly replayed: Result | null;
}

/** See above. */
export class Connecting {
  /** True once it is settled what the target holds without being compared. */
  #isAssumed: boolean;
  /** What was being sent when the connection, or another tsync, ended, and may have left something behind. */
  #unfinished = new Set<Path>();
  #lost: Fault | null = null;

  /** `onLoss`: called when the connection is lost. */
  constructor(
    private readonly options: Omit<WorkerOptions, "barrier" | "rewatch">,
    private readonly onLoss: () => void,
  ) {
    this.#isAssumed = options.initialSync;
  }

  /** Connects the target, and repeats what was not acknowledged. */
  async connect(): Promise<Connected> {
    const { ledger, source, target, sending, clock } = this.options;
    this.#lost = null;
    const refused = await target.connect();
    if (refused !== null) return { fault: refused, isUnknown: false, replayed: null };
    this.#watch();
    const isUnknown = this.#identify();
    if (ledger.get(root) === null) {
      const entry = source.look(root);
      // Anything else halts the mirror; the guard records the root once it is a directory.
      if (entry?.kind === "directory") ledger.put(root, { ...entry, doubt: "none" });
    }
    if (!this.#isAssumed) {
      await assumeHeld(source, ledger, clock);
      ledger.setMeta("complete", new Date(clock.nowMs()).toISOString());
      this.#isAssumed = true;
    }
    const replay = new CarryOut(target, ledger, source, clock, sending);
    this.#unfinished = new Set([...this.#unfinished, ...ledger.unfinished()]);
    const fault = await replay.replay();
    if (fault !== null) return { fault, isUnknown, replayed: replay.result };
    const removed = await removeLeftovers(this.options, this.#unfinished);
    if (isFault(removed)) return { fault: removed, isUnknown, replayed: replay.result };
    for (const path of removed?.stale ?? []) replay.result.stale.add(path);
    return { fault: removed?.fault ?? null, isUnknown, replayed: replay.result };
  }

  /** Why the connection was lost while nobody used it; null if it was not, or that was asked before. */
  takeLoss(): Fault | null {
    const lost = this.#lost;
    this.#lost = null;
    return lost;
  }

  /** Parts of `paths` may be left on the target. */
  addUnfinished(paths: ReadonlySet<Path>): void {
    for (const path of paths) this.#unfinished.add(path);
  }

  /** True if `tidyUp` may find something. */
  get isUntidy(): boolean {
    return this.#unfinished.size > 0;
  }

  /** Once all is sent: a transfer that outlived its tsync may have left something after the target was connected. */
  async tidyUp(): Promise<Result | Fault | null> {
    const unfinished = this.#unfinished;
    this.#unfinished = new Set();
    return await removeLeftovers(this.options, unfinished);
  }

  #watch(): void {
    const { target } = this.options;
    const { lost } = target;
    void lost?.then((fault) => {
      if (target.lost !== lost) return;
      this.#lost = fault;
      this.onLoss();
    });
  }

  /** Starts the ledger over if it is about another directory, or about one that held something; true if so. */
  #identify(): boolean {
    const { ledger, target, name, report } = this.options;
    const known = ledger.meta("identity");
    if (known === target.identity && !(target.isEmpty && !ledger.isEmpty())) return false;
    ledger.startOver(target.identity);
    if (known !== null) {
      const reason = `${name}: the target directory is not the one it was; comparing everything with it`;
      report({ event: "warning", reason, hint: "only what differs is sent" });
    }
    return true;
  }
}
