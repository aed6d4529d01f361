/** Puts together what goes over the wire of rsync's protocol: little endian, in its own forms of integers. Pure. */

const nothing = Buffer.alloc(0);

/** Most of what is put together is small, and may be kept: it is not to hold much more than it is. */
const roomMin = 32;

/** Bytes that grow. Byte strings are taken as they are. */
export class ByteWriter {
  #buffer = nothing;
  #length: number;
  /** What was taken last is in it. */
  #taken = nothing;

  /** `headBytes`: so many bytes come before what is written, and are left to whoever takes it. */
  constructor(private readonly headBytes = 0) {
    this.#length = headBytes;
  }

  /** Of what was written. */
  get length(): number {
    return this.#length - this.headBytes;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
    return this;
  }

  /** 16 bits. */
  short(value: number): this {
    return this.byte(value & 0xff).byte((value >> 8) & 0xff);
  }

  /** 32 bits, with a sign. */
  int(value: number): this {
    this.#reserve(4);
    this.#buffer.writeInt32LE(value | 0, this.#length);
    this.#length += 4;
    return this;
  }

  /** A whole number of 32 bits in one to five bytes: the first one says how many follow, and has the high bits. */
  varint(value: number): this {
    return this.#variable([value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24], 1);
  }

  /** A whole number of 64 bits in `minBytes` to nine bytes, in the same way. */
  varlong(value: number | bigint, minBytes: number): this {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64LE(BigInt(value));
    return this.#variable(bytes, minBytes);
  }

  /** A byte string of up to 32,767 bytes, with its length before it. */
  vstring(text: string): this {
    if (text.length > 0x7f) this.byte(0x80 | (text.length >> 8));
    return this.byte(text.length & 0xff).text(text);
  }

  text(text: string): this {
    this.#reserve(text.length);
    this.#buffer.write(text, this.#length, "latin1");
    this.#length += text.length;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** All of it; the writer is empty then. */
  take(): Buffer {
    this.#reserve(0);
    const taken = this.#buffer.subarray(0, this.#length);
    this.#taken = this.#buffer;
    this.#buffer = nothing;
    this.#length = this.headBytes;
    return taken;
  }

  /** What was taken last is not needed any more: its memory is used again (fresh memory costs more than the writing). */
  reuse(): void {
    if (this.length === 0) this.#buffer = this.#taken;
  }

  #variable(bytes: ArrayLike<number>, minBytes: number): this {
    let count = bytes.length;
    while (count > minBytes && bytes[count - 1] === 0) count--;
    const high = bytes[count - 1]!;
    // What is left for high bits in the first byte.
    const room = 1 << (7 - count + minBytes);
    if (high >= room) {
      this.byte(~(room - 1) & 0xff);
      for (let at = 0; at < count; at++) this.byte(bytes[at]!);
      return this;
    }
    this.byte(count > minBytes ? high | (~(2 * room - 1) & 0xff) : high);
    for (let at = 0; at < count - 1; at++) this.byte(bytes[at]!);
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2, roomMin));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
