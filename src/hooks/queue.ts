/** Runs one thing at a time; what comes meanwhile is joined to one item, for the next run. */
import { setTimeout as sleep } from "node:timers/promises";

/** See above. */
export class CoalescingQueue<Item> {
  #waiting: Item | null = null;
  #running: Promise<void> | null = null;
  readonly #abort = new AbortController();

  /** `run` must not reject; once `signal` is aborted it must come to its end soon. */
  constructor(
    private readonly run: (item: Item, signal: AbortSignal) => Promise<unknown>,
    private readonly join: (older: Item, newer: Item) => Item,
  ) {}

  /** True while something runs or waits. */
  get isBusy(): boolean {
    return this.#running !== null;
  }

  /** Resolves when nothing runs or waits. */
  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Has `item` worked on: now, or with what else comes while something runs. After `stop` is over, not at all. */
  offer(item: Item): void {
    if (this.#abort.signal.aborted) return;
    if (this.#running === null) this.#running = this.#work(item);
    else this.#waiting = this.#waiting === null ? item : this.join(this.#waiting, item);
  }

  /** Gives what runs and waits `graceMs` to come to its end; then it is broken off. */
  async stop(graceMs: number): Promise<void> {
    await Promise.race([this.idle, sleep(graceMs)]);
    this.#abort.abort();
    await this.idle;
  }

  async #work(first: Item): Promise<void> {
    for (let item: Item | null = first; item !== null && !this.#abort.signal.aborted; ) {
      await this.run(item, this.#abort.signal);
      item = this.#waiting;
      this.#waiting = null;
    }
    this.#running = null;
  }
}
