/**
 * Gathers dirty paths until they are worth a look. Pure: the time is given.
 *
 * A path is ready once nothing happened to it for the settle time, or once it has waited for the longest time; a
 * lone save so leaves almost at once, and a storm gathers while the batch before it is under way.
 */
import type { Path } from "./path.ts";

/** How much of a path is to be looked at: the entry alone, a directory's listing too, or all below it. */
export type Scope = "entry" | "listing" | "tree";

const scopeOrder: Record<Scope, number> = { entry: 0, listing: 1, tree: 2 };

/** When dirty paths are ready. */
export interface AggregateOptions {
  /** How long a path must have been quiet. */
  readonly settleMs: number;
  /** How long a path that is never quiet waits at most. */
  readonly delayMaxMs: number;
}

interface Dirty {
  scope: Scope;
  firstMs: number;
  lastMs: number;
  /** Not before this time, however quiet: the next try of a path that failed. */
  notBeforeMs: number;
}

/** The dirty paths of one target. */
export class Aggregator {
  readonly #dirty = new Map<Path, Dirty>();

  constructor(private readonly options: AggregateOptions) {}

  /** How many paths wait. */
  get size(): number {
    return this.#dirty.size;
  }

  /** All paths that wait, ready or not. */
  paths(): Iterable<Path> {
    return this.#dirty.keys();
  }

  /** Something happened at `path`. */
  add(path: Path, scope: Scope, nowMs: number): void {
    const known = this.#dirty.get(path);
    if (known === undefined) {
      this.#dirty.set(path, { scope, firstMs: nowMs, lastMs: nowMs, notBeforeMs: 0 });
      return;
    }
    known.lastMs = nowMs;
    if (scopeOrder[scope] > scopeOrder[known.scope]) known.scope = scope;
  }

  /** `path` failed: it is looked at again as a whole at `atMs`, and not before, whatever happens to it. */
  retry(path: Path, atMs: number): void {
    this.#dirty.set(path, { scope: "tree", firstMs: 0, lastMs: 0, notBeforeMs: atMs });
  }

  /** Takes out the paths that are ready. */
  take(nowMs: number): Map<Path, Scope> {
    const ready = new Map<Path, Scope>();
    for (const [path, dirty] of this.#dirty) {
      if (this.#readyAtMs(dirty) > nowMs) continue;
      ready.set(path, dirty.scope);
      this.#dirty.delete(path);
    }
    return ready;
  }

  /** When the next path is ready; infinity if none waits. */
  nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const dirty of this.#dirty.values()) nextMs = Math.min(nextMs, this.#readyAtMs(dirty));
    return nextMs;
  }

  #readyAtMs({ firstMs, lastMs, notBeforeMs }: Dirty): number {
    const { settleMs, delayMaxMs } = this.options;
    return Math.max(notBeforeMs, Math.min(lastMs + settleMs, firstMs + delayMaxMs));
  }
}
