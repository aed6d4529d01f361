/** The time that connecting may take, without the time that the user takes to answer. */
import type { Asker } from "./asker.ts";

/** See above. */
export class Deadline {
  #leftMs: number;
  #startedMs = 0;
  #timer: Timer | null = null;
  #onEnd: (() => void) | null = null;
  #questions = 0;

  constructor(maxMs: number) {
    this.#leftMs = maxMs;
  }

  /** The time runs from now on; `onEnd` is called when it is over. */
  begin(onEnd: () => void): void {
    this.#onEnd = onEnd;
    this.#run();
  }

  /** There is no need for it any more. */
  end(): void {
    this.#pause();
    this.#onEnd = null;
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

  /** The same asker, for whose questions the time rests. */
  resting(asker: Asker): Asker {
    return {
      canAsk: asker.canAsk,
      secret: (question) => this.rest(asker.secret(question)),
      text: (question) => this.rest(asker.text(question)),
      tell: (text) => asker.tell(text),
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
