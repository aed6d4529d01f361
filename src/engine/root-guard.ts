/** Watches over the source's root: as long as it is not what it was, nothing is removed on the target. */

import { type Path, root } from "../core/path.ts";
import { checkRoot, type Halt } from "../core/safety.ts";
import type { Seen } from "../core/seen.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Source } from "../watch/source.ts";

/** The guard of one mirror. */
export class RootGuard {
  /** True while the mirror is halted. */
  isHalted = false;

  constructor(
    private readonly source: Source,
    private readonly ledger: Ledger,
    /** True if a source that is empty or replaced is to be followed. */
    private acceptDeletes: boolean,
  ) {}

  /** What halts the mirror; null if the source is as it should be. */
  check(): Halt | null {
    const { source, ledger } = this;
    const now = source.look(root);
    const isEmpty = this.isHalted && this.#isMostlyGone();
    const halt = checkRoot({ root: now, isEmpty }, ledger.get(root), !ledger.isEmpty());
    if (halt === null || !this.acceptDeletes || now?.kind !== "directory") return halt;
    ledger.put(root, { ...now, doubt: "none" });
    return null;
  }

  /** True if a look found something gone from a root in which nothing is left, and nobody said that this is meant. */
  wouldEmpty(seen: ReadonlyMap<Path, Seen>): boolean {
    if (this.acceptDeletes) return false;
    for (const [path, { entry }] of seen) {
      if (entry !== null || path.includes("/")) continue;
      const names = this.source.list(root);
      // What is left out of the mirror does not count.
      return !Array.isArray(names) || !names.some((name) => this.source.look(name) !== null);
    }
    return false;
  }

  /** The word to accept deletions held for one time: the target is up to date now. */
  forgetAcceptance(): void {
    this.acceptDeletes = false;
  }

  /** After a halt most of what was there has to be back before anything goes on: it may still be filled again. */
  #isMostlyGone(): boolean {
    const names = this.source.list(root);
    const present = new Set(Array.isArray(names) ? names : []);
    const before = [...this.ledger.children(root).keys()];
    return before.filter((name) => present.has(name)).length * 2 < before.length;
  }
}
