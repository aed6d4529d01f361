/** Sends files to a receiver that waits: one session of tsync's own sender. */
import type { FileHandle } from "node:fs/promises";
import { Fault } from "../core/fault.ts";
import type { Send } from "../core/operation.ts";
import type { Path } from "../core/path.ts";
import { breathe } from "../system/breathe.ts";
import type { Receiver } from "./receiver.ts";
import { reasonFor } from "./rsync-output.ts";
import type { Sent } from "./rsync-progress.ts";
import { isUnread, type SourceFiles, type Unread } from "./source-file.ts";
import { inOrder, type ListEntry, type ListOptions } from "./wire/file-list.ts";
import { type Answer, type Request, SendSession } from "./wire/session.ts";

/** Files up to so many bytes go out whole, before they are asked for. */
const aheadBytesMax = 256 * 1024;

/** How much of a larger file is read at a time. */
const pieceBytes = 256 * 1024;

/** How long a receiver may take to end once all that it was sent has arrived. */
const farewellMaxMs = 30_000;

/** How long one may take that is left. */
const leaveMaxMs = 5_000;

/**
 * How long a receiver may be silent that has complained: it may wait for ever for what it failed to do, once that is 50
 * files or so.
 */
const sulkMaxMs = 5_000;

/** How a session goes. */
export interface PushOptions extends ListOptions {
  /** Small files are not waited to be asked for. The directories that they are in must be there. */
  readonly ahead: boolean;
  /**
   * False if it is over with the first complaint of the receiver: what it had not acknowledged by then has to go by
   * another way.
   */
  readonly isPatient: boolean;
  /** How long nothing may travel. */
  readonly silenceMaxMs: number;
  readonly onProgress?: ((sent: Sent) => void) | undefined;
}

/** What came of it. */
export interface PushReport {
  /** What was acknowledged, and not complained of before. */
  readonly arrived: ReadonlySet<Path>;
  /** What was not there any more as it was seen. */
  readonly missed: ReadonlySet<Path>;
  /** What could not be read here, with the reason. */
  readonly unreadable: ReadonlyMap<Path, string>;
  /** Bytes of content that travelled as such. */
  readonly contentBytes: number;
  /** How the receiver broke off, or broke the rules; null if it did not. */
  readonly broken: string | null;
  /** True if it is the rules that it broke. */
  readonly isRuleBroken: boolean;
  /** What the receiver complained of, as a byte string. */
  readonly said: string;
}

/** Sends each of `sends` to `receiver`, which serves this alone. Fault: the connection is dead. */
export async function push(
  receiver: Receiver,
  source: SourceFiles,
  sends: readonly Send[],
  options: PushOptions,
): Promise<PushReport | Fault> {
  return await new Push(receiver, source, sends, options).run();
}

class Push {
  readonly #missed = new Set<Path>();
  readonly #unreadable = new Map<Path, string>();
  readonly #entries: readonly ListEntry[];
  readonly #session: SendSession;
  /** What was put in place, by the receiver's word, and what of that was so before it complained of anything. */
  readonly #acknowledged = new Set<Path>();
  readonly #undoubted = new Set<Path>();
  #sentBytes = 0;
  #exitCode: number | null = null;
  #isClosed = false;
  #isSilent = false;
  /** Run out if nothing travels any more; the second one, once the receiver has complained. */
  #silence: Timer | null = null;
  #sulk: Timer | null = null;
  #isStopped = false;
  #wake = () => {};

