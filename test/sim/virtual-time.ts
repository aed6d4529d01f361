/**
 * A clock that stands still until it is moved, for the engine to go by: so a scenario takes no time, and the same seed
 * gives the same run.
 */
import type { Clock } from "../../src/system/clock.ts";
import type { Random } from "../helpers/trees.ts";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly call: () => void;
}

/** How often other work gets its turn before nothing more is expected of it. */
const turnsMax = 4;

/** How often a breath is one, and how long it takes at most. */
const [breathRate, breathMaxMs] = [0.02, 10];

/** When it begins, in milliseconds since 1970. */
const beginMs = 1_700_000_000_000;

/** See above. */
export class VirtualTime implements Clock {
  #elapsedMs = 0;
  #order = 0;
  #timers = new Map<number, Timer>();
  #held = 0;

  /** `random`: chance, for those who go by this clock. */
  constructor(private readonly chance: Random) {}

  /** Milliseconds since it was made. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  nowMs(): number {
    return beginMs + Math.floor(this.#elapsedMs);
  }

  steadyMs(): number {
    return this.nowMs();
  }

  /** Sometimes something else gets its turn, and may take a while. */
  async breathe(): Promise<void> {
    if (this.chance.chance(breathRate)) await this.sleep(this.chance.int(breathMaxMs));
  }

  random(): number {
    return this.chance.int(1_000_000) / 1_000_000;
  }

  after(delayMs: number, call: () => void): () => void {
    const order = ++this.#order;
    this.#timers.set(order, { atMs: this.#elapsedMs + Math.max(0, delayMs), order, call });
    return () => this.#timers.delete(order);
  }

  /** Time does not go on before `work` is over, which waits for none. */
  async hold<T>(work: Promise<T>): Promise<T> {
    this.#held++;
    try {
      return await work;
    } finally {
      this.#held--;
    }
  }

  /** Forgets all timers, as the end of a process does. */
  clear(): void {
    this.#timers.clear();
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(durationMs, resolve));
  }

  /** Lets everything run that waits for no timer. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < turnsMax || this.#held > 0; turn++)
      await new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves on to the next timer, if it is due within `maxMs`, and runs it; false if there is none. */
  async step(maxMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    await this.settle();
    const next = [...this.#timers.values()].sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
    if (next === undefined || next.atMs > this.#elapsedMs + maxMs) return false;
    this.#timers.delete(next.order);
    this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
    next.call();
    await this.settle();
    return true;
  }

  /** Lets `durationMs` go by. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#elapsedMs + durationMs;
    while (await this.step(endMs - this.#elapsedMs));
    this.#elapsedMs = endMs;
    await this.settle();
  }
}
