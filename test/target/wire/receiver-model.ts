/**
 * A small receiver of rsync's, as its two processes behave on the wire: the generator asks for files, the receiver puts
 * them in place. It throws if what it is sent breaks the rules.
 */
import { createHash } from "node:crypto";
import {
  ByteReader,
  type Reading,
  readByte,
  readInt,
  readShort,
} from "../../../src/target/wire/byte-reader.ts";
import { ByteWriter } from "../../../src/target/wire/byte-writer.ts";
import { IndexReader, IndexWriter, phaseDone } from "../../../src/target/wire/file-index.ts";
import type { ListEntry } from "../../../src/target/wire/file-list.ts";
import { Demultiplexer, dataFrames, headBytes, messageFrame, tags } from "../../../src/target/wire/frames.ts";

/** What becomes of a file: in place, found to have a wrong sum at first, never in place, or there already. */
export type Fate = "fine" | "repeated" | "lost" | "there";

export interface ModelOptions {
  readonly entries: readonly ListEntry[];
  /** Of the list: it has to come just so. */
  readonly listBytes: Buffer;
  /** By position. */
  readonly fates: readonly Fate[];
  /** By position: what comes with a request besides its number; the bits of the flags are those of a transfer. */
  readonly extras: readonly Buffer[];
  /** By position: the head of the sums, and the sums. */
  readonly sums: readonly { readonly head: Buffer; readonly blocks: Buffer }[];
  /** How many files may be asked for, and not be answered. */
  readonly openMax: number;
  /** What should arrive. */
  readonly contentOf: (index: number) => Buffer;
}

/** What is said of an entry that is there, but is to be changed. */
const attributesChanged = 0x2008;

