/** Which entries of a source are mirrored. What is left out is as if it were not there, and stays on the target. */
import { constants, lstatSync, readFileSync, type Stats, statSync } from "node:fs";
import type { Entry } from "../core/entry.ts";
import { Filter } from "../core/filter.ts";
import { display, isWithin, join, type Path, parentOf, root, toFs } from "../core/path.ts";
import type { Rule } from "../core/rules.ts";
import { isBeyond, type SizeLimits } from "../core/size-limits.ts";
import { kindOf } from "./kind.ts";

/** What a user asked for. */
export interface SelectionOptions {
  readonly rules: readonly Rule[];
  /** True if the .gitignore files of the source count. */
  readonly gitignore: boolean;
  /** Null for all sizes. */
  readonly sizes: SizeLimits | null;
  /** True if what is mounted below the root is left out; the directories that are mounted on stay. */
  readonly oneFileSystem: boolean;
  /** Functions that have to say yes as well. Each is asked of what is there alone. */
  readonly filters?: readonly PathFilter[];
}

/** True if the entry at `path` is mirrored, as far as this goes. It does not throw. */
export type PathFilter = (path: Path, entry: FilteredEntry) => boolean;

/** What a filter gets to know. */
export type FilteredEntry = Pick<Entry, "kind" | "mode" | "size" | "mtimeMs">;

/** Everything. */
export const wholeSource: SelectionOptions = {
  rules: [],
  gitignore: false,
  sizes: null,
  oneFileSystem: false,
};

const ignoreFileName = ".gitignore";

/** Largest .gitignore that is read, in bytes. */
const ignoreFileBytesMax = 1024 * 1024;

/** The selection of one source. */
export class Selection {
  readonly #filter: Filter;
  readonly #filters: readonly PathFilter[];
  /** Directories whose .gitignore was read. */
  readonly #known = new Set<Path>();

  /** `base`: absolute path of the root, as a byte string. */
  constructor(
    private readonly options: SelectionOptions,
    private readonly base: string,
  ) {
    this.#filter = new Filter(options.rules, options.gitignore);
    this.#filters = options.filters ?? [];
  }

  /** True if nothing is ever left out. */
  get isWhole(): boolean {
    const { sizes, oneFileSystem } = this.options;
    return this.#filter.isEmpty && this.#filters.length === 0 && sizes === null && !oneFileSystem;
  }

  /** True if a change of the file `name` changes what is left out below its directory. */
  isRuleFile(name: string): boolean {
    return this.options.gitignore && name === ignoreFileName;
  }

  /** Reads what the directory itself says about its entries; `names` are these. */
  enter(directory: Path, names: readonly string[]): void {
    if (!this.options.gitignore) return;
    this.#readAbove(directory);
    this.#read(directory, names.includes(ignoreFileName));
  }

  /** The directory at `path` is gone, with what it said of its entries. */
  forget(path: Path): void {
    if (!this.#known.has(path)) return;
    this.#filter.forget(path);
    for (const directory of this.#known) if (isWithin(directory, path)) this.#known.delete(directory);
  }

  /** True if the entry at `path` is left out, given that its directory was entered and is not left out. */
  leavesOut(path: Path, entry: Entry): boolean {
    if (this.isWhole || path === root) return false;
    const { sizes, oneFileSystem } = this.options;
    if (sizes !== null && isBeyond(sizes, entry)) return true;
    if (oneFileSystem && entry.dev !== 0 && this.isMounted(parentOf(path))) return true;
    return this.#filter.excludes(path, entry.kind === "directory") || this.#refuses(path, entry);
  }

  /** The same for an entry that may be anywhere. */
  leavesOutAnywhere(path: Path, entry: Entry): boolean {
    if (this.isWhole || path === root) return false;
    this.#readAbove(path);
    return this.leavesOut(path, entry) || this.excludes(path, entry.kind === "directory");
  }

  /** True if a rule excludes `path` or a directory above it, whether there is something or not; or a function what is there. */
  excludes(path: Path, isDirectory: boolean): boolean {
    if (this.#refusesOnTheWay(path)) return true;
    if (this.#filter.isEmpty) return false;
    this.#readAbove(path);
    return this.#filter.explain(path, isDirectory)?.rule.action === "exclude";
  }

  /** Why the entry at `path` is not mirrored, in words; null if it is, or nothing is there. */
  whyLeftOut(path: Path): string | null {
    let entry: Stats;
    try {
      entry = lstatSync(toFs(`${this.base}/${path}`));
    } catch {
      return null;
    }
    this.#readAbove(path);
    const decision = this.#filter.explain(path, entry.isDirectory());
    if (decision?.rule.action === "exclude") {
      const { rule, at } = decision;
      const what = at === path ? "it" : `the directory ${display(at)}`;
      return `${what} is excluded by "${display(rule.pattern.text)}" (${rule.origin})`;
    }
    if (this.#refusesOnTheWay(path)) return "a filter function of the configuration says no";
    if (this.isMounted(parentOf(path))) return "it is on another file system (--one-file-system)";
    if (this.options.sizes !== null) return "its size is out of bounds (--max-size, --min-size)";
    return "it is of a kind that the target has no place for";
  }

  /** True if only the root's file system is mirrored, and the directory at `path` is on another one. */
  isMounted(path: Path): boolean {
    if (!this.options.oneFileSystem) return false;
    try {
      return lstatSync(toFs(`${this.base}/${path}`)).dev !== lstatSync(toFs(`${this.base}/`)).dev;
    } catch {
      return false;
    }
  }

  #refuses(path: Path, entry: FilteredEntry): boolean {
    // What cannot be read is told, not left out.
    return entry.kind !== "problem" && this.#filters.some((mirrors) => !mirrors(path, entry));
  }

  /** True if a function refuses what is at `path` or at a directory above it. */
  #refusesOnTheWay(path: Path): boolean {
    if (this.#filters.length === 0 || path === root) return false;
    for (let end = path.indexOf("/"); ; end = path.indexOf("/", end + 1)) {
      const at = end < 0 ? path : path.slice(0, end);
      const entry = this.#entryAt(at, end >= 0);
      if (entry === null) return false;
      if (this.#refuses(at, entry)) return true;
      if (end < 0) return false;
    }
  }

  /** What a filter gets to know of what is at `path`; null if nothing is. `isAbove`: it leads to something below. */
  #entryAt(path: Path, isAbove: boolean): FilteredEntry | null {
    try {
      const stats = (isAbove ? statSync : lstatSync)(toFs(`${this.base}/${path}`));
      const kind = kindOf(stats);
      return {
        kind,
        mode: stats.mode & 0o7777,
        size: kind === "file" ? stats.size : 0,
        mtimeMs: stats.mtimeMs,
      };
    } catch {
      return null;
    }
  }

  #readAbove(path: Path): void {
    if (!this.options.gitignore) return;
    for (let at = path; at !== root; ) {
      at = parentOf(at);
      if (!this.#known.has(at)) this.#read(at, true);
    }
  }

  #read(directory: Path, mayBeThere: boolean): void {
    this.#known.add(directory);
    this.#filter.setIgnoreFile(directory, mayBeThere ? this.#textIn(directory) : null);
  }

  /** As git does, only of a regular file: a link could lead out of the tree. */
  #textIn(directory: Path): string | null {
    const file = toFs(`${this.base}/${join(directory, ignoreFileName)}`);
    try {
      const { mode, size } = lstatSync(file);
      if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > ignoreFileBytesMax) return null;
      return readFileSync(file, "latin1");
    } catch {
      return null;
    }
  }
}
