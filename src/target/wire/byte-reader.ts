/**
 * Reads what came over the wire, in whatever pieces it came. A reader of something is a generator: it yields how many
 * bytes it needs next, is given just these, and returns what they mean. Pure.
 */

/** Reads a `T`; throws `WireError` if the bytes make no sense. */
export type Reading<T> = Generator<number, T, Buffer>;

/** The other side does not keep to the protocol. */
export class WireError extends Error {}

/** A reading that wants more at a time has taken something else for a length. */
const neededMax = 256 * 1024;

/** Feeds a reading with bytes as they come. */
export class ByteReader<T> {
  #needed: number;
  /** What came of the needed bytes; a buffer of their length, once some came but not all. */
  #part: Buffer | null = null;
  #held = 0;
  #isDone = false;
  #result: T | undefined;

  constructor(private readonly reading: Reading<T>) {
    this.#needed = this.#step(reading.next());
  }

  /** What was read; undefined if it is not complete. */
  get result(): T | undefined {
    return this.#result;
  }

  /** Takes bytes and gives back those that the reading did not need. */
  push(bytes: Buffer): Buffer {
    let at = 0;
    while (!this.#isDone) {
      const piece = bytes.subarray(at, at + this.#needed - this.#held);
      at += piece.length;
      if (this.#held + piece.length < this.#needed) {
        this.#hold(piece);
        break;
      }
      let whole = piece;
      if (this.#part !== null) {
        this.#hold(piece);
        whole = this.#part;
      }
      this.#part = null;
      this.#held = 0;
      this.#needed = this.#step(this.reading.next(whole));
    }
    return bytes.subarray(at);
  }

  /** (A copy: the buffer that it is a part of may be large, or used again.) */
  #hold(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#part ??= Buffer.allocUnsafe(this.#needed);
    this.#held += piece.copy(this.#part, this.#held);
  }

  #step(result: IteratorResult<number, T>): number {
    if (!result.done) {
      if (result.value > neededMax) throw new WireError("a length is too large");
      return result.value;
    }
    this.#isDone = true;
    this.#result = result.value;
    return 0;
  }
}

export function* readByte(): Reading<number> {
  return (yield 1)[0]!;
}

export function* readShort(): Reading<number> {
  return (yield 2).readUInt16LE();
}

export function* readInt(): Reading<number> {
  return (yield 4).readInt32LE();
}

/** See `ByteWriter.varint`. */
export function* readVarint(): Reading<number> {
  const first = yield* readByte();
  const extra = extraBytes(first);
  if (extra === 0) return first;
  if (extra > 4) throw new WireError("a number is too large");
  const low = yield extra;
  const high = first & ((1 << (8 - extra)) - 1);
  if (extra === 4) {
    if (high !== 0) throw new WireError("a number is too large");
    return low.readInt32LE();
  }
  return low.readUIntLE(0, extra) + high * 2 ** (8 * extra);
}

/** See `ByteWriter.vstring`. */
export function* readVstring(): Reading<string> {
  const first = yield* readByte();
  const length = first < 0x80 ? first : ((first & 0x7f) << 8) | (yield* readByte());
  return (yield length).toString("latin1");
}

/** How many bytes follow the first byte of a number. */
function extraBytes(first: number): number {
  if (first < 0x80) return 0;
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  if (first < 0xf8) return 4;
  return first < 0xfc ? 5 : 6;
}
