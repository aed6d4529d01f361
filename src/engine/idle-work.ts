/** What is done for a target when nothing else is to be done. */
import { difference } from "../core/diff.ts";
import { type Fault, isFault } from "../core/fault.ts";
import type { Send, Step } from "../core/operation.ts";
import { type Path, root } from "../core/path.ts";
import { CarryOut, type Result } from "./carry-out.ts";
import { findExtras } from "./extras.ts";
import type { Guard } from "./guard.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** What there is of it for one target. */
export class IdleWork {
  /** Directories whose times (and owners) work in them changed. */
  readonly #stale = new Set<Path>();
  #isTidy = false;

  constructor(
    private readonly options: WorkerOptions,
    private readonly guard: Guard,
  ) {}

  get hasStaleTimes(): boolean {
    return this.#stale.size > 0;
  }

  /** True if what else is on the target was counted, or removed. */
  get isTidy(): boolean {
    return this.#isTidy;
  }

  /** The times of the directory at `path` on the target may not be the source's any more. */
  addStale(path: Path): void {
    if (path !== root) this.#stale.add(path);
  }

  forgetStale(): void {
    this.#stale.clear();
  }

  /** Something else may be on the target. */
  clutter(): void {
    this.#isTidy = false;
  }

  /** Gives directories the times and owners that the source has. */
  async setStaleTimes(): Promise<Result> {
    const { source, ledger } = this.options;
    const sends: Send[] = [];
    for (const path of this.#stale) {
      const [entry, held] = [source.look(path), ledger.get(path)];
      if (entry?.kind !== "directory" || held?.kind !== "directory") continue;
      if (difference(held, entry) === "attributes") sends.push({ path, entry, compare: "unless-equal" });
    }
    this.#stale.clear();
    const work = this.#work();
    const complete = sends.length === 0 || (await work.sends(sends));
    if (!complete) for (const { path } of sends) this.#stale.add(path);
    return work.result;
  }

  /**
   * Counts what else is on the target after the first sync, or, with `exact`, removes it, if the guard lets it. Null if
   * there is nothing to be done.
   */
  async cleanUp(exact: boolean): Promise<Result | Fault | null> {
    const end = await this.#cleanUp(exact);
    const fault = isFault(end) ? end : end?.fault;
    this.#isTidy = fault == null;
    return end;
  }

  async #cleanUp(exact: boolean): Promise<Result | Fault | null> {
    const { source, ledger, target, name, report, deleteExcluded, clock } = this.options;
    if (ledger.meta("complete") !== null && !exact) return null;
    const extras = await findExtras(target, ledger, source, deleteExcluded);
    if (isFault(extras)) return extras;
    const { topmost, count } = extras;
    if (exact && this.guard.isTooMuch(count)) return this.guard.halt("too-many-extras");
    ledger.setMeta("complete", new Date(clock.nowMs()).toISOString());
    if (count === 0) return null;
    if (!exact) {
      report({ event: "kept", target: name, count: topmost.length, example: topmost[0]! });
      return null;
    }
    const work = this.#work();
    await work.steps(topmost.map((path): Step => ({ do: "remove-tree", path })));
    return work.result;
  }

  #work(): CarryOut {
    const { source, ledger, target, sending, clock } = this.options;
    return new CarryOut(target, ledger, source, clock, sending);
  }
}
