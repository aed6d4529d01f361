/** Keeps messages of one kind from flooding a log. Pure: the time is given. */

/** How many messages of a kind are let through in which time. */
export interface RateLimits {
  readonly countMax: number;
  readonly windowMs: number;
}

/** See above. Kinds are told apart by a key; how many keys there are is up to the caller. */
export class RateLimiter {
  readonly #windows = new Map<string, { startMs: number; count: number }>();

  constructor(private readonly limits: RateLimits) {}

  /** True if a message of kind `key` may be shown; if not, it is counted. */
  allows(key: string, nowMs: number): boolean {
    let window = this.#windows.get(key);
    // One that held something back lasts until that is told.
    if (window === undefined || (this.#isOver(window.startMs, nowMs) && this.#heldBack(window.count) === 0)) {
      window = { startMs: nowMs, count: 0 };
      this.#windows.set(key, window);
    }
    window.count++;
    return window.count <= this.limits.countMax;
  }

  /** How many messages of each kind were held back in windows that are over, or in all with `end`; they start anew. */
  takeHeldBack(nowMs: number, end = false): Map<string, number> {
    const taken = new Map<string, number>();
    for (const [key, { startMs, count }] of this.#windows) {
      if (!end && !this.#isOver(startMs, nowMs)) continue;
      if (this.#heldBack(count) > 0) taken.set(key, this.#heldBack(count));
      this.#windows.delete(key);
    }
    return taken;
  }

  #isOver(startMs: number, nowMs: number): boolean {
    return nowMs - startMs >= this.limits.windowMs;
  }

  #heldBack(count: number): number {
    return Math.max(0, count - this.limits.countMax);
  }
}
