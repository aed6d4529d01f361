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
    const silence = setTimeout(() => {
      this.#isSilent = true;
      receiver.close();
      this.#wake();
    }, silenceMaxMs);
    receiver.onData((data) => {
      silence.refresh();
      this.#session.receive(data);
      if (this.#session.complaints !== "") this.#sulk ??= setTimeout(() => this.#stop(), sulkMaxMs);
      this.#sulk?.refresh();
      receiver.setPaused(this.#session.isFull);
      this.#wake();
    });
    void receiver.closed.then(({ code }) => {
      this.#isClosed = true;
      this.#exitCode = code;
      this.#wake();
    });
    await this.#sendAhead(() => silence.refresh());
    await this.#converse(
      () => this.#isSettled,
      () => silence.refresh(),
    );
    clearTimeout(silence);
    clearTimeout(this.#sulk ?? undefined);
    if (this.#isSilent) {
      const what = `nothing travelled for ${silenceMaxMs / 1000} s in a transfer`;
      return new Fault("connection", what, "see --timeout", true);
    }
    const report = this.#report();
    void this.#farewell();
    return report;
  }

  /** What is acknowledged one by one is settled early; directories only by a good end. */
  get #isSettled(): boolean {
    if (this.#isClosed || this.#isSilent || this.#isStopped || this.#session.broken !== null) return true;
    if (this.#session.complaints !== "" && !this.options.isPatient) return true;
    if (!this.#entries.some(({ kind }) => kind === "directory")) return this.#session.isSettled;
    if (this.#session.isOver) this.receiver.dismiss();
    return false;
  }

  async #sendAhead(onSent: () => void): Promise<void> {
    for (const [index, { path, kind, size }] of this.options.ahead ? this.#entries.entries() : []) {
      if (kind !== "file" || size > aheadBytesMax) continue;
      // What cannot be read is asked for, and refused then.
      const content = this.source.whole(path, size, 2 * aheadBytesMax);
      if (isUnread(content)) continue;
      this.#session.sendAhead(index, content);
      this.#tellProgress(content.length);
      if (this.#session.bytes < pieceBytes) continue;
      await this.#flush(onSent);
      await breathe();
      if (this.#isClosed) return;
    }
    this.#session.begin();
    await this.#flush(onSent);
  }

  /** Answers what is asked, until `isEnough`. */
  async #converse(isEnough: () => boolean, onSent: () => void): Promise<void> {
    for (;;) {
      for (let asked = this.#session.next(); asked !== null; asked = this.#session.next()) {
        await this.#answer(asked, onSent);
        if (this.#session.bytes >= pieceBytes) await this.#flush(onSent);
        await breathe();
      }
      this.receiver.setPaused(false);
      await this.#flush(onSent);
      if (isEnough()) return;
      // What came while this was sent has woken nobody.
      if (this.#session.hasTurns) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  async #answer(request: Request, onSent: () => void): Promise<void> {
    const { path, size } = this.#entries[request.index]!;
    const isSmall = size <= aheadBytesMax;
    const content = isSmall ? this.source.whole(path, size, 2 * aheadBytesMax) : await this.source.open(path);
    if (isUnread(content)) {
      this.#note(path, content);
      this.#session.refuse(request);
    } else if (Buffer.isBuffer(content)) {
      const answer = this.#session.answer(request);
      answer.content(content);
      answer.end();
      this.#tellProgress(content.length);
    } else {
      await this.#stream(path, content, this.#session.answer(request), onSent);
    }
  }

  async #stream(path: Path, file: FileHandle, answer: Answer, onSent: () => void): Promise<void> {
    try {
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes);
        if (bytesRead === 0 || this.#isClosed || this.#session.broken !== null) break;
        answer.content(buffer.subarray(0, bytesRead));
        this.#tellProgress(bytesRead);
        await this.#flush(onSent);
      }
      answer.end();
    } catch {
      this.#missed.add(path);
      answer.fail();
    } finally {
      await file.close();
    }
  }

  async #flush(onSent: () => void): Promise<void> {
    const pieces = this.#session.take();
    if (pieces.length === 0) return;
    await this.receiver.send(pieces);
    onSent();
  }

  #stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  /** Lets the receiver come to its end, which takes it some more round trips. */
  async #farewell(): Promise<void> {
    if (this.#isStopped || this.#session.complaints !== "") {
      this.receiver.close();
      return;
    }
    const timer = setTimeout(() => this.receiver.close(), farewellMaxMs);
    const isOver = () => this.#isClosed || this.#session.isOver || this.#session.broken !== null;
    if (!isOver()) await this.#converse(isOver, () => {});
    clearTimeout(timer);
    this.receiver.dismiss();
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
    const broken =
      session.broken ?? (isCut ? `the receiver ended early (exit code ${this.#exitCode})` : null);
    return {
      arrived,
      missed: this.#missed,
      unreadable: this.#unreadable,
      contentBytes: session.literalBytes,
      broken,
      isRuleBroken: session.broken !== null,
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
    this.#tellProgress(0);
  }

  #tellProgress(bytes: number): void {
    this.#sentBytes += bytes;
    this.options.onProgress?.({ files: this.#acknowledged.size, bytes: this.#sentBytes });
  }
}
