/** Finds a block by its sums. Pure. */
import type { BlockSums } from "./block-sums.ts";
import { spread, WeakFilter } from "./rolling-sum.ts";

/**
 * How many places of a table are looked at for one block. Blocks whose sums were made to be in each other's way are
 * not found, which costs bytes on the wire, but no time.
 */
const stepsMax = 128;

/**
 * All blocks of the full length. Blocks that are equal take one place, and blocks with the same weak sum do not slow
 * each other down: there is a table by weak sums, to ask before a strong sum is made, and one by both.
 */
export class BlockIndex {
  /** Has the weak sums of all blocks. */
  readonly filter: WeakFilter;
  readonly #weak: Int32Array;
  readonly #strong: Buffer;
  readonly #strongLength: number;
  readonly #count: number;
  /** Numbers of blocks plus one; 0 where there is none. Both have the same length, a power of two. */
  readonly #byWeak: Int32Array;
  readonly #byBoth: Int32Array;
  readonly #shift: number;

  constructor({ count, remainder, weak, strong, strongLength }: BlockSums) {
    this.#weak = new Int32Array(weak.buffer, weak.byteOffset, count);
    this.#strong = strong;
    this.#strongLength = strongLength;
    this.#count = remainder > 0 ? count - 1 : count;
    const lengthLog2 = Math.ceil(Math.log2(count + 1)) + 1;
    this.#shift = 32 - lengthLog2;
    this.#byWeak = new Int32Array(2 ** lengthLog2);
    this.#byBoth = new Int32Array(2 ** lengthLog2);
    this.filter = new WeakFilter(count);
    for (let block = 0; block < this.#count; block++) this.#add(block);
  }

  /** True if a block has this weak sum (signed, 32 bits). */
  has(weak: number): boolean {
    const place = this.#placeByWeak(weak);
    return place !== -1 && this.#byWeak[place] !== 0;
  }

  /** The block with these sums: `preferred` if it has them, else the first one of equal ones; -1 if there is none. */
  find(weak: number, strong: Uint8Array, preferred: number): number {
    if (preferred < this.#count && this.#isBlock(preferred, weak, strong, 0)) return preferred;
    const place = this.#placeByBoth(weak, strong, 0);
    return place === -1 ? -1 : this.#byBoth[place]! - 1;
  }

  #add(block: number): void {
    const weak = this.#weak[block]!;
    this.filter.add(weak);
    const places: [Int32Array, number][] = [
      [this.#byWeak, this.#placeByWeak(weak)],
      [this.#byBoth, this.#placeByBoth(weak, this.#strong, block * this.#strongLength)],
    ];
    for (const [table, place] of places) if (place !== -1 && table[place] === 0) table[place] = block + 1;
  }

  /** Where a block with this weak sum is, or would be; -1 if it cannot be in the table. */
  #placeByWeak(weak: number): number {
    const first = spread(weak) >>> this.#shift;
    for (let step = 0; step < stepsMax; step++) {
      const place = (first + step) & (this.#byWeak.length - 1);
      const held = this.#byWeak[place]!;
      if (held === 0 || this.#weak[held - 1] === weak) return place;
    }
    return -1;
  }

  /** The same for both sums; the strong one is in `bytes` from `from` on. */
  #placeByBoth(weak: number, bytes: Uint8Array, from: number): number {
    const first = spread(weak ^ this.#leadOf(bytes, from)) >>> this.#shift;
    for (let step = 0; step < stepsMax; step++) {
      const place = (first + step) & (this.#byBoth.length - 1);
      const held = this.#byBoth[place]!;
      if (held === 0 || this.#isBlock(held - 1, weak, bytes, from)) return place;
    }
    return -1;
  }

  /** The first bytes of a strong sum, as a number. */
  #leadOf(bytes: Uint8Array, from: number): number {
    let lead = 0;
    for (let at = from; at < from + Math.min(4, this.#strongLength); at++) lead = (lead << 8) | bytes[at]!;
    return lead;
  }

  #isBlock(block: number, weak: number, bytes: Uint8Array, from: number): boolean {
    if (this.#weak[block] !== weak) return false;
    const begin = block * this.#strongLength;
    for (let at = 0; at < this.#strongLength; at++) {
      if (this.#strong[begin + at] !== bytes[from + at]) return false;
    }
    return true;
  }
}
