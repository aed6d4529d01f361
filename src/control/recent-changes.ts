/** The last changes that went out, for who asks what happened, and for who wants to be told as it happens. */
import type { Done, Report } from "../engine/report.ts";

/** One change on one target. */
export interface RecentChange extends Done {
  /** When it was acknowledged, in milliseconds since 1970. */
  readonly atMs: number;
  readonly mirror: string;
  readonly target: string;
}

/** How many changes are kept. */
const changesMax = 10_000;

type Listener = (change: RecentChange) => void;

/** See above. */
export class RecentChanges {
  readonly #changes: RecentChange[] = [];
  readonly #listeners = new Set<Listener>();

  /** The changes that are kept, the oldest first. */
  get all(): readonly RecentChange[] {
    return this.#changes;
  }

  /** Takes over what a mirror tells. */
  take(mirror: string, report: Report): void {
    if (report.event !== "batch") return;
    const atMs = Date.now();
    for (const done of report.done) {
      const change = { ...done, atMs, mirror, target: report.target };
      this.#changes.push(change);
      for (const listener of this.#listeners) listener(change);
    }
    // A tenth more before it is cut, so that this is not done for each change.
    if (this.#changes.length > changesMax * 1.1) this.#changes.splice(0, this.#changes.length - changesMax);
  }

  /** Calls `listener` for each change from now on, until the function that is returned is called. */
  follow(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
