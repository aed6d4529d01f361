/** A wait that something can end early. */
import type { Clock } from "./clock.ts";

/** One sleeper; it sleeps once at a time. */
export class Sleeper {
  #wake: (() => void) | null = null;
  #untilMs = 0;

  constructor(private readonly clock: Pick<Clock, "steadyMs" | "after">) {}

  /** When the sleep under way ends by itself, by the steady clock; 0 if there is none. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Resolves after `durationMs` (infinity: never) or when woken. */
  async sleep(durationMs: number): Promise<void> {
    this.#untilMs = this.clock.steadyMs() + durationMs;
    await new Promise<void>((resolve) => {
      const callOff = Number.isFinite(durationMs) ? this.clock.after(Math.max(1, durationMs), resolve) : null;
      this.#wake = () => {
        callOff?.();
        resolve();
      };
    });
    this.#wake = null;
    this.#untilMs = 0;
  }

  /** Ends the sleep under way, if there is one. */
  wake(): void {
    this.#wake?.();
  }
}
