/** The same small change again and again, with pauses, as a person at work makes them. */
import type { Random } from "../../helpers/trees.ts";
import type { Reading } from "../result.ts";
import { percentile } from "../statistics.ts";

/** How long one change may take to be seen. */
const roundLimitMs = 15_000;
/** After so many misses the rest is left out. */
const missesMax = 3;
/** So many are made although the time is over, for what stands for them to mean something. */
const roundsMin = 5;
/** Between two; a little more by chance, so as not to keep step with anything. */
const pauseMs = 120;
const jitterMs = 50;

/** `startMs`: when the change began; `seen`: as `poll` of wait.ts. */
interface Round {
  startMs: number;
  seen: number | string;
}

export class Rounds {
  readonly #limits: { count: number; limitMs: number };
  readonly #random: Random;
  /** Times in ms; null: missed. */
  readonly #raw: (number | null)[] = [];
  #text = "missed";

  /** At most `count` rounds, and none that would begin after `limitMs`. */
  constructor(limits: { count: number; limitMs: number }, random: Random) {
    this.#limits = limits;
    this.#random = random;
  }

  /** How many there were. */
  get count(): number {
    return this.#raw.length;
  }

  /** How many of them were not seen in time. */
  get missed(): number {
    return this.#raw.filter((time) => time === null).length;
  }

  /** `round` makes the change number `i` (from 1) and waits for it, `limitMs` at most. */
  async run(round: (i: number, limitMs: number) => Promise<Round>): Promise<void> {
    const { count, limitMs } = this.#limits;
    const end = performance.now() + limitMs;
    for (let i = 1; i <= count && (i <= roundsMin || performance.now() < end); i++) {
      const { startMs, seen } = await round(i, roundLimitMs);
      this.#raw.push(typeof seen === "number" ? seen - startMs : null);
      if (typeof seen === "string") this.#text = seen;
      if (this.missed === missesMax) break;
      await Bun.sleep(pauseMs + this.#random.int(jitterMs));
    }
  }

  /** The median and the 99th percentile of what was seen; `name` stands before `p50` and `p99` in their keys. */
  readings(title: string, name = ""): Reading[] {
    const times = this.#raw.filter((time) => time !== null);
    const reading = (percent: number): Reading => {
      const value = percentile(times, percent);
      const text = value === null ? { text: this.#text } : {};
      return { key: `${name}p${percent}`, title: `${title}, p${percent}`, unit: "ms", value, ...text };
    };
    return [{ ...reading(50), raw: this.#raw }, reading(99)];
  }
}
