/** What a receiver makes of its content: the sums of its blocks, written down as plainly as they are defined. */
import { createHash } from "node:crypto";
import type { BlockSums } from "../../../src/target/wire/block-sums.ts";

export interface SumOptions {
  readonly blockLength: number;
  readonly strongLength: number;
  readonly seed: number;
  readonly seedFirst: boolean;
}

/** The weak sum, by its definition. */
export function weakOf(block: Buffer): number {
  let bytes = 0;
  let sums = 0;
  for (let at = 0; at < block.length; at++) {
    bytes += block.readInt8(at);
    sums += bytes;
  }
  return (((sums & 0xffff) << 16) | (bytes & 0xffff)) >>> 0;
}

/** The whole strong sum. */
export function strongOf(block: Buffer, { seed, seedFirst }: { seed: number; seedFirst: boolean }): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(seed);
  const parts = seed === 0 ? [block] : seedFirst ? [bytes, block] : [block, bytes];
  return createHash("md5").update(Buffer.concat(parts)).digest();
}

export function blocksOf(content: Buffer, blockLength: number): Buffer[] {
  const count = Math.ceil(content.length / blockLength);
  return Array.from({ length: count }, (_, at) => content.subarray(at * blockLength, (at + 1) * blockLength));
}

export function sumsOf(content: Buffer, options: SumOptions): BlockSums {
  const { blockLength, strongLength } = options;
  const blocks = blocksOf(content, blockLength);
  return {
    count: blocks.length,
    blockLength,
    strongLength,
    remainder: content.length % blockLength,
    weak: Uint32Array.from(blocks, weakOf),
    strong: Buffer.concat(blocks.map((block) => strongOf(block, options).subarray(0, strongLength))),
  };
}

/** Head and sums as they go over the wire. */
export function encodeSums(sums: BlockSums): Buffer {
  const { count, blockLength, strongLength, remainder, weak, strong } = sums;
  const bytes = Buffer.alloc(16 + count * (4 + strongLength));
  for (const [at, value] of [count, blockLength, strongLength, remainder].entries())
    bytes.writeInt32LE(value, at * 4);
  for (let block = 0; block < count; block++) {
    const at = 16 + block * (4 + strongLength);
    bytes.writeUInt32LE(weak[block]!, at);
    strong.copy(bytes, at + 4, block * strongLength, (block + 1) * strongLength);
  }
  return bytes;
}

/** `bytes` cut at `cuts`, which are shares of the length from 0 to 1. */
export function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((share) => Math.floor(share * bytes.length)), bytes.length].sort(
    (one, other) => one - other,
  );
  return at.slice(1).map((end, index) => bytes.subarray(at[index]!, end));
}
