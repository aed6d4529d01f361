/** Tells how far long work on a target is: a first sync, a large file. */
import type { Send } from "../core/operation.ts";
import type { Sent } from "../target/rsync-progress.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import { countSource } from "./count-source.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How far the work that is under way is. Bytes are those of the files as they are on the disk. */
export interface Progress {
  readonly filesDone: number;
  /** How many files there are to be sent, as far as it is known. */
  readonly files: number;
  readonly bytesDone: number;
  readonly bytes: number;
  /** True if the source is still being looked through, and there may be more to send. */
  readonly isOpen: boolean;
}

/** Work that is over before that is not told of. */
const quietMs = 500;

/** How often it is told at most. */
const everyMs = 200;

/** The work on one target: a batch at a time, from the look at the source to the last transfer. */
export class WorkProgress {
  #batch: Batch | null = null;

  constructor(private readonly options: Pick<WorkerOptions, "name" | "report" | "clock">) {}

  /** How far it is; null if it is not known to take long. */
  get now(): Progress | null {
    return this.#batch?.told ?? null;
  }

  /** A batch begins; `all` is the source if everything in it is to be sent. */
  begin(all: SourceTree | null): void {
    this.#batch = new Batch(this.options, all);
  }

  /** There is this to send. */
  add(sends: readonly Send[]): void {
    this.#batch?.add(sends);
  }

  /** All that the batch has to send is known with the next `add`. */
  close(): void {
    this.#batch?.close();
  }

  /** Follows a transfer of `sends`: `sent` takes how far it is, `end` is called when it is over. */
  follow(sends: readonly Send[]): Following | null {
    return this.#batch?.follow(sends) ?? null;
  }

  /** The batch is over, or broke off; tells so if it was told of. */
  end(): void {
    this.#batch?.end();
    this.#batch = null;
  }
}

/** What is told of a transfer. */
interface Following {
  readonly sent: (sent: Sent) => void;
  readonly end: () => void;
}

class Batch {
  readonly #startMs: number;
  #toldMs = Number.NEGATIVE_INFINITY;
  /** What was told last. */
  told: Progress | null = null;
  readonly #callOff: () => void;
  #done: Sent = { files: 0, bytes: 0 };
  #known: Sent = { files: 0, bytes: 0 };
  /** What there is in all, if it was counted. */
  #counted: Sent | null = null;
  /** Transfers under way, with how far they are. */
  readonly #underWay = new Map<object, Sent>();
  #isOpen = true;
  #isOver = false;

  constructor(
    private readonly options: Pick<WorkerOptions, "name" | "report" | "clock">,
    /** What is to be counted, once it is known to be much. */
    private uncounted: SourceTree | null,
  ) {
    this.#startMs = options.clock.steadyMs();
    this.#callOff = options.clock.after(quietMs, () => this.#tell());
  }

  add(sends: readonly Send[]): void {
    this.#known = sum(this.#known, sizeOf(sends));
    if (this.#isOpen) this.#count();
    this.#tell();
  }

  close(): void {
    this.#isOpen = false;
  }

  follow(sends: readonly Send[]): Following {
    const all = sizeOf(sends);
    const key = {};
    const sent = ({ files, bytes }: Sent) => {
      // (Directories count for rsync, and a file may grow meanwhile.)
      this.#underWay.set(key, { files: Math.min(files, all.files), bytes: Math.min(bytes, all.bytes) });
      this.#tell();
    };
    const end = () => {
      this.#underWay.delete(key);
      this.#done = sum(this.#done, all);
      this.#tell();
    };
    return { sent, end };
  }

  end(): void {
    this.#callOff();
    this.#isOver = true;
    if (this.told !== null) this.options.report({ event: "progress-end", target: this.options.name });
  }

  /** Counts in the background, while the first part is sent: all of it together may take long. */
  #count(): void {
    const source = this.uncounted;
    this.uncounted = null;
    if (source === null) return;
    void countSource(source, this.options.clock, () => this.#isOver).then((all) => {
      this.#counted = all;
      this.#tell();
    });
  }

  #tell(): void {
    if (this.#isOver) return;
    const nowMs = this.options.clock.steadyMs();
    if (this.#known.files === 0 || nowMs - this.#startMs < quietMs || nowMs - this.#toldMs < everyMs) return;
    this.#toldMs = nowMs;
    let done = this.#done;
    for (const sent of this.#underWay.values()) done = sum(done, sent);
    const all = {
      files: Math.max(this.#known.files, this.#counted?.files ?? 0),
      bytes: Math.max(this.#known.bytes, this.#counted?.bytes ?? 0),
    };
    this.told = {
      filesDone: done.files,
      files: all.files,
      bytesDone: done.bytes,
      bytes: all.bytes,
      isOpen: this.#isOpen && this.#counted === null,
    };
    this.options.report({ event: "progress", target: this.options.name, ...this.told });
  }
}

function sum(a: Sent, b: Sent): Sent {
  return { files: a.files + b.files, bytes: a.bytes + b.bytes };
}

function sizeOf(sends: readonly Send[]): Sent {
  let [files, bytes] = [0, 0];
  for (const { entry } of sends) {
    if (entry.kind !== "directory") files++;
    if (entry.kind === "file") bytes += entry.size;
  }
  return { files, bytes };
}
