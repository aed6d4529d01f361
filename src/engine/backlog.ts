/** What of a source waits for a look on behalf of one target: what changed, and what failed and is tried again. */
import { Aggregator, type Scope } from "../core/aggregate.ts";
import { isWithinAny, nameOf, type Path, parentOf, root } from "../core/path.ts";
import type { Result } from "./carry-out.ts";
import { FailingPaths, type Failure } from "./failing.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** What is looked at now. */
export interface Due {
  readonly dirty: ReadonlyMap<Path, Scope>;
  /** Those of them that failed, with the failure. */
  readonly retried: ReadonlyMap<Path, Failure>;
}

/** How many paths are kept for which an event told of themselves. What is told beyond that counts as not seen. */
const toldMax = 100_000;

/** What is being worked on. */
interface Work {
  /** How many paths. */
  readonly paths: number;
  /** When the oldest change of it happened. */
  readonly sinceMs: number;
  /** Those of the paths for which, and for all below which, nobody saw what happened. */
  readonly unseen: Set<Path>;
}

/** See above. Times are of the steady clock. */
export class Backlog {
  readonly #dirty: Aggregator;
  readonly #failing: FailingPaths;
  /** What is being worked on; null between two looks. */
  #work: Work | null = null;
  /** The same of paths that wait: see `Work`. */
  readonly #unseen = new Set<Path>();
  /** Paths that wait or are being worked on, and that events named: what became of these was seen. */
  readonly #told = new Set<Path>();

  constructor(private readonly options: WorkerOptions) {
    this.#dirty = new Aggregator(options);
    this.#failing = new FailingPaths(options.clock);
  }

  /** Number of paths that fail now. */
  get failing(): number {
    return this.#failing.size;
  }

