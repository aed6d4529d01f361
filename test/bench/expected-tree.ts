/** Tells cheaply and often whether a tree has arrived somewhere. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Directory {
  /** Below the root; the root's own is `""`. */
  path: string;
  /** Names and sizes of the files in it, sorted by name. */
  files: { name: string; bytes: number }[];
}

/** The files below a directory as they were when this was made. */
export class ExpectedTree {
  readonly count: number;
  readonly #directories: Directory[] = [];
  /** The directories before this one have been seen complete. */
  #next = 0;

  constructor(root: string) {
    this.#walk(root, "");
    this.count = this.#directories.reduce((sum, directory) => sum + directory.files.length, 0);
  }

  #walk(root: string, path: string): void {
    const directory: Directory = { path, files: [] };
    this.#directories.push(directory);
    const entries = readdirSync(join(root, path), { withFileTypes: true });
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
      if (directory !== undefined && !hasAllNames(root, directory)) return false;
    }
    const complete = this.#directories.every(({ path, files }) =>
      files.every(({ name, bytes }) => sizeOf(join(root, path, name)) === bytes),
    );
    if (!complete) this.#next = 0;
    return complete;
  }
}

/** Looks at one file first: a directory is read only when it may be complete. */
function hasAllNames(root: string, { path, files }: Directory): boolean {
  const last = files.at(-1);
  if (last === undefined) return true;
  const directory = join(root, path);
  if (sizeOf(join(directory, last.name)) === undefined) return false;
  try {
    const names = new Set(readdirSync(directory));
    return files.every(({ name }) => names.has(name));
  } catch {
    return false; // gone again
  }
}

function sizeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.size;
}
