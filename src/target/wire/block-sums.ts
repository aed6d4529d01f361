import { type Reading, WireError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
export interface BlockSums {
  count: number;
  blockLength: number;
  strongLength: number;
  remainder: number;
  weak: Uint32Array;
  strong: Buffer;
}
export function* readBlockSums(): Reading<BlockSums> {
  const head = yield 16;
  const [count, blockLength, strongLength, remainder] = [0, 4, 8, 12].map((at) => head.readInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  if (count < 0 || strongLength < 0 || strongLength > 16) throw new WireError("sums");
  const weak = new Uint32Array(count);
  const strong = Buffer.alloc(count * strongLength);
  for (let at = 0; at < count; at++) {
    const one = yield 4 + strongLength;
    weak[at] = one.readUInt32LE();
    one.copy(strong, at * strongLength, 4);
  }
  return { count, blockLength, strongLength, remainder, weak, strong };
}
export function encodeSumHead(head: BlockSums): Buffer {
  return new ByteWriter()
    .int(head.count)
    .int(head.blockLength)
    .int(head.strongLength)
    .int(head.remainder)
    .take();
}
