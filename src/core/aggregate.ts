/**
 * Gathers dirty paths until they are worth a look. Pure: the time is given.
 *
 * A path is ready once nothing happened to it for the settle time, or once it has waited for the longest time; a
 * lone save so leaves almost at once, and a storm gathers while the batch before it is under way. With a delay,
 * nothing is ready before it is over, counted from the first change.
 *
 * Of events that follow each other closely only the first is told (by Bun's `fs.watch`, for one): a path that something
 * just happened to is looked at, if it must be, and once more when it has been quiet.
 *
 * However much happens, no more than a fixed number of paths is kept: beyond it the directories of the deepest ones
 * stand for them, and so on, up to the root if need be. What is looked at then includes all that was dirty.
 */
import { depthOf, type Path, parentOf, root } from "./path.ts";

/** How much of a path is to be looked at: the entry alone, a directory's listing too, or all below it. */
export type Scope = "entry" | "listing" | "tree";

const scopeOrder: Record<Scope, number> = { entry: 0, listing: 1, tree: 2 };

/** When dirty paths are ready. */
export interface AggregateOptions {
  /** How long a path must have been quiet. */
  readonly settleMs: number;
  /** How long a path that is never quiet waits at most. */
  readonly delayMaxMs: number;
  /** How long changes are gathered after the first one; 0: not at all. */
  readonly delayMs: number;
  /** With this many paths the gathering is over at once. */
  readonly countMax: number;
  /** How many paths are kept, at most (100,000). */
  readonly pathsMax?: number;
}

/** About 20 MB. */
const defaultPathsMax = 100_000;

/** How long after an event another one of the same name may stay untold. */
const untoldMs = 3;

interface Dirty {
  scope: Scope;
  firstMs: number;
  lastMs: number;
  /** Not before this time, however quiet: the next try of a path that failed. */
  notBeforeMs: number;
  /** When the oldest change happened that it stands for. */
  sinceMs: number;
}

/** The dirty paths of one target. */
export class Aggregator {
  readonly #dirty = new Map<Path, Dirty>();
  /** When the changes that are gathered now may leave; null if there are none. */
  #windowEndMs: number | null = null;
  /** True from the moment that directories stand for their entries until something is taken out. */
  #isShrunk = false;
  /** With more paths than this, directories begin to stand for their entries. */
  #shrinkAt: number;
  readonly #pathsMax: number;

  constructor(private readonly options: AggregateOptions) {
    this.#pathsMax = options.pathsMax ?? defaultPathsMax;
    this.#shrinkAt = this.#pathsMax;
  }

  /** How many paths wait. */
  get size(): number {
    return this.#dirty.size;
  }

  /** All paths that wait, ready or not. */
  paths(): Iterable<Path> {
    return this.#dirty.keys();
  }

  /** True if `path` itself waits. */
  has(path: Path): boolean {
    return this.#dirty.has(path);
  }

