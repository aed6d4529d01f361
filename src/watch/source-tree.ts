/** What the engine needs of a source, wherever its tree is. */
import type { Entry } from "../core/entry.ts";
import type { Path } from "../core/path.ts";
import type { Tally } from "../core/stamp.ts";
import type { Selection } from "./selection.ts";

/** A directory as a whole. */
export interface Survey {
  readonly tally: Tally;
  /** The directories in it, by name. */
  readonly directories: ReadonlyMap<string, Entry>;
}

/** The tree of a mirror's source, read through paths below its root. All calls are synchronous: a look is one moment. */
export interface SourceTree {
  /** Absolute path of the root, as a byte string without a slash at the end (the root directory is `""`). */
  readonly base: string;
  /** What of the tree is mirrored. */
  readonly selection: Selection;
  /** True if everything that is there is mirrored. */
  readonly isWhole: boolean;
  /** Paths of links that were followed: nothing tells of changes behind them. */
  readonly followed: Iterable<Path>;
  /** Reads the root's device again, after a halt. */
  refreshRoot(): void;
  /** The absolute path of `path`, as a byte string. */
  absolute(path: Path): string;
  /** What is at `path` now, if it is mirrored; null if nothing is. See `lookAt`. */
  look(path: Path): Entry | null;
  /** True if the target has no place for what is at `path`. */
  hides(path: Path): boolean;
  /** True if there is something at `path`, mirrored or not. */
  isThere(path: Path): boolean;
  /**
   * What `name` in `directory` is, which is at `absolute`, whether it is selected or not; null if nothing is there.
   * What cannot be read is a problem entry, never "nothing".
   */
  lookAt(absolute: string, directory: Path, name: string): Entry | null;
  /**
   * The names in the directory at `path`, mirrored or not: `null` if there is no such directory (any more), a
   * problem entry if it cannot be listed.
   */
  list(path: Path): string[] | null | Entry;
  /** Reads the directory at `path` without keeping what is in it; null if something in it cannot be read. */
  survey(path: Path): Survey | null;
  /** True if a directory is known to have no directories in it, without being listed. */
  isLeaf(path: Path): boolean;
  /** The directories in the directory at `path` that are mirrored; null if it cannot be listed. */
  listDirectories(path: Path): Map<string, Entry> | null;
}
