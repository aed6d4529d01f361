/**
 * Reads what came over the wire, in whatever pieces it came. A reader of something is a generator: it yields how many
 * bytes it needs next, is given just these, and returns what they mean. Pure.
 */

/** Reads a `T`; throws `WireError` if the bytes make no sense. */
export type Reading<T> = Generator<number, T, Buffer>;

/** The other side does not keep to the protocol. */
export class WireError extends Error {}

/** Feeds a reading with bytes as they come. */
export class ByteReader<T> {
  #pieces: Buffer[] = [];
  #held = 0;
  #needed: number;
  #isDone = false;
  #result: T | undefined;

  constructor(private readonly reading: Reading<T>) {
    this.#needed = this.#step(reading.next());
  }

  /** What was read; undefined if it is not complete. */
  get result(): T | undefined {
    return this.#result;
  }

  /** Takes bytes and gives back those that the reading did not need. `isPaused`: asked before each step. */
  push(bytes: Buffer, isPaused: () => boolean = () => false): Buffer {
    let at = 0;
    while (!this.#isDone && !isPaused()) {
      const missing = this.#needed - this.#held;
      if (bytes.length - at < missing) break;
      const piece = bytes.subarray(at, at + missing);
      at += missing;
      const whole = this.#held === 0 ? piece : Buffer.concat([...this.#pieces, piece]);
      this.#pieces = [];
      this.#held = 0;
      this.#needed = this.#step(this.reading.next(whole));
    }
    const rest = bytes.subarray(at);
    if (this.#isDone || isPaused() || rest.length === 0) return rest;
    // (A copy: the buffer that it is a part of may be large, or used again.)
    this.#pieces.push(Buffer.from(rest));
    this.#held += rest.length;
    return rest.subarray(rest.length);
  }

  #step(result: IteratorResult<number, T>): number {
    if (!result.done) return result.value;
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
