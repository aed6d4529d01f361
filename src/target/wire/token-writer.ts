/** Writes tokens: what content consists of, as literal bytes and references to blocks. Pure. */

/** How many literal bytes follow each other; a receiver takes no more. */
export const literalBytesMax = 32 * 1024;

/**
 * Tokens that grow. (A `ByteWriter` begins small each time. This one stays as large as it was needed: it writes most of
 * what goes over the wire.)
 */
export class TokenWriter {
  #buffer = Buffer.alloc(0);
  #length = 0;

  /** As many tokens as it takes; none if there are no bytes. */
  literals(bytes: Buffer): void {
    this.#reserve(bytes.length + 4 * Math.ceil(bytes.length / literalBytesMax));
    for (let at = 0; at < bytes.length; at += literalBytesMax) {
      const length = Math.min(literalBytesMax, bytes.length - at);
      this.#int(length);
      this.#length += bytes.copy(this.#buffer, this.#length, at, at + length);
    }
  }

  block(block: number): void {
    this.#reserve(4);
    this.#int(-(block + 1));
  }

  /** The token that says that there are no more. */
  end(): void {
    this.#reserve(4);
    this.#int(0);
  }

  /** All of them, as a copy; the writer is empty then. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #int(value: number): void {
    this.#length = this.#buffer.writeInt32LE(value, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
