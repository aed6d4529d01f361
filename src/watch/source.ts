/** Reads single entries of the source. */
import { lstatSync, readdirSync, readlinkSync, statfsSync, statSync } from "node:fs";
import type { Entry } from "../core/entry.ts";
import { join, nameOf, type Path, parentOf, toFs } from "../core/path.ts";
import { stampOf, Tally } from "../core/stamp.ts";
import { isAbsence, reasonOf } from "../system/file-error.ts";
import type { FileStats } from "../system/raw-directory.ts";
import { kindOf } from "./kind.ts";
import { inDirectory, lstat, type OpenDirectory } from "./open-directory.ts";
import { Selection, type SelectionOptions, wholeSource } from "./selection.ts";
import type { SourceTree, Survey } from "./source-tree.ts";
import { type Following, View, type ViewRules } from "./view.ts";

/** File systems (ext, XFS, tmpfs, F2FS) that count each directory as a link to the one that it is in. */
const linkCountingTypes = new Set([0xef53, 0x58465342, 0x01021994, 0xf2f52010]);

/** The source tree of a mirror on a disk of this machine. */
export class Source implements Following, SourceTree {
  /** Device of the root: entries on it have `dev` 0, so that a new device number after a reboot changes nothing. */
  #rootDev = -1;
  readonly #view: View | null;
  /** True if the file system counts directories as links to the one that they are in; null before that is known. */
  #countsLinks: boolean | null = null;

  /** What of the tree is mirrored. */
  readonly selection: Selection;

  /**
   * `base`: absolute path of the root, as a byte string without a slash at the end (the root directory is `""`).
   * `view`: how a target sees it; null for the tree as it is.
   */
  constructor(
    readonly base: string,
    selection: SelectionOptions = wholeSource,
    view: ViewRules | null = null,
  ) {
    this.selection = new Selection(selection, base);
    this.#view = view === null ? null : new View(view);
    this.refreshRoot();
  }

  /** Paths of links that were followed: nothing tells of changes behind them. */
  get followed(): Iterable<Path> {
    return this.#view?.followed ?? [];
  }

  /** Reads the root's device again, after a halt. */
  refreshRoot(): void {
    try {
      this.#rootDev = lstatSync(toFs(this.base === "" ? "/" : this.base)).dev;
    } catch {
      this.#rootDev = -1;
    }
  }

  /** The absolute path of `path`, as a byte string. */
  absolute(path: Path): string {
    return path === "" ? this.base || "/" : `${this.base}/${path}`;
  }

  /** What is at `path` now, if it is mirrored; null if nothing is. See `lookAt`. */
  look(path: Path): Entry | null {
    if (this.hides(path)) return null;
    const entry = this.lookAt(this.absolute(path), parentOf(path), nameOf(path));
    return entry !== null && this.selection.leavesOutAnywhere(path, entry) ? null : entry;
  }

  /** True if everything that is there is mirrored. */
  get isWhole(): boolean {
    return this.selection.isWhole && this.#view === null;
  }

  /** True if the target has no place for what is at `path`. */
  hides(path: Path): boolean {
    return this.#view?.hides(path) ?? false;
  }

  /** True if there is something at `path`, mirrored or not. */
  isThere(path: Path): boolean {
    try {
      lstatSync(toFs(this.absolute(path)));
      return true;
    } catch (error) {
      return !isAbsence(error);
    }
  }

  /**
   * What `name` in `directory` is, which is at `absolute`, whether it is selected or not; null if nothing is there.
   * What cannot be read is a problem entry, never "nothing".
   */
  lookAt(absolute: string, directory: Path, name: string): Entry | null {
    try {
      const stats = lstat(absolute);
      if (stats === null) return null;
      const entry = this.#entryOf(absolute, stats);
      return this.#view === null ? entry : this.#view.of(entry, directory, name, this);
    } catch (error) {
      return isAbsence(error) ? null : problemOf(error);
    }
  }

  /** What the link at `absolute` points to; throws what `stat` throws. */
  follow(absolute: string): Entry {
    return this.#entryOf(absolute, statSync(toFs(absolute)));
  }

