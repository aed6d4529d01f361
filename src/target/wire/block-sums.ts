/** What a receiver says of the content that it has: two sums of each block of it. Pure. */
import { type Reading, WireError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

/** Blocks of a file that is 256 GiB or more; their sums take up to 40 MiB. */
const countMax = 2 ** 21;

/** In bytes. What rsync takes for the largest files. */
const blockLengthMax = 128 * 1024;

/** In bytes: a whole MD5. */
const strongLengthMax = 16;

/** How many sums are read at a time. */
const countAtOnce = 256;

/** How content was cut into blocks. */
export interface SumHead {
  /** Number of blocks; 0 if there is no content to build on. */
  readonly count: number;
  /** In bytes, of each block but perhaps the last. */
  readonly blockLength: number;
  /** In bytes, of each strong sum. */
  readonly strongLength: number;
  /** In bytes, of the last block if that is a shorter one; else 0. */
  readonly remainder: number;
}

/** The sums of all blocks, in their order. */
export interface BlockSums extends SumHead {
  readonly weak: Uint32Array;
  /** `strongLength` bytes for each block. */
  readonly strong: Buffer;
}

/** Reads a head and the sums that it announces. What is held grows with what came, not with what was announced. */
export function* readBlockSums(): Reading<BlockSums> {
  const head = readSumHead(yield 16);
  const { count, strongLength } = head;
  const bytesOfOne = 4 + strongLength;
  let weak = new Uint32Array(Math.min(count, countAtOnce));
  let strong = Buffer.allocUnsafe(weak.length * strongLength);
  for (let done = 0; done < count; ) {
    const more = Math.min(countAtOnce, count - done);
    const bytes = yield more * bytesOfOne;
    if (done + more > weak.length) {
      const room = Math.min(count, weak.length * 2);
      weak = withRoom(weak, new Uint32Array(room));
      strong = withRoom(strong, Buffer.allocUnsafe(room * strongLength));
    }
    for (let at = 0; at < bytes.length; at += bytesOfOne, done++) {
      weak[done] = bytes.readUInt32LE(at);
      bytes.copy(strong, done * strongLength, at + 4, at + bytesOfOne);
    }
  }
  return { ...head, weak, strong };
}

/** The head as it came. */
export function encodeSumHead({ count, blockLength, strongLength, remainder }: SumHead): Buffer {
  return new ByteWriter().int(count).int(blockLength).int(strongLength).int(remainder).take();
}

function readSumHead(bytes: Buffer): SumHead {
  const head = {
    count: bytes.readInt32LE(0),
    blockLength: bytes.readInt32LE(4),
    strongLength: bytes.readInt32LE(8),
    remainder: bytes.readInt32LE(12),
  };
  const { count, blockLength, strongLength, remainder } = head;
  const isAny = count > 0;
  if (count < 0) refuse(`there are ${count} of them`);
  if (count > countMax) refuse(`there are ${count} of them, more than ${countMax}`);
  if (blockLength < 0 || (isAny && (blockLength === 0 || blockLength > blockLengthMax)))
    refuse(`blocks of ${blockLength} bytes`);
  if (strongLength < 0 || strongLength > strongLengthMax || (isAny && strongLength === 0))
    refuse(`strong sums of ${strongLength} bytes`);
  if (remainder < 0 || (isAny && remainder >= blockLength))
    refuse(`a last block of ${remainder} bytes after blocks of ${blockLength}`);
  return head;
}

function refuse(reason: string): never {
  throw new WireError(`it sends sums of blocks that make no sense: ${reason}`);
}

/** `larger`, with what `held` has. */
function withRoom<T extends Uint8Array | Uint32Array>(held: T, larger: T): T {
  larger.set(held);
  return larger;
}
