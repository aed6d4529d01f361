/** Waits for changes to be on a target: those that were made before a moment, and no others. */
import type { Fault } from "../core/fault.ts";

interface Flush {
  /** Changes up to this moment of the steady clock are waited for. */
  readonly atMs: number;
  readonly end: (fault: Fault | null) => void;
}

/** The waits of one target. */
export class Flushes {
  readonly #waiting = new Set<Flush>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Resolves with null once all changes up to `atMs` are on the target; with the fault that prevents it; or when `signal` aborts. */
  wait(atMs: number, signal: AbortSignal): Promise<Fault | null> {
    return new Promise((resolve) => {
      const flush: Flush = {
        atMs,
        end: (fault) => {
          this.#waiting.delete(flush);
          resolve(fault);
        },
      };
      if (signal.aborted) return resolve(null);
      this.#waiting.add(flush);
      signal.addEventListener("abort", () => flush.end(null), { once: true });
    });
  }

  /** True if one of them waits for nothing that is older than `sinceMs`, the oldest change that is not on the target. */
  isDue(sinceMs: number): boolean {
    for (const { atMs } of this.#waiting) if (atMs < sinceMs) return true;
    return false;
  }

  /** Ends those that wait for nothing any more. */
  settle(sinceMs: number): void {
    for (const flush of [...this.#waiting]) if (flush.atMs < sinceMs) flush.end(null);
  }

  /** Ends all: nothing is done for the time being. */
  refuse(fault: Fault): void {
    for (const flush of [...this.#waiting]) flush.end(fault);
  }
}
