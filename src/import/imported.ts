/** What an import finds, whatever program it was written for: mirrors in tsync's terms, and what has no equal. */

/** The programs whose configuration is understood. */
export const importKinds = ["lsyncd", "inosync", "pylsyncd", "pirsyncd"] as const;
export type ImportKind = (typeof importKinds)[number];

/** The value of an option, as tsync.toml has it. */
export type OptionValue = string | number | boolean | readonly string[];

/** Options by their long names. */
export type Options = ReadonlyMap<string, OptionValue>;

/** Something that has no equal, or is done in another way. */
export interface Note {
  readonly text: string;
  /** Where it stands in what was imported; absent if it concerns the whole. */
  readonly line?: number;
  /** True if something was not understood or gets lost: said on standard error, too. */
  readonly warning: boolean;
}

/** Where a mirror goes. */
export interface ImportedTarget {
  readonly to: string;
  /** What holds for this target only. */
  readonly options: Options;
}

/** One mirror. */
export interface ImportedMirror {
  readonly source: string;
  readonly targets: readonly ImportedTarget[];
  readonly options: Options;
  readonly notes: readonly Note[];
}

/** All that was found. */
export interface Imported {
  readonly kind: ImportKind;
  /** What holds for all mirrors. */
  readonly defaults: Options;
  readonly mirrors: readonly ImportedMirror[];
  /** What concerns no single mirror. */
  readonly notes: readonly Note[];
}

/** Notes as they are gathered. */
export class Notes {
  readonly #notes = new Map<string, Note>();

  /** All of them, in order. */
  get list(): readonly Note[] {
    return [...this.#notes.values()];
  }

  /** Notes gathered elsewhere. */
  addAll(notes: readonly Note[]): void {
    for (const note of notes) this.#add(note);
  }

  /** A comment in what is printed. */
  note(text: string, line?: number): void {
    this.#add({ text, warning: false, ...(line === undefined ? {} : { line }) });
  }

  /** A comment that is said on standard error, too. */
  warn(text: string, line?: number): void {
    this.#add({ text, warning: true, ...(line === undefined ? {} : { line }) });
  }

  /** A loop says the same thing once. */
  #add(note: Note): void {
    const key = `${note.line ?? ""}:${note.text}`;
    if (!this.#notes.has(key)) this.#notes.set(key, note);
  }
}
