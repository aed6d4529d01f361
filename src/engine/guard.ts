/** Watches over the source: as long as it is not what it should be, nothing is removed on the target. */
import { existsSync } from "node:fs";
import { Fault } from "../core/fault.ts";
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

  /** True if so many deletions, which nobody saw happen, are more than is followed. */
  isTooMuch(deletions: number): boolean {
    return (
      !this.#acceptDeletes && isTooMuch(deletions, this.options.ledger.count(), this.options.deletionLimit)
    );
  }

  /** What halts the mirror; null if the source is as it should be. */
  check(): Halt | null {
    const { source, ledger } = this.options;
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
      if (entry !== null || path.includes("/")) continue;
      const names = this.options.source.list(root);
      // What is left out of the mirror does not count.
      return !Array.isArray(names) || !names.some((name) => this.options.source.look(name) !== null);
    }
    return false;
  }

  /** A source that is empty or replaced, and any number of deletions, are followed until the target is up to date. */
  accept(): void {
    this.#acceptDeletes = true;
    this.#restUntilMs = 0;
  }

  /** The word to accept deletions held for one time: the target is up to date now. */
  forgetAcceptance(): void {
    this.#acceptDeletes = false;
  }

  /** After a halt most of what was there has to be back before anything goes on: it may still be filled again. */
  #isMostlyGone(): boolean {
    const names = this.options.source.list(root);
    const present = new Set(Array.isArray(names) ? names : []);
    const before = [...this.options.ledger.children(root).keys()];
    return before.filter((name) => present.has(name)).length * 2 < before.length;
  }
}
