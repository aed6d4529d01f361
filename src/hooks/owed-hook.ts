/** A hook that is owed from the first change on until it has worked, also when tsync was ended in between. */
import type { Hook } from "./command-hook.ts";

/** Remembers that something is owed, as long as the ledger does. */
export interface Debt {
  isOwed(): boolean;
  set(isOwed: boolean): void;
}

/** See above. */
export class OwedHook {
  #isOwed: boolean;
  /** How often something was changed. */
  #changes = 0;

  constructor(
    private readonly hook: Hook,
    private readonly debt: Debt,
  ) {
    this.#isOwed = debt.isOwed();
  }

  /** True if it must be run once all is done. */
  get isOwed(): boolean {
    return this.#isOwed;
  }

  /** Something was changed. */
  owe(): void {
    this.#changes++;
    this.#become(true);
  }

  /** What was changed while it ran is owed still. */
  readonly run: Hook = async (facts, signal) => {
    const before = this.#changes;
    const hasWorked = await this.hook(facts, signal);
    if (hasWorked && this.#changes === before) this.#become(false);
    return hasWorked;
  };

  #become(isOwed: boolean): void {
    if (this.#isOwed === isOwed) return;
    this.#isOwed = isOwed;
    this.debt.set(isOwed);
  }
}
