/** The paths that failed on one target, until they work. */
import { backoffMs, pathBackoff } from "../core/backoff.ts";
import { type Path, parentOf, root } from "../core/path.ts";
import type { Clock } from "../system/clock.ts";

/** Why a path fails, how often it did, and when it is tried again (milliseconds since 1970). */
export interface Failure {
  readonly reason: string;
  readonly tries: number;
  readonly nextMs: number;
}

/** How many failing paths are kept one by one; beyond that the directory stands for its entries. */
const pathsMax = 10_000;

/** See above. */
export class FailingPaths {
  readonly #paths = new Map<Path, Failure>();

  constructor(private readonly clock: Pick<Clock, "random">) {}

  get size(): number {
    return this.#paths.size;
  }

  all(): ReadonlyMap<Path, Failure> {
    return this.#paths;
  }

  /** Those of `paths` that fail: `due` for a try at `nowMs`, with the failure, or `waiting`, with the time of the next. */
  among(paths: Iterable<Path>, nowMs: number): { due: Map<Path, Failure>; waiting: Map<Path, number> } {
    const [due, waiting] = [new Map<Path, Failure>(), new Map<Path, number>()];
    for (const path of this.#paths.size === 0 ? [] : paths) {
      const failure = this.#paths.get(path);
      if (failure === undefined) continue;
      const dueMs = this.#dueMs(path);
      if (dueMs > nowMs) waiting.set(path, dueMs);
      else due.set(path, failure);
    }
    return { due, waiting };
  }

  /** Notes a failure; returns the path that stands for it, when it is tried again, and whether that is news. */
  add(path: Path, reason: string, nowMs: number): { path: Path; retryMs: number; isNew: boolean } {
    const kept = this.#paths.size >= pathsMax && !this.#paths.has(path) ? parentOf(path) : path;
    const before = this.#paths.get(kept);
    const tries = (before?.tries ?? 0) + 1;
    const retryMs = backoffMs(tries, pathBackoff, this.clock.random());
    this.#paths.set(kept, { reason, tries, nextMs: nowMs + retryMs });
    return { path: kept, retryMs, isNew: before?.reason !== reason };
  }

  /** Forgets a failure; true if there was one. */
  remove(path: Path): boolean {
    return this.#paths.size > 0 && this.#paths.delete(path);
  }

  /** True if `path`, or a directory above it, failed and its next try is not due. */
  waits(path: Path, nowMs: number): boolean {
    return this.#paths.size > 0 && this.#dueMs(path) > nowMs;
  }

  /** When `path` and all directories above it that failed are due. */
  #dueMs(path: Path): number {
    let dueMs = 0;
    for (let at = path; ; at = parentOf(at)) {
      dueMs = Math.max(dueMs, this.#paths.get(at)?.nextMs ?? 0);
      if (at === root) return dueMs;
    }
  }
}