/** Both processes. */
export class ReceiverModel {
  /** What it said is in place. */
  readonly acknowledged = new Set<number>();
  readonly refused = new Set<number>();
  /** True if it ended well. */
  isOver = false;
  readonly #frames = new Demultiplexer({
    data: (bytes) => this.#stream.push(bytes),
    message: (tag, body) => this.#message(tag, body),
  });
  readonly #stream: ByteReader<never>;
  readonly #theirIndex = new IndexReader();
  readonly #ourIndex = new IndexWriter();
  #out: Buffer[] = [];
  /** What the generator has not looked at yet. */
  #next = 0;
  /** Asked for, and not answered. */
  readonly #open = new Set<number>();
  /** Said to have other attributes, which was not repeated yet. */
  readonly #changed = new Set<number>();
  readonly #repeated = new Set<number>();
  /** Answered once. */
  readonly #answered = new Set<number>();
  #hasList = false;
  #hasAskedAll = false;
  #told = 0;

  constructor(private readonly options: ModelOptions) {
    this.#stream = new ByteReader(this.#read());
  }

  /** Takes what the sender sent. */
  push(bytes: Buffer): void {
    this.#frames.push(bytes);
  }

  /** What it says to the sender. */
  take(): Buffer {
    const taken = Buffer.concat(this.#out);
    this.#out = [];
    return taken;
  }

  *#read(): Reading<never> {
    const { listBytes, entries } = this.options;
    for (let at = 0; at < listBytes.length; at++)
      if ((yield* readByte()) !== listBytes[at]) throw new Error(`the list differs at ${at}`);
    this.#hasList = true;
    this.#ask();
    for (;;) {
      const index = yield* this.#theirIndex.read();
      if (index === phaseDone) {
        this.#phaseDone();
        continue;
      }
      const entry = entries[index];
      if (entry === undefined) throw new Error(`no file has the number ${index}`);
      const flags = yield* readShort();
      if ((flags & 0x8000) === 0) {
        if (flags !== attributesChanged || !this.#changed.delete(index))
          throw new Error("it repeats what nobody said");
        continue;
      }
      const extras = this.options.extras[index]!;
      const wasAsked = this.#open.delete(index);
      if (wasAsked && flags === extras.readUInt16LE())
        expectSame(yield* take(extras.length - 2), extras.subarray(2), "what came with a request");
      else if (flags !== 0x8000) throw new Error("what goes ahead has flags that nobody sent");
      yield* this.#content(index);
      this.#ask();
    }
  }

  *#content(index: number): Reading<void> {
    const { contentOf, sums, fates } = this.options;
    const head = yield* take(16);
    if (!head.equals(Buffer.alloc(16))) expectSame(head, sums[index]!.head, "the head of the sums");
    const parts: Buffer[] = [];
    for (let length = yield* readInt(); length !== 0; length = yield* readInt()) {
      if (length < 0 || length > 32_768) throw new Error(`no literal has ${length} bytes`);
      parts.push(Buffer.from(yield* take(length)));
    }
    const sum = Buffer.from(yield* take(16));
    const content = Buffer.concat(parts);
    const isRight = sum.equals(createHash("md5").update(content).digest());
    if (isRight) expectSame(content, contentOf(index), "the content");
    const isFirst = !this.#answered.has(index);
    this.#answered.add(index);
    const fate = fates[index]!;
    if (fate === "lost") return;
    if (!isRight || (fate === "repeated" && isFirst)) {
      if (this.#told === 0) this.#repeated.add(index);
    } else this.#acknowledge(index);
  }

  /** The generator asks for what comes next. */
  #ask(): void {
    const { entries, fates, extras, openMax } = this.options;
    while (this.#hasList && this.#next < entries.length && this.#open.size < openMax) {
      const index = this.#next++;
      const { kind } = entries[index]!;
      if (kind === "file" && fates[index] !== "there") this.#request(index);
      else {
        // Attributes are changed, which the sender is told; it repeats that.
        if (kind !== "implied" && extras[index]!.length > 2) {
          this.#changed.add(index);
          this.#say(index, Buffer.from([attributesChanged & 0xff, attributesChanged >> 8]));
        }
        if (kind === "symlink" || kind === "file") this.#acknowledge(index);
      }
    }
    if (this.#hasList && this.#next === entries.length && !this.#hasAskedAll) {
      this.#hasAskedAll = true;
      this.#done(1);
      this.#repeat();
    }
  }

  #request(index: number): void {
    const { head, blocks } = this.options.sums[index]!;
    // (What came unasked is asked for all the same, and not answered.)
    if (this.#told > 0 || !this.#answered.has(index)) this.#open.add(index);
    this.#say(index, this.options.extras[index]!, head, blocks);
  }

  #phaseDone(): void {
    this.#told++;
    if (this.#told > 4) throw new Error("it tells once too often that a phase is over");
    this.#repeat();
    if (this.#told === 4) {
      if (this.#changed.size > 0) throw new Error("not all was repeated");
      this.#done(1);
      this.isOver = true;
    }
  }

  /** The second phase begins when both sides are through with the first. */
  #repeat(): void {
    if (this.#told !== 1 || !this.#hasAskedAll) return;
    const isUnanswered = (index: number) => !this.#answered.has(index) && !this.refused.has(index);
    if ([...this.#open].some(isUnanswered)) throw new Error("the phase is over before all was answered");
    this.#open.clear();
    for (const index of this.#repeated) this.#request(index);
    this.#done(3);
  }

  #acknowledge(index: number): void {
    this.acknowledged.add(index);
    this.#out.push(messageFrame(tags.success, index));
  }

  #message(tag: number, body: Buffer): void {
    if (tag !== tags.noSend) throw new Error(`it sends a message of kind ${tag}`);
    const index = body.readInt32LE();
    if (!this.#open.delete(index)) throw new Error("it refuses what nobody asked for");
    this.refused.add(index);
    this.#ask();
  }

  #done(times: number): void {
    this.#out.push(...dataFrames(Buffer.alloc(headBytes + times)));
  }

  #say(index: number, ...parts: Buffer[]): void {
    const to = new ByteWriter(headBytes);
    this.#ourIndex.write(index, to);
    for (const part of parts) to.bytes(part);
    this.#out.push(...dataFrames(to.take()));
  }
}

function* take(length: number): Reading<Buffer> {
  return yield length;
}

function expectSame(given: Buffer, expected: Buffer, what: string): void {
  if (!given.equals(expected)) throw new Error(`${what} differs`);
}
