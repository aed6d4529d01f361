/**
 * Says content in terms of other content, of which only the sums of blocks are known: as literal bytes and references
 * to blocks. Pure.
 */
import { createHash } from "node:crypto";
import { BlockIndex } from "./block-index.ts";
import type { BlockSums } from "./block-sums.ts";
import { ByteWriter } from "./byte-writer.ts";
import { RollingSum } from "./rolling-sum.ts";
import { literalBytesMax, TokenWriter } from "./token-writer.ts";

/** How far the window goes beyond what has to be held. */
const windowExtraBytes = 256 * 1024;

/**
 * How many bytes may be summed up in vain, besides as many as the content has. With honest sums this does not happen;
 * with others, blocks are not found from then on that do not follow each other.
 */
const wastedBytesFree = 8 * 1024 * 1024;

/** How strong sums of blocks are made. */
export interface StrongSums {
  /** What goes into each, besides the block; nothing if it is 0. 32 bits with a sign. */
  readonly seed: number;
  /** True if it goes before the block, false if after it. */
  readonly seedFirst: boolean;
}

/** What is left to be sent when the content is over. */
export interface DeltaEnd {
  /** The last ones, with the one that says so. */
  readonly tokens: Buffer;
  /** Of the whole content. */
  readonly md5: Buffer;
}

/**
 * Turns content into tokens, piece by piece; however it is cut, they are the same. What is held does not grow with the
 * content.
 */
export class DeltaMatcher {
  readonly #sums: BlockSums;
  /** Null if no block has the full length. */
  readonly #index: BlockIndex | null;
  /** The length of the last block if that is a shorter one; else 0. */
  readonly #lastBytes: number;
  readonly #rolling: RollingSum;
  /** What strong sums have before and after the block. */
  readonly #seedBefore: Buffer;
  readonly #seedAfter: Buffer;
  readonly #hash = createHash("md5");
  readonly #tokens = new TokenWriter();
  /** A part of the content, and the same bytes with a sign. */
  #window = Buffer.alloc(0);
  #signed = new Int8Array();
  /** Positions in it: what is not in a token yet, where a block may begin next, and the end of what came. */
  #literal = 0;
  #at = 0;
  #end = 0;
  /** True at the begin, and where a block was found just before: there is no rolling sum yet. */
  #isFresh = true;
  /** The block after the one that was found last. */
  #next = 0;
  #contentBytes = 0;
  #wastedBytes = 0;
  #literalBytes = 0;

  constructor(sums: BlockSums, { seed, seedFirst }: StrongSums) {
    this.#sums = sums;
    this.#lastBytes = sums.count > 0 ? sums.remainder : 0;
    const fullBlocks = this.#lastBytes > 0 ? sums.count - 1 : sums.count;
    this.#index = fullBlocks > 0 ? new BlockIndex(sums) : null;
    this.#rolling = new RollingSum(sums.blockLength);
    const seedBytes = seed === 0 ? Buffer.alloc(0) : new ByteWriter().int(seed).take();
    this.#seedBefore = seedFirst ? seedBytes : Buffer.alloc(0);
    this.#seedAfter = seedFirst ? Buffer.alloc(0) : seedBytes;
  }

  /** How many bytes of the content are in tokens as they are. */
  get literalBytes(): number {
    return this.#literalBytes;
  }