  /**
   * The names in the directory at `path`, mirrored or not: `null` if there is no such directory (any more), a
   * problem entry if it cannot be listed.
   */
  list(path: Path): string[] | null | Entry {
    try {
      // The declarations know no "latin1" here; the runtime gives each byte of a name as one character.
      const names = readdirSync(toFs(this.absolute(path)), { encoding: "latin1" as "utf8" });
      this.selection.enter(path, names);
      const view = this.#view;
      return view === null ? names : names.filter((name) => !view.hides(join(path, name)));
    } catch (error) {
      return isAbsence(error) ? null : problemOf(error);
    }
  }

  /** Reads the directory at `path` without keeping what is in it; null if something in it cannot be read. */
  survey(path: Path): Survey | null {
    try {
      return inDirectory(this.absolute(path), (opened) => this.#survey(path, opened));
    } catch (error) {
      // Whatever it is, a closer look tells what is wrong with which entry.
      if ((error as { syscall?: string }).syscall === undefined) throw error;
      return null;
    }
  }

  /** Most of a start is spent in this loop: it calls little, and what goes wrong is caught outside. */
  #survey(path: Path, opened: OpenDirectory): Survey | null {
    const { selection, isWhole } = this;
    const view = this.#view;
    const tally = new Tally();
    const directories = new Map<string, Entry>();
    selection.enter(path, opened.names);
    for (const name of opened.names) {
      let entry: Entry | null = this.#entryOf(opened.prefix + name, opened.lstat(name));
      if (!isWhole) {
        if (view !== null) entry = view.hides(join(path, name)) ? null : view.of(entry, path, name, this);
        if (entry?.kind === "problem") return null;
        if (entry === null || selection.leavesOut(join(path, name), entry)) continue;
      }
      if (entry.kind === "directory") directories.set(name, entry);
      tally.add(stampOf(name, entry));
    }
    return { tally, directories };
  }

  /** The directories in the directory at `path` that are mirrored; null if it cannot be listed. */
  listDirectories(path: Path): Map<string, Entry> | null {
    try {
      const found = new Map<string, Entry>();
      if (this.isLeaf(path)) return found;
      const listing = readdirSync(toFs(this.absolute(path)), {
        encoding: "latin1" as "utf8",
        withFileTypes: true,
      });
      const names = listing.map(({ name }) => name);
      this.selection.enter(path, names);
      for (const item of listing) {
        if (item.isFile() || item.isSymbolicLink()) continue;
        const entry = this.look(join(path, item.name));
        if (entry?.kind === "directory") found.set(item.name, entry);
      }
      return found;
    } catch {
      return null;
    }
  }

  /** True if a directory is known to have no directories in it, without being listed: each would be a link to it. */
  isLeaf(path: Path): boolean {
    try {
      this.#countsLinks ??= linkCountingTypes.has(statfsSync(toFs(this.absolute(""))).type);
      if (!this.#countsLinks) return false;
      const { nlink, dev } = lstatSync(toFs(this.absolute(path)));
      return nlink === 2 && dev === this.#rootDev;
    } catch {
      return false;
    }
  }

  #entryOf(absolute: string, stats: FileStats): Entry {
    const kind = kindOf(stats);
    return {
      kind,
      mode: stats.mode & 0o7777,
      size: kind === "file" ? stats.size : kind === "special" ? stats.rdev : 0,
      mtimeMs: stats.mtimeMs,
      uid: stats.uid,
      gid: stats.gid,
      dev: stats.dev === this.#rootDev ? 0 : stats.dev,
      ino: Number.isSafeInteger(stats.ino) ? stats.ino : lowBits(absolute),
      birthMs: stats.birthtimeMs,
      link: kind === "symlink" ? readlinkSync(toFs(absolute), { encoding: "latin1" as "utf8" }) : "",
    };
  }
}

/** The low 53 bits of an inode number that a double cannot hold. */
function lowBits(absolute: string): number {
  return Number(lstatSync(toFs(absolute), { bigint: true }).ino & BigInt(Number.MAX_SAFE_INTEGER));
}

function problemOf(error: unknown): Entry {
  return {
    kind: "problem",
    mode: 0,
    size: 0,
    mtimeMs: 0,
    uid: 0,
    gid: 0,
    dev: 0,
    ino: 0,
    birthMs: 0,
    link: reasonOf(error),
  };
}
