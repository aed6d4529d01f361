/** Frames, which carry the protocol's data and, between it, messages. Pure. */
import { WireError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

/** Kinds of frames that matter here. */
export const tags = {
  data: 0,
  errorTransfer: 1,
  info: 2,
  error: 3,
  warning: 4,
  ioError: 22,
  ioTimeout: 33,
  noop: 42,
  errorExit: 86,
  success: 100,
  deleted: 101,
  noSend: 102,
} as const;

const knownTags: ReadonlySet<number> = new Set(Object.values(tags));

const tagBase = 7;

/** How much goes into one frame; it may be far more. */
const frameBytesMax = 1024 * 1024;

/** A message of more bytes makes no sense. */
const messageBytesMax = 64 * 1024;

/** What comes before the data of a frame, in bytes. */
export const headBytes = 4;

/** The frames that carry `data`, which begins with room for a head. */
export function dataFrames(data: Buffer): Buffer[] {
  const first = data.subarray(0, headBytes + frameBytesMax);
  // (In one piece: each one goes out as a packet.)
  first.writeInt32LE(headOf(tags.data, first.length - headBytes));
  const frames = [first];
  for (let at = first.length; at < data.length; at += frameBytesMax) {
    const body = data.subarray(at, at + frameBytesMax);
    frames.push(new ByteWriter().int(headOf(tags.data, body.length)).take(), body);
  }
  return frames;
}

/** A message with the number of a file, or another one. */
export function messageFrame(tag: number, value: number): Buffer {
  return new ByteWriter().int(headOf(tag, 4)).int(value).take();
}

function headOf(tag: number, length: number): number {
  return ((tagBase + tag) << 24) | length;
}

/** What takes frames apart hands them to this. */
export interface FrameTaker {
  /** Part of the data; where one frame ends means nothing. */
  data(bytes: Buffer): void;
  message(tag: number, body: Buffer): void;
}

/** Takes frames apart, in whatever pieces they come. */
export class Demultiplexer {
  readonly #head = Buffer.alloc(headBytes);
  #headBytes = 0;
  #tag = 0;
  /** What the frame still lacks. */
  #missing = 0;
  /** Of a message. */
  #body = Buffer.alloc(0);

  constructor(private readonly taker: FrameTaker) {}

  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#headBytes < headBytes) {
        this.#head[this.#headBytes++] = bytes[at++]!;
        if (this.#headBytes === headBytes) this.#begin();
        continue;
      }
      const piece = bytes.subarray(at, at + this.#missing);
      at += piece.length;
      if (this.#tag === tags.data) this.taker.data(piece);
      else piece.copy(this.#body, this.#body.length - this.#missing);
      this.#missing -= piece.length;
      if (this.#missing === 0) this.#end();
    }
  }

  #begin(): void {
    this.#missing = this.#head.readUIntLE(0, 3);
    this.#tag = this.#head[3]! - tagBase;
    if (!knownTags.has(this.#tag)) throw new WireError(`a message of an unknown kind (${this.#tag}) came`);
    if (this.#tag !== tags.data) {
      if (this.#missing > messageBytesMax) throw new WireError("a message is too long");
      this.#body = Buffer.allocUnsafe(this.#missing);
    }
    if (this.#missing === 0) this.#end();
  }

  #end(): void {
    this.#headBytes = 0;
    if (this.#tag !== tags.data) this.taker.message(this.#tag, this.#body);
  }
}