  /** True if something waits that did not fail. */
  get isPending(): boolean {
    if (this.#dirty.size > this.#failing.size) return true;
    const failing = this.#failing.all();
    for (const path of this.#dirty.paths()) if (!failing.has(path)) return true;
    return false;
  }

  /** How many paths wait or are being worked on, but for those that fail. */
  get size(): number {
    return Math.max(0, this.#dirty.size - this.#failing.size) + (this.#work?.paths ?? 0);
  }

  /** When the oldest change happened that waits or is being worked on, but for what fails; infinity if none does. */
  sinceMs(): number {
    const failing = this.#failing.all();
    return Math.min(
      this.#work?.sinceMs ?? Number.POSITIVE_INFINITY,
      this.#dirty.sinceMs((path) => !failing.has(path)),
    );
  }

  /** The paths that fail. */
  failures(): ReadonlyMap<Path, Failure> {
    return this.#failing.all();
  }

  /** All paths that wait, ready or not. */
  paths(): Iterable<Path> {
    return this.#dirty.paths();
  }

  /** When the next path is ready; infinity if none waits. */
  nextMs(): number {
    return this.#dirty.nextMs();
  }

  /** Something may have changed at `path` just now. */
  changed(path: Path, scope: Scope): void {
    const now = this.options.clock.steadyMs();
    this.#dirty.add(path, scope, now);
    if (scope === "entry" && this.#told.size < toldMax) this.#told.add(path);
    if (this.options.source.selection.isRuleFile(nameOf(path))) this.#dirty.add(parentOf(path), "tree", now);
  }

  /** What is at `path` and below it is not known. */
  unknown(path: Path): void {
    this.#dirty.addNow(path, this.#workSinceMs());
  }

  /** What was to be done at `path` was not: it is looked at again as a whole. */
  undone(path: Path): void {
    this.#stayUnseen(path);
    this.#dirty.add(path, "tree", this.options.clock.steadyMs(), this.#workSinceMs());
  }

  /** `path` is to be looked at again as a whole, but not before `restMs` are over. */
  again(path: Path, restMs: number): void {
    this.#stayUnseen(path);
    this.#dirty.retry(path, this.options.clock.steadyMs() + restMs, this.#workSinceMs());
  }

  /** Takes out what is ready. */
  take(): Due {
    const now = this.options.clock.steadyMs();
    const sinceMs = this.sinceMs();
    const dirty = this.#dirty.take(now);
    const { due, waiting } = this.#failing.among(dirty.keys(), now);
    // Something else asked for a look at these, which they do not get before their time.
    for (const [path, dueMs] of waiting) this.#dirty.retry(path, dueMs, now);
    const unseen = new Set(
      [...dirty.keys()].filter((path) => !waiting.has(path) && this.#unseen.delete(path)),
    );
    // That is how a start, an overflow or the end of a halt is told.
    if (dirty.get(root) === "tree") unseen.add(root);
    this.#work = { paths: dirty.size, sinceMs, unseen };
    return { dirty, retried: due };
  }

  /** The look at what was taken out came to no end; `seen` is what it found so far. */
  putBack({ dirty }: Due, seen: Iterable<Path>): void {
    const now = this.options.clock.steadyMs();
    for (const [path, scope] of dirty) this.#dirty.add(path, scope, now, this.#workSinceMs());
    for (const path of this.#work?.unseen ?? []) this.#unseen.add(path);
    for (const path of seen) this.undone(path);
    this.#work = null;
  }

  /** The look came to its end: what was tried again and did not fail anew works, or is gone. */
  finish({ dirty, retried }: Due): void {
    for (const [path, failure] of retried) if (this.#failing.all().get(path) === failure) this.succeed(path);
    if (this.#dirty.size === 0) {
      this.#told.clear();
      this.#unseen.clear();
    } else for (const path of dirty.keys()) if (!this.#dirty.has(path)) this.#told.delete(path);
    this.#work = null;
  }

  /** Takes over what came of work; what was missed is tried again after `missedMs`. */
  settle(result: Pick<Result, "done" | "failed" | "again" | "changed" | "missed">, missedMs: number): void {
    for (const { path } of result.done) this.succeed(path);
    for (const [path, reason] of result.failed) this.fail(path, reason);
    for (const path of result.again) this.undone(path);
    for (const path of result.changed) this.changed(path, "tree");
    for (const path of result.missed) this.again(path, missedMs);
  }

  /** True if `path`, or a directory above it, failed, and is not to be tried yet. */
  waits(path: Path): boolean {
    return this.#failing.waits(path, this.options.clock.steadyMs());
  }

  /** Nobody saw what the work under way finds at `path` and below it. */
  foundAt(path: Path): void {
    this.#work?.unseen.add(path);
  }

  /** Those of `removed` of which nobody saw that they, or a directory above them, were removed. */
  unseenAmong(removed: readonly Path[]): Path[] {
    const told = new Set(removed.filter((path) => this.#told.has(path)));
    return removed.filter((path) => this.#isBelowUnseen(path) && !isWithinAny(path, told));
  }

  succeed(path: Path): void {
    if (this.#failing.remove(path))
      this.options.report({ event: "recovered", target: this.options.name, path });
  }

  fail(path: Path, reason: string): void {
    const now = this.options.clock.steadyMs();
    const failure = this.#failing.add(path, reason, now);
    this.#dirty.retry(failure.path, now + failure.retryMs, now);
    this.#stayUnseen(failure.path);
    if (!failure.isNew) return;
    this.options.report({
      event: "failing",
      target: this.options.name,
      path: failure.path,
      reason,
      retryMs: failure.retryMs,
    });
  }

  /** What is found at `path` later was not seen either. */
  #stayUnseen(path: Path): void {
    if (this.#isBelowUnseen(path)) this.#unseen.add(path);
  }

  #isBelowUnseen(path: Path): boolean {
    return this.#work !== null && isWithinAny(path, this.#work.unseen);
  }

  /** What follows from the work under way is as old as that. */
  #workSinceMs(): number {
    return Math.min(this.#work?.sinceMs ?? Number.POSITIVE_INFINITY, this.options.clock.steadyMs());
  }
}
