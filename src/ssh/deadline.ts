/** The time that connecting may take, without the time that the user takes to answer. */
import { type Asker, inSeries } from "./auth/asker.ts";

/** See above. */
export class Deadline {
  #leftMs: number;
  #startedMs = 0;
  #timer: Timer | null = null;
  #onEnd: (() => void) | null = null;
  #questions = 0;
  readonly #over = new AbortController();

  constructor(maxMs: number) {
    this.#leftMs = maxMs;
  }

  /** The time runs from now on; `onEnd` is called when it is over. */
  begin(onEnd: () => void): void {
    this.#onEnd = onEnd;
    this.#run();
  }

  /** There is no need for it any more: questions that are open are withdrawn. */
  end(): void {
    this.#pause();
    this.#onEnd = null;
    this.#over.abort();
  }

  /** True while the user is asked. */
  get isResting(): boolean {
    return this.#questions > 0;
  }

  /** The time rests until `work` is done, which waits for the user, or for a question before its own. */
  async rest<T>(work: Promise<T>): Promise<T> {
    if (this.#questions++ === 0) this.#pause();
    try {
      return await work;
    } finally {
      if (--this.#questions === 0) this.#run();
    }
  }

  /** The same asker, for whose questions the time rests, and who is asked no longer once it is over. */
  resting(asker: Asker): Asker {
    const whileNeeded = (signal?: AbortSignal) =>
      signal === undefined ? this.#over.signal : AbortSignal.any([signal, this.#over.signal]);
    return {
      ...(asker.secrets === undefined ? {} : { secrets: asker.secrets }),
      get canAsk() {
        return asker.canAsk;
      },
      secret: (question, signal) => this.rest(asker.secret(question, whileNeeded(signal))),
      text: (question, signal) => this.rest(asker.text(question, whileNeeded(signal))),
      tell: (text) => asker.tell(text),
      series: (ask) => this.rest(inSeries(asker, (inner) => ask(this.resting(inner)))),
    };
  }

  #run(): void {
    const onEnd = this.#onEnd;
    if (onEnd === null) return;
    this.#startedMs = performance.now();
    this.#timer = setTimeout(onEnd, Math.max(0, this.#leftMs));
  }

  #pause(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#leftMs -= performance.now() - this.#startedMs;
  }
}
