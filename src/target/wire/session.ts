/**
 * One session of sending: from the list of files to the last acknowledgement. It is bytes in and bytes out; whoever
 * drives it reads files and moves bytes. Pure.
 */
import { createHash } from "node:crypto";
import { type BlockSums, encodeSumHead, readBlockSums } from "./block-sums.ts";
import { ByteReader, type Reading, readByte, readShort, readVstring, WireError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { DeltaMatcher } from "./delta.ts";
import { IndexReader, IndexWriter, phaseDone } from "./file-index.ts";
import { encodeList, type ListEntry, type ListOptions } from "./file-list.ts";
import { Demultiplexer, dataFrames, headBytes, messageFrame, tags } from "./frames.ts";
import type { Greeting } from "./greeting.ts";
import { literalBytesMax } from "./token-writer.ts";

/** What is said of a file with its number, as bits. */
const says = { hasBasisType: 0x0800, hasOtherName: 0x1000, transfer: 0x8000 };

/** How often the other side says that a phase is over, and how often it is told so in turn. */
const phasesTheirs = 5;
const phasesOurs = 4;

/** After so many phases the other side has put all files in place that it will. */
const phasesUntilInPlace = 2;

/** How often the content of a file may be asked for: a second time if its sum was wrong. */
const askedMax = 3;

/** How much of what was asked for, and not answered yet, is held: what one piece from the network has comes on top. */
const heldBytesMax = 8 * 1024 * 1024;

/** What a request takes besides its preamble and its sums. */
const requestBytes = 100;

/** How much is kept of what the other side complains of. */
const complaintsMax = 64 * 1024;

/** No sums: the content goes as it is. */
const noBasis: BlockSums = {
  count: 0,
  blockLength: 0,
  strongLength: 0,
  remainder: 0,
  weak: new Uint32Array(),
  strong: Buffer.alloc(0),
};

const emptySumHead = encodeSumHead(noBasis);

/** The other side asks for the content of a file, and says what it has of it. */
export interface Request {
  readonly is: "request";
  /** Position in the list. */
  readonly index: number;
  /** What came with it, to be sent back with the answer. */
  readonly preamble: Buffer;
  readonly sums: BlockSums;
}

/** What is to be done in its turn. */
type Turn =
  | Request
  | { readonly is: "echo"; readonly index: number; readonly preamble: Buffer }
  | { readonly is: "done" };

/** What makes a session. */
export interface SessionOptions extends ListOptions {
  readonly greeting: Greeting;
  /** As from `inOrder`. */
  readonly entries: readonly ListEntry[];
  /** Called with the position of each entry that is in place now. */
  readonly onArrived: (index: number) => void;
}

/** See above. Nothing it is given makes it throw. */
export class SendSession {
  readonly #demultiplexer: Demultiplexer;
  readonly #requests: ByteReader<never>;
  readonly #theirIndex = new IndexReader();
  readonly #ourIndex = new IndexWriter();
  /** Bytes of the protocol that are not in frames yet, and frames that were not taken yet. */
  readonly #data = new ByteWriter(headBytes);
  #frames: Buffer[] = [];
  #framedBytes = 0;
  #turns: Turn[] = [];
  #heldBytes = 0;
  /** What is not in place yet, of all that is acknowledged when it is. */
  readonly #missing = new Set<number>();
  readonly #hasDirectories: boolean;
  /** How many entries will be asked for in the first phase, as far as they are not sent ahead. */
  #toBeAsked: number;
  /** What was sent unasked: the request for it is still to come, or to be looked at. */
  readonly #ahead = new Set<number>();
  readonly #asked = new Map<number, number>();
  /** False until all is sent that goes ahead. */
  #isBegun = false;
  #isAnswering = false;
  #toldAhead = 0;
  #told = 0;
  #phases = 0;
  /** True if something is asked for again: of it is said only at the end whether it is in place. */
  #isRepeated = false;
  #complaints = "";
  #literalBytes = 0;
  #broken: string | null = null;
  #gaveUp = false;

  constructor(private readonly options: SessionOptions) {
    this.#demultiplexer = new Demultiplexer({
      data: (bytes) => this.#requests.push(bytes),
      message: (tag, body) => this.#message(tag, body),
    });
    this.#requests = new ByteReader(this.#readRequests());
    for (const [index, { kind }] of options.entries.entries()) {
      if (kind === "file" || kind === "symlink") this.#missing.add(index);
    }
    this.#toBeAsked = this.#missing.size;
    this.#hasDirectories = options.entries.some(({ kind }) => kind === "directory");
    this.#data.bytes(encodeList(options.entries, options));
  }

  /** Positions of what is not in place, as far as that is acknowledged: directories are not. */
  get missing(): ReadonlySet<number> {
    return this.#missing;
  }

  /** True if there is nothing more to learn of what arrived. */
  get isSettled(): boolean {
    if (this.#broken !== null || this.isOver) return true;
    if (this.#hasDirectories) return false;
    return this.#missing.size === 0 || (this.#phases >= phasesUntilInPlace && !this.#isRepeated);
  }

  /** True if it came to its proper end. */
  get isOver(): boolean {
    return this.#phases === phasesTheirs;
  }

  /** How the other side broke off, or broke the rules; null if it did not. */
  get broken(): string | null {
    return this.#broken;
  }

  /** True if it broke off as the rules say. */
  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  /** What the other side complained of, as a byte string. */
  get complaints(): string {
    return this.#complaints;
  }

  /** How many bytes wait to be taken, about. */
  get bytes(): number {
    return this.#data.length + this.#framedBytes;
  }

  /** True if something was said or asked that `next` has not dealt with. */
  get hasTurns(): boolean {
    return this.#turns.length > 0;
  }

  /** Bytes of content that went out as such. */
  get literalBytes(): number {
    return this.#literalBytes;
  }

  /** True if so much was asked for that nothing more should be read before it is answered. */
  get isFull(): boolean {
    return this.#heldBytes > heldBytesMax;
  }

  /** Takes what the other side sent. */
  receive(bytes: Buffer): void {
    if (this.#broken !== null || this.isOver) return;
    try {
      this.#demultiplexer.push(bytes);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#broken = error.message;
    }
  }

  /** What is to be sent to the other side; it is given out once. See `sent`. */
  take(): Buffer[] {
    this.#frame();
    const taken = this.#frames;
    this.#frames = [];
    this.#framedBytes = 0;
    return taken;
  }

  /** What was taken is on its way, and not needed any more. */
  sent(): void {
    this.#data.reuse();
  }

  /** Sends the content of a file before it is asked for. */
  sendAhead(index: number, content: Buffer): void {
    this.#ahead.add(index);
    this.#toBeAsked--;
    this.#ourIndex.write(index, this.#data);
    // (Without a matcher: there is nothing to be matched, and this is done for thousands of files in a row.)
    this.#data.short(says.transfer).bytes(emptySumHead);
    for (let at = 0; at < content.length; at += literalBytesMax) {
      const piece = content.subarray(at, at + literalBytesMax);
      this.#data.int(piece.length).bytes(piece);
    }
    this.#data.int(0).bytes(createHash("md5").update(content).digest());
    this.#literalBytes += content.length;
  }

  /** From now on, what is asked for is answered. Called once, after the last `sendAhead`. */
  begin(): void {
    this.#isBegun = true;
    // What was not sent has to be asked for in this phase.
    if (this.#hasDirectories || this.#toBeAsked > 0) return;
    this.#ourIndex.write(phaseDone, this.#data);
    this.#toldAhead = 1;
  }

  /**
   * The next file that is asked for, if there is one: it is to be answered, or refused, before the one after it is
   * given out.
   */
  next(): Request | null {
    while (this.#isBegun && !this.#isAnswering && this.#broken === null) {
      const turn = this.#turns.shift();
      if (turn === undefined) return null;
      this.#heldBytes -= heldBytesOf(turn);
      if (turn.is === "request") {
        // It was asked for just before it went out.
        if (this.#ahead.delete(turn.index)) continue;
        this.#isAnswering = true;
        return turn;
      }
      if (turn.is === "done") this.#tellDone();
      else {
        this.#ourIndex.write(turn.index, this.#data);
        this.#data.bytes(turn.preamble);
      }
    }
    return null;
  }

  /** Answers a request: takes the content in pieces; ends well, or with what the other side throws away. */
  answer({ index, preamble, sums }: Request): Answer {
    this.#ourIndex.write(index, this.#data);
    this.#data.bytes(preamble).bytes(encodeSumHead(sums));
    const matcher = new DeltaMatcher(sums, { seed: this.options.greeting.seed, seedFirst: true });
    const end = (sum: (right: Buffer) => Buffer) => {
      const { tokens, md5 } = matcher.end();
      this.#data.bytes(tokens).bytes(sum(md5));
      this.#literalBytes += matcher.literalBytes;
      this.#isAnswering = false;
    };
    return {
      content: (piece) => {
        this.#data.bytes(matcher.push(piece));
      },
      end: () => end((right) => right),
      fail: () => end((right) => Buffer.from(right.map((byte) => byte ^ 0xff))),
    };
  }

  /** Says that the file of a request cannot be had. */
  refuse({ index }: Request): void {
    this.#frame();
    this.#keep([messageFrame(tags.noSend, index)]);
    this.#isAnswering = false;
  }

  #frame(): void {
    if (this.#data.length > 0) this.#keep(dataFrames(this.#data.take()));
  }

  #keep(frames: readonly Buffer[]): void {
    for (const frame of frames) this.#framedBytes += frame.length;
    this.#frames.push(...frames);
  }

  *#readRequests(): Reading<never> {
    for (;;) {
      const index = yield* this.#theirIndex.read();
      if (this.isOver) throw new WireError("it goes on after the end");
      if (index === phaseDone) {
        this.#phases++;
        this.#turns.push({ is: "done" });
        continue;
      }
      const entry = this.options.entries[index];
      if (entry === undefined) throw new WireError("it asks for a file that is not in the list");
      const flags = yield* readShort();
      const preamble = new ByteWriter().short(flags);
      if (flags & says.hasBasisType) preamble.byte(yield* readByte());
      if (flags & says.hasOtherName) preamble.vstring(yield* readVstring());
      const isTransfer = (flags & says.transfer) !== 0;
      if (isTransfer && entry.kind !== "file")
        throw new WireError("it asks for the content of what is no file");
      const sums = isTransfer ? yield* readBlockSums() : noBasis;
      const asked = (this.#asked.get(index) ?? 0) + 1;
      this.#asked.set(index, asked);
      if (this.#phases > 0) this.#isRepeated = true;
      if (asked > askedMax) throw new WireError("it asks for the same file again and again");
      if (isTransfer && this.#ahead.delete(index)) continue;
      const turn: Turn = { is: isTransfer ? "request" : "echo", index, preamble: preamble.take(), sums };
      this.#turns.push(turn);
      this.#heldBytes += heldBytesOf(turn);
    }
  }

  #tellDone(): void {
    if (this.#toldAhead > 0) {
      this.#toldAhead--;
      this.#told++;
      return;
    }
    if (this.#told === phasesOurs) return;
    this.#told++;
    this.#ourIndex.write(phaseDone, this.#data);
  }

  #complain(text: string): void {
    if (this.#complaints.length < complaintsMax) this.#complaints += text;
  }

  #message(tag: number, body: Buffer): void {
    switch (tag) {
      case tags.success: {
        const index = body.length === 4 ? body.readInt32LE() : -1;
        const kind = this.options.entries[index]?.kind;
        if (kind !== "file" && kind !== "symlink")
          throw new WireError("it has put something in place that was not sent");
        if (this.#missing.delete(index)) this.options.onArrived(index);
        return;
      }
      case tags.errorExit:
        this.#gaveUp = true;
        throw new WireError(`it gave up${body.length === 4 ? ` (code ${body.readInt32LE()})` : ""}`);
      case tags.errorTransfer:
      case tags.error:
      case tags.warning:
        this.#complain(body.toString("latin1"));
        return;
      case tags.ioError:
        this.#complain("rsync: [receiver] an error of the file system\n");
    }
  }
}

/** Takes the content of one file. */
export interface Answer {
  content(piece: Buffer): void;
  end(): void;
  /** The content could not be read to its end. */
  fail(): void;
}

function heldBytesOf(turn: Turn): number {
  if (turn.is === "done") return 0;
  const sumBytes = turn.is === "request" ? turn.sums.weak.byteLength + turn.sums.strong.length : 0;
  return requestBytes + turn.preamble.length + sumBytes;
}
