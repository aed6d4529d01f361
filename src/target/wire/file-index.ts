/** Numbers of files in a list, as the protocol sends them: by their distance from the one before. Pure. */
import { type Reading, readByte, WireError } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** In place of a number: a phase is over. */
export const phaseDone = -1;

/** The last number that was sent in one direction, of each sign. */
class Previous {
  #positive = -1;
  #negative = 1;

  of(index: number): number {
    return index >= 0 ? this.#positive : this.#negative;
  }

  set(index: number): void {
    if (index >= 0) this.#positive = index;
    else this.#negative = -index;
  }
}

/** One direction of a session. */
export class IndexWriter {
  readonly #previous = new Previous();

  /** Adds `index`, a position in the list or `phaseDone`. */
  write(index: number, to: ByteWriter): void {
    if (index === phaseDone) {
      to.byte(0);
      return;
    }
    const step = index - this.#previous.of(index);
    this.#previous.set(index);
    if (step > 0 && step < 0xfe) to.byte(step);
    else if (step >= 0 && step <= 0x7fff)
      to.byte(0xfe)
        .byte(step >> 8)
        .byte(step & 0xff);
    else {
      to.byte(0xfe)
        .byte((index >>> 24) | 0x80)
        .byte(index & 0xff);
      to.byte((index >> 8) & 0xff).byte((index >> 16) & 0xff);
    }
  }
}

/** The other direction; there, numbers below `phaseDone` have meanings of their own. */
export class IndexReader {
  readonly #previous = new Previous();

  *read(): Reading<number> {
    let first = yield* readByte();
    if (first === 0) return phaseDone;
    const isNegative = first === 0xff;
    if (isNegative) first = yield* readByte();
    const previous = this.#previous.of(isNegative ? -1 : 1);
    let size = previous + first;
    if (first === 0xfe) {
      const [high, low] = (yield 2) as unknown as [number, number];
      if ((high & 0x80) === 0) size = previous + ((high << 8) | low);
      else {
        const [second, third] = (yield 2) as unknown as [number, number];
        size = low | (second << 8) | (third << 16) | ((high & 0x7f) << 24);
      }
    }
    if (size < (isNegative ? 1 : 0) || size > 0x7fffffff)
      throw new WireError("the number of a file is out of range");
    const index = isNegative ? -size : size;
    this.#previous.set(index);
    return index;
  }
}
