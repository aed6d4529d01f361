/** A wait that something can end early. */
import { steadyMs } from "./steady-clock.ts";

/** One sleeper; it sleeps once at a time. */
export class Sleeper {
  #wake: (() => void) | null = null;
  #untilMs = 0;

  /** When the sleep under way ends by itself, by the steady clock; 0 if there is none. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Resolves after `durationMs` (infinity: never) or when woken. */
  async sleep(durationMs: number): Promise<void> {
    this.#untilMs = steadyMs() + durationMs;
    await new Promise<void>((resolve) => {
      const timer = Number.isFinite(durationMs) ? setTimeout(resolve, Math.max(1, durationMs)) : null;
      this.#wake = () => {
        if (timer !== null) clearTimeout(timer);
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
