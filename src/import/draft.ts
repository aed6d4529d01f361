/** A mirror while its options are gathered. */
import { type ImportedMirror, type ImportedTarget, Notes, type OptionValue } from "./imported.ts";
import type { TargetText } from "./target-text.ts";

/** What `rsync -a` keeps. tsync keeps all of it unless it is told not to; rsync keeps what it is told to. */
export const archived = ["links", "perms", "times", "group", "owner", "devices", "specials"] as const;
export type Archived = (typeof archived)[number];

/** See above. */
export class MirrorDraft {
  readonly options = new Map<string, OptionValue>();
  readonly notes = new Notes();
  /** Whom to log in as, if the destination does not say. */
  user: string | null = null;
  readonly #kept = new Set<Archived>();
  readonly #rules: { sign: "+" | "-"; pattern: string }[] = [];
  readonly #targets: ImportedTarget[] = [];

  /** Sets an option. A flag that is off by itself and is switched off is not worth a line. */
  set(name: string, value: OptionValue): void {
    if (value === false) this.options.delete(name);
    else this.options.set(name, value);
  }

  /** Adds to an option that is a list. */
  add(name: string, ...values: readonly string[]): void {
    const before = this.options.get(name);
    this.options.set(name, [...(Array.isArray(before) ? (before as readonly string[]) : []), ...values]);
  }

  /** Adds a rule that leaves out (`-`) or keeps (`+`); rules count in their order. */
  rule(sign: "+" | "-", pattern: string): void {
    this.#rules.push({ sign, pattern });
  }

  /** Says whether the program kept one of what `rsync -a` keeps. */
  keep(name: Archived, on: boolean): void {
    if (on) this.#kept.add(name);
    else this.#kept.delete(name);
  }

  /** Adds a target. */
  target({ to, options }: TargetText): void {
    this.#targets.push({ to, options });
  }

  /** The mirror, if it has a target. */
  finish(source: string): ImportedMirror | null {
    if (this.#targets.length === 0) return null;
    if (this.#rules.length > 0) {
      // Two lists would lose the order of the rules.
      const mixed = this.#rules.some(({ sign }) => sign === "+");
      if (mixed) this.add("filter", ...this.#rules.map(({ sign, pattern }) => `${sign} ${pattern}`));
      else this.add("exclude", ...this.#rules.map(({ pattern }) => pattern));
    }
    for (const name of ["links", "perms", "times", "group", "owner"] as const)
      if (!this.#kept.has(name)) this.options.set(name, false);
    if (!this.#kept.has("devices") || !this.#kept.has("specials"))
      this.notes.note(
        "devices and FIFOs: were left out before; tsync mirrors them, exclude them if there are any",
      );
    // rsync refuses these together; what is written in place is there to go on from anyway.
    if (this.options.has("inplace") || this.options.has("append") || this.options.has("append-verify"))
      this.options.delete("partial-dir");
    return {
      source,
      targets: this.#targets.map((target) => this.#withUser(target)),
      options: this.options,
      notes: this.notes.list,
    };
  }

  #withUser({ to, options }: ImportedTarget): ImportedTarget {
    const named = this.user !== null && /^(?:\[[^\]/]+\]|[^/@:[\]]+):/.test(to) ? `${this.user}@${to}` : to;
    return { to: named, options };
  }
}
