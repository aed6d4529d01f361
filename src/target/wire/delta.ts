import { createHash } from "node:crypto";
import type { BlockSums } from "./block-sums.ts";
import { ByteWriter } from "./byte-writer.ts";
export class DeltaMatcher {
  #hash = createHash("md5");
  literalBytes = 0;
  constructor(_sums: BlockSums, _how: { seed: number; seedFirst: boolean }) {}
  push(piece: Buffer): Buffer {
    this.#hash.update(piece);
    this.literalBytes += piece.length;
    const to = new ByteWriter();
    for (let at = 0; at < piece.length; at += 32768) {
      const part = piece.subarray(at, at + 32768);
      to.int(part.length).bytes(part);
    }
    return to.take();
  }
  end(): { tokens: Buffer; md5: Buffer } {
    return { tokens: new ByteWriter().int(0).take(), md5: this.#hash.digest() };
  }
}
