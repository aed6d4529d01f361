/**
 * Files that were recorded so soon after their last change that another one could bear the same time stamp: they are
 * held with a doubt until it is certain that such a change would have been told by now.
 */
import type { WorkerOptions } from "./worker-options.ts";

/** How long after a look every change that could share a time stamp with it has been reported. */
const raceMs = 2_500;

/** The races of one target. */
export class Races {
  #isOpen = false;

  constructor(private readonly options: Pick<WorkerOptions, "barrier" | "ledger">) {}

  /** Something was recorded with a doubt. */
  open(): void {
    this.#isOpen = true;
  }

  /** How long it takes until they can end if the last look was at `lookedMs`; infinity if there are none. */
  waitMs(lookedMs: number, nowMs: number): number {
    return this.#isOpen ? Math.max(0, lookedMs + raceMs + 1 - nowMs) : Number.POSITIVE_INFINITY;
  }

  /** Ends them, unless something turns out to be pending. */
  async end(isPending: () => boolean): Promise<null> {
    const { barrier, ledger } = this.options;
    await barrier?.();
    if (isPending()) return null;
    if (barrier !== null) ledger.endRaces();
    this.#isOpen = false;
    return null;
  }
}
