/**
 * A queue whose items come out when they are due, in order, driven by one timer: never early, usually 0.1 to
 * 1 ms late.
 */

interface Waiting<T> {
  /** When to deliver, in ms of `performance.now()`. */
  due: number;
  item: T;
}

export class DelayLine<T> {
  readonly #deliver: (item: T) => void;
  #queue: Waiting<T>[] = [];
  /** Index of the first item that is not delivered yet: shifting the array for each item would be slow. */
  #head = 0;
  #lastDue = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stalled = false;

  constructor(deliver: (item: T) => void) {
    this.#deliver = deliver;
  }

  /** Has `item` delivered at `due` (ms of `performance.now()`), but never before the items ahead of it. */
  push(item: T, due: number): void {
    this.#lastDue = Math.max(due, this.#lastDue);
    this.#queue.push({ due: this.#lastDue, item });
    if (this.#timer === undefined) this.#pump();
  }

  /** Delivers nothing until `resume`, which delivers what is due by then at once. */
  stall(): void {
    this.#stalled = true;
  }

  resume(): void {
    this.#stalled = false;
    if (this.#timer === undefined) this.#pump();
  }

  /** Drops all items. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
    this.#head = 0;
    this.#lastDue = 0;
  }

  #pump(): void {
    this.#timer = undefined;
    if (this.#stalled) return;
    const now = performance.now();
    let next = this.#queue[this.#head];
    while (next !== undefined && next.due <= now) {
      this.#head++;
      this.#deliver(next.item);
      next = this.#queue[this.#head];
    }
    if (next === undefined) {
      this.#queue = [];
      this.#head = 0;
      return;
    }
    if (this.#head > 1000) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    // Bun's timers count whole milliseconds (downwards) and are some 0.1 ms late: up, so as never to be early.
    this.#timer = setTimeout(() => this.#pump(), Math.ceil(next.due - now));
  }
}
