/** Watches over the source: as long as it is not what it should be, nothing is removed on the target. */
import { existsSync } from "node:fs";
import { sameIdentity } from "../core/entry.ts";
import { Fault } from "../core/fault.ts";
import { pathOf } from "../core/operation.ts";
import { display, type Path, root, toFs } from "../core/path.ts";
import { checkRoot, explainHalt, type Halt, isTooMuch } from "../core/safety.ts";
import type { Seen } from "../core/seen.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How long a halt lasts at least whose end is found by a look at the whole source only. */
const haltLookMs = 10_000;

/** True if the file that must be in the source is there. */
export function isMarked({ source, requireFile }: Pick<WorkerOptions, "source" | "requireFile">): boolean {
  return requireFile == null || existsSync(toFs(source.absolute(requireFile)));
}

/** The guard of one target. */
export class Guard {
  /** True while the mirror is halted. */
  isHalted = false;
  /** Why it is halted, or was until something passed again. */
  fault: Fault | null = null;
  #restUntilMs = 0;
  /** True if a source that is empty or replaced is to be followed. */
  #acceptDeletes: boolean;
  /** Deletions that nobody saw happen and that were followed since the target was up to date. */
  #followed = 0;

  constructor(
    private readonly options: Pick<
      WorkerOptions,
      "name" | "source" | "ledger" | "acceptDeletes" | "deletionLimit" | "requireFile" | "clock" | "report"
    >,
  ) {
    this.#acceptDeletes = options.acceptDeletes;
  }

  /** How long the halt under way lasts at least. */
  get restMs(): number {
    return Math.max(0, this.#restUntilMs - this.options.clock.steadyMs());
  }

  /** Halts the mirror, and says so unless it is known. */
  halt(halt: Halt): Fault {
    const { name, source, requireFile, clock, report } = this.options;
    const { message, hint } = explainHalt(halt, display(source.base), display(requireFile ?? root));
    if (this.fault?.message !== message) report({ event: "halted", target: name, reason: message, hint });
    this.isHalted = true;
    this.#restUntilMs = halt.startsWith("too-many") ? clock.steadyMs() + haltLookMs : 0;
    this.fault = new Fault("halted", message, hint);
    return this.fault;
  }

  /** Nothing speaks against what is about to be done: a halt is over. True if there was one. */
  pass(): boolean {
    if (this.fault === null) return false;
    this.fault = null;
    this.options.report({ event: "resumed", target: this.options.name });
    return true;
  }

  /** True if so many deletions, which nobody saw happen, are more than is followed; with `before` that were already. */
  isTooMuch(deletions: number, before = 0): boolean {
    const { ledger, deletionLimit } = this.options;
    return !this.#acceptDeletes && isTooMuch(deletions + before, ledger.count() + before, deletionLimit);
  }

  /** The same of deletions that are found one after the other, in the looks that moves and failures bring with them. */
  areTooMany(unseen: readonly Path[]): boolean {
    return unseen.length > 0 && this.isTooMuch(unseen.length, this.#followed);
  }

  /** Counts those of such deletions that were carried out, or will be as soon as the target is connected again. */
  count(unseen: readonly Path[]): void {
    if (unseen.length === 0) return;
    const { ledger } = this.options;
    const waiting = new Set(ledger.journal().map(pathOf));
    for (const path of unseen) if (ledger.get(path) === null || waiting.has(path)) this.#followed++;
  }

  /** What halts the mirror; null if the source is as it should be. */
  check(): Halt | null {
    const { source, ledger } = this.options;
    // What comes back may have another device number: after a mount, or if nothing was there at the start.
    if (this.isHalted) source.refreshRoot();
    const now = source.look(root);
    const isEmpty = this.isHalted && this.#isMostlyGone();
    const halt = checkRoot({ root: now, isEmpty }, ledger.get(root), !ledger.isEmpty());
    const isAccepted = this.#acceptDeletes && now?.kind === "directory";
    if (halt !== null && !isAccepted) return halt;
    // Who asks for a mark wants it whatever else is accepted.
    if (!isMarked(this.options)) return "source-unmarked";
    if (halt !== null || ledger.get(root)?.kind !== "directory") ledger.put(root, { ...now!, doubt: "none" });
    return null;
  }

  /** True if a look found something gone from a root in which nothing is left, and nobody said that this is meant. */
  wouldEmpty(seen: ReadonlyMap<Path, Seen>): boolean {
    if (this.#acceptDeletes) return false;
    for (const [path, { entry }] of seen) {
      if (entry !== null) continue;
      const top = path.split("/", 1)[0]!;
      if (top !== path && this.options.source.look(top) !== null) return false;
      const names = this.options.source.list(root);
      // What is left out of the mirror does not count.
      return !Array.isArray(names) || !names.some((name) => this.options.source.look(name) !== null);
    }
    return false;
  }

  /**
   * Takes out of a look what it found gone and is there again, the same as before, and returns the paths: the root was
   * away for a moment in the middle of the look, and back before it was checked; or something was moved to and fro.
   */
  withoutReturned(seen: Map<Path, Seen>): Path[] {
    const { source, ledger } = this.options;
    const isBack = (path: Path) => {
      const [before, now] = [ledger.get(path), source.look(path)];
      return before !== null && now !== null && sameIdentity(before, now);
    };
    const returned = [...seen].filter(([path, { entry }]) => entry === null && isBack(path));
    for (const [path] of returned) seen.delete(path);
    return returned.map(([path]) => path);
  }

  /** A source that is empty or replaced, and any number of deletions, are followed until the target is up to date. */
  accept(): void {
    this.#acceptDeletes = true;
    this.#restUntilMs = 0;
  }

  /** The word to accept deletions held for one time: the target is up to date now. */
  forgetAcceptance(): void {
    this.#acceptDeletes = false;
    this.#followed = 0;
  }

  /** After a halt most of what was there has to be back before anything goes on: it may still be filled again. */
  #isMostlyGone(): boolean {
    const names = this.options.source.list(root);
    const present = new Set(Array.isArray(names) ? names : []);
    const before = [...this.options.ledger.children(root).keys()];
    return before.filter((name) => present.has(name)).length * 2 < before.length;
  }
}
