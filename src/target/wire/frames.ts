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
const frameBytesMax = 256 * 1024;

/** A message of more bytes makes no sense. */
const messageBytesMax = 64 * 1024;

/** The frames that carry `data`. */
export function dataFrames(data: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < data.length; at += frameBytesMax) {
    const body = data.subarray(at, at + frameBytesMax);
    frames.push(head(tags.data, body.length), body);
  }
  return frames;
}

/** A message with the number of a file, or another one. */
export function messageFrame(tag: number, value: number): Buffer {
  return Buffer.concat([head(tag, 4), new ByteWriter().int(value).take()]);
}

function head(tag: number, length: number): Buffer {
  return new ByteWriter().int(((tagBase + tag) << 24) | length).take();
}

/** What takes frames apart hands them to this. */
export interface FrameTaker {
  /** Part of the data; where one frame ends means nothing. */
  data(bytes: Buffer): void;
  message(tag: number, body: Buffer): void;
}

/** Takes frames apart, in whatever pieces they come. */
export class Demultiplexer {
  readonly #head = Buffer.alloc(4);
  #headBytes = 0;
  #tag = 0;
  /** What the frame still lacks. */
  #missing = 0;
  /** Of a message. */
  #body = Buffer.alloc(0);

  constructor(private readonly taker: FrameTaker) {}

  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#headBytes < 4) {
        this.#head[this.#headBytes++] = bytes[at++]!;
        if (this.#headBytes === 4) this.#begin();
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