  /** Something happened at `path`; `sinceMs`: if it stands for changes that happened before. */
  add(path: Path, scope: Scope, nowMs: number, sinceMs = nowMs): void {
    this.#windowEndMs ??= nowMs + this.options.delayMs;
    const known = this.#dirty.get(path);
    if (known === undefined) {
      this.#dirty.set(path, { scope, firstMs: nowMs, lastMs: nowMs, notBeforeMs: 0, sinceMs });
      if (this.#dirty.size > this.#shrinkAt) this.#shrink();
      return;
    }
    known.lastMs = nowMs;
    known.sinceMs = Math.min(known.sinceMs, sinceMs);
    if (scopeOrder[scope] > scopeOrder[known.scope]) known.scope = scope;
  }

  /**
   * `path` is to be looked at as a whole at once: nothing has happened to it, but what is there is not known. `sinceMs`:
   * when the oldest change may have happened that is found there.
   */
  addNow(path: Path, sinceMs: number): void {
    this.retry(path, 0, sinceMs);
  }

  /** `path` failed: it is looked at again as a whole at `atMs`, and not before, whatever happens to it. */
  retry(path: Path, atMs: number, sinceMs: number): void {
    const known = this.#dirty.get(path);
    this.#dirty.set(path, {
      scope: "tree",
      firstMs: 0,
      lastMs: known?.lastMs ?? 0,
      notBeforeMs: atMs,
      sinceMs: Math.min(known?.sinceMs ?? sinceMs, sinceMs),
    });
  }

  /** Takes out the paths that are ready. */
  take(nowMs: number): Map<Path, Scope> {
    const ready = new Map<Path, Scope>();
    const isOver = this.#isFull || (this.#windowEndMs !== null && this.#windowEndMs <= nowMs);
    for (const [path, dirty] of this.#dirty)
      if (this.#readyAtMs(dirty) <= nowMs) ready.set(path, dirty.scope);
    for (const path of ready.keys()) this.#takeOut(path, nowMs);
    if (isOver) this.#windowEndMs = this.#dirty.size === 0 ? null : nowMs;
    this.#isShrunk = false;
    return ready;
  }

  /** When the oldest change happened that waits at a path for which `counts`; infinity if there is none. */
  sinceMs(counts: (path: Path) => boolean): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const [path, { sinceMs }] of this.#dirty) if (counts(path)) oldestMs = Math.min(oldestMs, sinceMs);
    return oldestMs;
  }

  /** When the next path is ready; infinity if none waits. */
  nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const dirty of this.#dirty.values()) nextMs = Math.min(nextMs, this.#readyAtMs(dirty));
    return nextMs;
  }

  #takeOut(path: Path, nowMs: number): void {
    const { scope, lastMs } = this.#dirty.get(path)!;
    if (lastMs + untoldMs > nowMs)
      this.#dirty.set(path, { scope, firstMs: nowMs, lastMs, notBeforeMs: 0, sinceMs: lastMs });
    else this.#dirty.delete(path);
  }

  get #isFull(): boolean {
    return this.#isShrunk || this.#dirty.size >= this.options.countMax;
  }

  /** Lets directories stand for their entries, the deepest first, until half of the room is free again. */
  #shrink(): void {
    this.#isShrunk = true;
    // What failed has its own time, and its own limit.
    const paths = [...this.#dirty].filter(([path, { notBeforeMs }]) => notBeforeMs === 0 && path !== root);
    const byDepth = Map.groupBy(
      paths.map(([path]) => path),
      depthOf,
    );
    for (let depth = Math.max(...byDepth.keys()); depth > 0; depth--) {
      if (this.#dirty.size <= this.#pathsMax / 2) break;
      const standIns = (byDepth.get(depth) ?? []).map((path) => this.#standIn(path));
      const above = standIns.filter((path) => path !== null);
      byDepth.set(depth - 1, [...(byDepth.get(depth - 1) ?? []), ...above]);
    }
    // If even that did not help, it is not tried for each path that comes.
    this.#shrinkAt = Math.max(this.#pathsMax, this.#dirty.size * 2);
  }

  /** Lets the directory of `path` stand for it; returns it if it was not dirty before. */
  #standIn(path: Path): Path | null {
    const dirty = this.#dirty.get(path)!;
    this.#dirty.delete(path);
    const scope = dirty.scope === "entry" ? "listing" : "tree";
    const above = parentOf(path);
    const known = this.#dirty.get(above);
    if (known === undefined) {
      this.#dirty.set(above, { ...dirty, scope });
      return above;
    }
    known.firstMs = Math.min(known.firstMs, dirty.firstMs);
    known.sinceMs = Math.min(known.sinceMs, dirty.sinceMs);
    known.lastMs = Math.max(known.lastMs, dirty.lastMs);
    if (scopeOrder[scope] > scopeOrder[known.scope]) known.scope = scope;
    return null;
  }

  #readyAtMs({ firstMs, lastMs, notBeforeMs }: Dirty): number {
    const { settleMs, delayMaxMs } = this.options;
    const quietMs = Math.min(lastMs + Math.max(settleMs, untoldMs), firstMs + delayMaxMs);
    // What was not added by a change waits for no others.
    const gatheredMs = firstMs === 0 || this.#isFull ? 0 : (this.#windowEndMs ?? 0);
    return Math.max(notBeforeMs, quietMs, gatheredMs);
  }
}
