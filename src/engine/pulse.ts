/** Whether the work for a target still advances: what a watchdog wants to know. */
import type { Clock } from "../system/clock.ts";

/** How long it may be without a sign of life, waiting aside. */
const silenceMaxMs = 10 * 60_000;

/** See above. */
export class Pulse {
  #lastMs: number;
  #outside = 0;

  /** The same clock; whoever gives others a turn advances. */
  readonly clock: Clock;

  constructor(private readonly steady: Clock) {
    this.#lastMs = steady.steadyMs();
    this.clock = {
      nowMs: () => steady.nowMs(),
      steadyMs: () => steady.steadyMs(),
      after: (durationMs, work) => steady.after(durationMs, work),
      random: () => steady.random(),
      breathe: () => {
        this.#beat();
        return steady.breathe();
      },
    };
  }

  /** Waits for what may take its time: a rest, or the target, each of whose calls has a limit of its own. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside++;
    try {
      return await work;
    } finally {
      this.#outside--;
      this.#beat();
    }
  }

  /** True if there was no sign of life for too long. */
  get isStuck(): boolean {
    return this.#outside === 0 && this.steady.steadyMs() > this.#lastMs + silenceMaxMs;
  }

  #beat(): void {
    this.#lastMs = this.steady.steadyMs();
  }
}
