/** Tells cheaply and often whether a tree has arrived somewhere. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Directory {
  /** Below the root; the root's own is `""`. */
  path: string;
  /** Names and sizes of the files in it, sorted by name. */
  files: { name: string; bytes: number }[];
  /** How many entries of any kind are in it. */
  entries: number;
}

/** The files below a directory as they were when this was made. */
export class ExpectedTree {
  readonly count: number;
  readonly #directories: Directory[] = [];
  readonly #exact: boolean;
  /** The directories before this one have been seen complete. */
  #next = 0;

  /** `exact`: there must not be anything else. */
  constructor(root: string, { exact = false } = {}) {
    this.#exact = exact;
    this.#walk(root, "");
    this.count = this.#directories.reduce((sum, directory) => sum + directory.files.length, 0);
  }

  #walk(root: string, path: string): void {
    const entries = readdirSync(join(root, path), { withFileTypes: true });
    const directory: Directory = { path, files: [], entries: entries.length };
    this.#directories.push(directory);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const below = join(path, entry.name);
      if (entry.isDirectory()) this.#walk(root, below);
      else directory.files.push({ name: entry.name, bytes: lstatSync(join(root, below)).size });
    }
  }

  /** True if all files are below `root` under their final names, with their sizes. Always ask for the same root. */
  isAt(root: string): boolean {
    for (; this.#next < this.#directories.length; this.#next++) {
      const directory = this.#directories[this.#next];
      if (directory !== undefined && !this.#hasNames(root, directory)) return false;
    }
    const complete = this.#directories.every(({ path, files }) =>
      files.every(({ name, bytes }) => sizeOf(join(root, path, name)) === bytes),
    );
    if (!complete) this.#next = 0;
    return complete;
  }

  /** Looks at one file first: a directory is read only when it may be complete. */
  #hasNames(root: string, { path, files, entries }: Directory): boolean {
    const last = files.at(-1);
    if (last === undefined && !this.#exact) return true;
    const directory = join(root, path);
    if (last !== undefined && sizeOf(join(directory, last.name)) === undefined) return false;
    try {
      const names = new Set(readdirSync(directory));
      return files.every(({ name }) => names.has(name)) && (!this.#exact || names.size === entries);
    } catch {
      return false; // gone again
    }
  }
}

function sizeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.size;
}