  /** Takes the next bytes of the content, which are not needed afterwards, and returns the tokens that are certain. */
  push(piece: Buffer): Buffer {
    this.#hash.update(piece);
    this.#contentBytes += piece.length;
    for (let taken = 0; taken < piece.length; ) {
      this.#makeRoom(piece.length - taken);
      const copied = piece.copy(this.#window, this.#end, taken);
      taken += copied;
      this.#end += copied;
      // (Only where a byte follows, so that the window can always be moved on.)
      this.#scan(this.#end - this.#sums.blockLength);
      this.#writeLiterals(this.#at - ((this.#at - this.#literal) % literalBytesMax));
    }
    return this.#tokens.take();
  }

  /** The content is over. */
  end(): DeltaEnd {
    const { count, blockLength } = this.#sums;
    // (If there is no block, the rolling sum is wrong from here on.)
    this.#scan(this.#end - blockLength + 1);
    const last = this.#end - this.#lastBytes;
    if (this.#lastBytes > 0 && last >= this.#at && this.#isLastBlock(last)) this.#writeBlock(last, count - 1);
    this.#writeLiterals(this.#end);
    this.#tokens.end();
    return { tokens: this.#tokens.take(), md5: this.#hash.digest() };
  }

  /** Looks for blocks that begin before `end`. */
  #scan(end: number): void {
    const index = this.#index;
    if (index === null) {
      // The last block can only be at the end.
      this.#at = Math.max(this.#at, this.#end - this.#lastBytes);
      return;
    }
    while (this.#at < end) {
      const isFresh = this.#isFresh;
      if (isFresh) this.#rolling.start(this.#signed, this.#at);
      else this.#at = this.#rolling.seek(this.#signed, this.#at, end, index.filter);
      this.#isFresh = false;
      if (this.#at >= end) return;
      const block = this.#blockAt(index, isFresh);
      if (block !== -1) {
        this.#writeBlock(this.#at, block);
      } else {
        this.#rolling.roll(this.#signed, this.#at);
        this.#at++;
      }
    }
  }

  /** The block that the window has now; -1 if there is none. `isFresh`: a block was found just before. */
  #blockAt(index: BlockIndex, isFresh: boolean): number {
    const weak = this.#rolling.value;
    if (!index.has(weak)) return -1;
    if (!isFresh && this.#wastedBytes > wastedBytesFree + this.#contentBytes) return -1;
    const { blockLength } = this.#sums;
    const block = index.find(weak, this.#strongSum(this.#at, this.#at + blockLength), this.#next);
    if (block === -1) this.#wastedBytes += blockLength;
    return block;
  }

  /** True if what is left from `from` on is the last block, which is a short one. */
  #isLastBlock(from: number): boolean {
    const { count, weak, strong, strongLength } = this.#sums;
    const rolling = new RollingSum(this.#end - from);
    rolling.start(this.#signed, from);
    if (rolling.value !== (weak[count - 1]! | 0)) return false;
    const sum = this.#strongSum(from, this.#end);
    return strong.subarray((count - 1) * strongLength).equals(sum.subarray(0, strongLength));
  }

  #strongSum(from: number, to: number): Buffer {
    return createHash("md5")
      .update(this.#seedBefore)
      .update(this.#window.subarray(from, to))
      .update(this.#seedAfter)
      .digest();
  }

  /** All that is before `at` as literal bytes, and the block that is there. */
  #writeBlock(at: number, block: number): void {
    const { count, blockLength } = this.#sums;
    const isLast = block === count - 1 && this.#lastBytes > 0;
    this.#writeLiterals(at);
    this.#tokens.block(block);
    this.#literal = at + (isLast ? this.#lastBytes : blockLength);
    this.#at = this.#literal;
    this.#isFresh = true;
    this.#next = block + 1;
  }

  #writeLiterals(to: number): void {
    this.#tokens.literals(this.#window.subarray(this.#literal, to));
    this.#literalBytes += to - this.#literal;
    this.#literal = to;
  }

  /** Makes room for at least one of `more` bytes: what is in tokens is dropped; small content takes a small window. */
  #makeRoom(more: number): void {
    if (this.#end < this.#window.length) return;
    const held = this.#window.subarray(this.#literal, this.#end);
    const largest = literalBytesMax + this.#sums.blockLength + windowExtraBytes;
    const length = Math.min(largest, held.length + Math.max(held.length, more));
    if (length > this.#window.length) {
      this.#window = Buffer.allocUnsafe(length);
      this.#signed = new Int8Array(this.#window.buffer, this.#window.byteOffset, length);
    }
    held.copy(this.#window);
    this.#at -= this.#literal;
    this.#end -= this.#literal;
    this.#literal = 0;
  }
}