  constructor(
    private readonly receiver: Receiver,
    private readonly source: SourceFiles,
    sends: readonly Send[],
    private readonly options: PushOptions,
  ) {
    const found: ListEntry[] = [];
    for (const { path, entry: seen } of sends) {
      const entry = source.entry(path);
      if (isUnread(entry)) this.#note(path, entry);
      else if (entry.kind === seen.kind) found.push(entry);
      else this.#missed.add(path);
    }
    this.#entries = inOrder(found);
    this.#session = new SendSession({
      ...options,
      greeting: receiver.greeting,
      entries: this.#entries,
      onArrived: (index) => this.#noteArrival(this.#entries[index]!),
    });
  }

  async run(): Promise<PushReport | Fault> {
    if (this.#entries.length === 0) {
      this.receiver.dismiss();
      return this.#report();
    }
    const { receiver } = this;
    const { silenceMaxMs } = this.options;
    this.#silence = setTimeout(() => {
      this.#isSilent = true;
      receiver.close();
      this.#wake();
    }, silenceMaxMs);
    receiver.onData((data) => {
      this.#session.receive(data);
      if (this.#session.complaints !== "") this.#sulk ??= setTimeout(() => this.#stop(), sulkMaxMs);
      this.#noteTravel();
      // It comes to its end by itself; it is only seen to that it does.
      if (this.#session.isOver) receiver.dismiss();
      else receiver.setPaused(this.#session.isFull);
      this.#wake();
    });
    void receiver.closed.then(({ code }) => {
      this.#isClosed = true;
      this.#exitCode = code;
      this.#wake();
    });
    await this.#sendAhead();
    await this.#converse(() => this.#isSettled);
    this.#endTimers();
    if (this.#isSilent) {
      const what = `nothing travelled for ${silenceMaxMs / 1000} s in a transfer`;
      return new Fault("connection", what, "see --timeout", true);
    }
    const report = this.#report();
    if (this.#isAbandoned) await this.#leave();
    else void this.#farewell();
    return report;
  }

  /** True if nothing more will come of it. */
  get #isAbandoned(): boolean {
    if (this.#isClosed || this.#isSilent || this.#isStopped || this.#session.broken !== null) return true;
    return this.#session.complaints !== "" && !this.options.isPatient;
  }

  /** What is acknowledged one by one is settled early; directories only by a good end. */
  get #isSettled(): boolean {
    if (this.#isAbandoned) return true;
    return !this.#entries.some(({ kind }) => kind === "directory") && this.#session.isSettled;
  }

  #noteTravel(): void {
    this.#silence?.refresh();
    this.#sulk?.refresh();
    this.options.onProgress?.({ files: this.#acknowledged.size, bytes: this.#sentBytes });
  }

  #endTimers(): void {
    clearTimeout(this.#silence ?? undefined);
    clearTimeout(this.#sulk ?? undefined);
    // (One that is refreshed later would run again.)
    this.#silence = null;
    this.#sulk = null;
  }

  async #sendAhead(): Promise<void> {
    for (const [index, { path, kind, size }] of this.options.ahead ? this.#entries.entries() : []) {
      if (kind !== "file" || size > aheadBytesMax) continue;
      // What cannot be read is asked for, and refused then.
      const content = this.source.whole(path);
      if (isUnread(content)) continue;
      this.#session.sendAhead(index, content);
      this.#sentBytes += content.length;
      if (this.#session.bytes < pieceBytes) continue;
      await this.#flush();
      await breathe();
      if (this.#isAbandoned) return;
    }
    this.#session.begin();
    await this.#flush();
  }

  /** Answers what is asked, until `isEnough`. */
  async #converse(isEnough: () => boolean): Promise<void> {
    for (;;) {
      while (!this.#isAbandoned) {
        const asked = this.#session.next();
        if (asked === null) break;
        await this.#answer(asked);
        if (this.#session.bytes >= pieceBytes) await this.#flush();
        await breathe();
      }
      this.receiver.setPaused(false);
      await this.#flush();
      if (isEnough()) return;
      // What came while this was sent has woken nobody.
      if (this.#session.hasTurns) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  async #answer(request: Request): Promise<void> {
    const { path, size } = this.#entries[request.index]!;
    const isSmall = size <= aheadBytesMax;
    const content = isSmall ? this.source.whole(path) : await this.source.open(path);
    if (isUnread(content)) {
      this.#note(path, content);
      this.#session.refuse(request);
    } else if (Buffer.isBuffer(content)) {
      const answer = this.#session.answer(request);
      answer.content(content);
      answer.end();
      this.#sentBytes += content.length;
    } else {
      await this.#stream(path, content, this.#session.answer(request));
    }
  }

  async #stream(path: Path, file: FileHandle, answer: Answer): Promise<void> {
    try {
      for (;;) {
        const piece = await this.source.piece(file, pieceBytes);
        // Part of the content with the right sum would be put in place.
        if (isUnread(piece) || this.#isAbandoned) {
          if (isUnread(piece)) this.#note(path, piece);
          answer.fail();
          return;
        }
        if (piece.length === 0) break;
        answer.content(piece);
        this.#sentBytes += piece.length;
        await this.#flush();
      }
      answer.end();
    } finally {
      await file.close();
    }
  }

  async #flush(): Promise<void> {
    const pieces = this.#session.take();
    if (pieces.length === 0) return;
    await this.receiver.send(pieces);
    this.#session.sent();
    this.#noteTravel();
  }

  #stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  /** Lets the receiver come to its end, which takes it some more round trips. */
  async #farewell(): Promise<void> {
    const timer = setTimeout(() => this.receiver.close(), farewellMaxMs);
    await this.#converse(() => this.#isAbandoned || this.#session.isOver);
    clearTimeout(timer);
    this.receiver.dismiss();
  }

  /** Ends it early. What it was sent before must not be put in place after what then goes by another way. */
  async #leave(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, leaveMaxMs);
    this.receiver.dismiss();
    await Promise.race([this.receiver.closed, promise]);
    clearTimeout(timer);
    this.receiver.close();
  }

  #report(): PushReport {
    const session = this.#session;
    const said = session.complaints + this.receiver.complaints;
    const arrived = new Set(this.options.isPatient ? this.#acknowledged : this.#undoubted);
    // What it says beside its data is in no order with it.
    if (this.receiver.complaints !== "" && !this.options.isPatient) arrived.clear();
    for (const path of said === "" ? [] : arrived) if (reasonFor(path, said) !== "") arrived.delete(path);
    if (session.isOver && this.#exitCode === 0 && said === "") {
      for (const { path, kind } of this.#entries) if (kind === "directory") arrived.add(path);
    }
    const isCut = this.#isClosed && !session.isOver && !session.isSettled;
    const how = this.#exitCode === null ? "killed" : `exit code ${this.#exitCode}`;
    const broken = session.broken ?? (isCut ? `the receiver of a transfer ended early (${how})` : null);
    return {
      arrived,
      missed: this.#missed,
      unreadable: this.#unreadable,
      contentBytes: session.literalBytes,
      broken,
      isRuleBroken: session.broken !== null && !session.gaveUp,
      said,
    };
  }

  #note(path: Path, unread: Unread): void {
    if (unread.is === "gone") this.#missed.add(path);
    else this.#unreadable.set(path, unread.reason);
  }

  #noteArrival({ path }: ListEntry): void {
    this.#acknowledged.add(path);
    if (this.#session.complaints === "") this.#undoubted.add(path);
  }
}
