/** Waits for what happens at the destination, with a resolution that timers do not have. */

/** The time between two looks, in ms: Bun's timers count whole ones. */
const everyMs = 0.5;
/** How often the event loop gets its turn, in ms. */
const turnMs = 10;
const neverNotified = new Int32Array(new SharedArrayBuffer(4));

export interface WaitOptions {
  limitMs: number;
  /** Why there is no sense in waiting any longer, if there is none. */
  hopeless: () => string | undefined;
  /** Makes the wait throw. */
  signal: AbortSignal;
}

/**
 * Looks until `check` says true; returns when that look began (ms of `performance.now()`), or in words why it
 * never came to that.
 */
export async function poll(check: () => boolean, options: WaitOptions): Promise<number | string> {
  const end = performance.now() + options.limitMs;
  let nextTurn = 0;
  for (;;) {
    const now = performance.now();
    if (check()) return now;
    if (now >= end) return `> ${options.limitMs / 1000} s`;
    if (now >= nextTurn) {
      await turn();
      options.signal.throwIfAborted();
      const reason = options.hopeless();
      if (reason !== undefined) return reason;
      nextTurn = performance.now() + turnMs;
    }
    Atomics.wait(neverNotified, 0, 0, everyMs);
  }
}

/** Has the event loop look at its input once. */
async function turn(): Promise<void> {
  await Bun.sleep(0);
}
