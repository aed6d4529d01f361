/**
 * The weak sum of a block, which can be moved on by a byte at little cost: the lower half is the sum of the bytes, the
 * upper half the sum of all the sums on the way, both of 16 bits. Bytes have a sign. Pure.
 */

/** A set of weak sums that has some by mistake, but misses none. Small enough for the fastest memory. */
export class WeakFilter {
  readonly bits: Int32Array;
  readonly shift: number;

  /** For about `count` sums. */
  constructor(count: number) {
    // One bit of 64, or fewer, is set: to look further costs as much as to move on by ten bytes.
    const log = Math.ceil(Math.log2(count + 1)) + 6;
    this.bits = new Int32Array(2 ** (log - 5));
    this.shift = 32 - log;
  }

  add(weak: number): void {
    const bit = spread(weak) >>> this.shift;
    this.bits[bit >>> 5]! |= 1 << (bit & 31);
  }
}

/** The weak sum of a window of `length` bytes. */
export class RollingSum {
  #bytes = 0;
  #sums = 0;

  constructor(private readonly length: number) {}

  /** As a signed number of 32 bits. */
  get value(): number {
    return (this.#bytes & 0xffff) | (this.#sums << 16);
  }

  /** Sums up the window that begins at `at`. */
  start(content: Int8Array, at: number): void {
    let bytes = 0;
    let sums = 0;
    for (let each = at; each < at + this.length; each++) {
      bytes = (bytes + content[each]!) | 0;
      sums = (sums + bytes) | 0;
    }
    this.#bytes = bytes;
    this.#sums = sums;
  }

  /**
   * Moves the window on from `at` until its sum is in `filter`, or it begins at `end`, and returns where it begins.
   * (One loop without a call in it: it runs once for each byte of new content.)
   */
  seek(content: Int8Array, at: number, end: number, filter: WeakFilter): number {
    const { length } = this;
    const { bits, shift } = filter;
    let bytes = this.#bytes;
    let sums = this.#sums;
    let begin = at;
    for (; begin < end; begin++) {
      const bit = spread((bytes & 0xffff) | (sums << 16)) >>> shift;
      if (((bits[bit >>> 5]! >>> (bit & 31)) & 1) !== 0) break;
      const leaving = content[begin]!;
      bytes = (bytes - leaving + content[begin + length]!) | 0;
      sums = (sums - Math.imul(length, leaving) + bytes) | 0;
    }
    this.#bytes = bytes;
    this.#sums = sums;
    return begin;
  }

  /** Moves the window that begins at `at` on by one byte. */
  roll(content: Int8Array, at: number): void {
    const leaving = content[at]!;
    this.#bytes = (this.#bytes - leaving + content[at + this.length]!) | 0;
    this.#sums = (this.#sums - Math.imul(this.length, leaving) + this.#bytes) | 0;
  }
}

/** Spreads a sum over 32 bits, the upper ones best: sums of similar blocks are close to each other. */
export function spread(weak: number): number {
  return Math.imul(weak, 0x9e3779b1);
}
