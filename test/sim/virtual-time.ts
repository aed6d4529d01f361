/**
 * A clock that stands still until it is moved, in place of the real one: `performance.now`, `Date.now`, timers and
 * chance. So a scenario takes no time, and the same seed gives the same run.
 */
import type { Random } from "../helpers/trees.ts";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly call: () => void;
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  dateNow: Date.now,
  performanceNow: performance.now,
  random: Math.random,
};

/** How often other work gets its turn before nothing more is expected of it. */
const turnsMax = 4;

/** When the next one begins, after all before it: others remember times, and none may go backwards. */
let nextBeginMs = Math.ceil(real.performanceNow.call(performance));

/** How long after the one before it. */
const gapMs = 60_000;

/** See above. Only one can be installed at a time. */
export class VirtualTime {
  readonly #beginMs = nextBeginMs;
  #nowMs = 0;
  #order = 0;
  #timers = new Map<number, Timer>();
  readonly #startMs = real.dateNow();

  /** Milliseconds since it was made. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Takes the place of the real clock; `random` that of `Math.random`. */
  install(random: Random): void {
    performance.now = () => this.#beginMs + this.#nowMs;
    Date.now = () => Math.floor(this.#startMs + this.#nowMs);
    Math.random = () => random.int(1_000_000) / 1_000_000;
    globalThis.setTimeout = ((call: () => void, delayMs = 0) => this.after(delayMs, call)) as never;
    globalThis.clearTimeout = ((id: number) => this.#timers.delete(id)) as never;
  }

  /** Gives the real clock its place back. */
  restore(): void {
    nextBeginMs = Math.ceil(this.#beginMs + this.#nowMs) + gapMs;
    performance.now = real.performanceNow;
    Date.now = real.dateNow;
    Math.random = real.random;
    globalThis.setTimeout = real.setTimeout;
    globalThis.clearTimeout = real.clearTimeout;
  }

  /** Calls `call` after `delayMs`; returns what clears it. */
  after(delayMs: number, call: () => void): number {
    const order = ++this.#order;
    this.#timers.set(order, { atMs: this.#nowMs + Math.max(0, delayMs), order, call });
    return order;
  }

  /** Forgets all timers, as the end of a process does. */
  clear(): void {
    this.#timers.clear();
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => this.after(durationMs, resolve));
  }

  /** Lets everything run that waits for no timer. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < turnsMax; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves on to the next timer, if it is due within `maxMs`, and runs it; false if there is none. */
  async step(maxMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    await this.settle();
    const next = [...this.#timers.values()].sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
    if (next === undefined || next.atMs > this.#nowMs + maxMs) return false;
    this.#timers.delete(next.order);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.call();
    await this.settle();
    return true;
  }

  /** Lets `durationMs` go by. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    while (await this.step(endMs - this.#nowMs));
    this.#nowMs = endMs;
    await this.settle();
  }
}
