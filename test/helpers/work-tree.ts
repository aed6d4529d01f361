/** What the random operations work with: a tree as it is, and choices within it. Paths are byte strings. */
import { lstatSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { oddNames } from "./odd-names.ts";
import { bytesOf, namesIn, type Random } from "./trees.ts";

/** The file directly below the root that is always there and never touched. */
export const keep = "keep";

/** Paths have about as many parts at most: with names of 200 bytes they stay well below PATH_MAX. */
export const depthMax = 10;

/** Does one thing to the tree; returns the paths concerned, or null if it found nothing to do it to. */
export type Operation = (tree: Tree, random: Random) => string | null;

export interface Entry {
  /** Below the tree's root; the root's own is `""`. */
  path: string;
  kind: "file" | "dir" | "symlink";
  /** True if its owner may write to it: only then an ordinary user can do what root can do. */
  writable: boolean;
  /**
   * False if others write, and it has other names: it must not change then. Somebody may remove the name that an event
   * tells of before anybody could look, and no event tells of the others.
   */
  changeable: boolean;
}

/** A tree as it was when this was made. */
export class Tree {
  readonly dir: string;
  /** In the order of a sorted walk, parents first, without the root and its file `keep`. */
  readonly entries: Entry[] = [];
  /** Others change it, too: a symlink may have come between a look and a deed, so none may lead out of it. */
  readonly shared: boolean;

  constructor(dir: string, shared = false) {
    this.dir = dir;
    this.shared = shared;
    this.#walk("");
  }

  #walk(below: string): void {
    for (const name of namesIn(`${this.dir}/${below}`)) {
      const path = inside(below, name);
      if (path === keep) continue;
      const stat = lstatSync(this.at(path));
      const kind = stat.isDirectory() ? "dir" : stat.isSymbolicLink() ? "symlink" : "file";
      const changeable = !this.shared || kind === "dir" || stat.nlink === 1;
      this.entries.push({ path, kind, writable: (stat.mode & 0o200) !== 0 && changeable, changeable });
      if (kind === "dir") this.#walk(path);
    }
  }

  /** What `node:fs` takes for `path`. */
  at(path: string): Buffer {
    return bytesOf(`${this.dir}/${path}`);
  }

  /** What lay below `directory`. */
  below(directory: string): Entry[] {
    return this.entries.filter((entry) => entry.path.startsWith(`${directory}/`));
  }

  /** How many levels `path` had below itself. */
  height(path: string): number {
    return Math.max(0, ...this.below(path).map((entry) => depth(entry.path) - depth(path)));
  }
}

/** `name` in the directory `parent`. */
export function inside(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

/** How many parts `path` has; the root has none. */
export function depth(path: string): number {
  return path === "" ? 0 : path.split("/").length;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The text of an operation that has several paths. */
export function arrow(...paths: string[]): string {
  return paths.join(" -> ");
}

/** One of the entries that `fits`, or null if there is none. */
export function pick(tree: Tree, random: Random, fits: (entry: Entry) => boolean): Entry | null {
  const fitting = tree.entries.filter(fits);
  return fitting.length === 0 ? null : random.pick(fitting);
}

/** A directory (or the root) that can take something with `levels` levels below itself, and is not in `moved`. */
export function parentFor(tree: Tree, random: Random, levels = 0, moved?: string): string {
  const fits = ({ path, kind }: Entry) =>
    kind === "dir" &&
    depth(path) + 1 + levels <= depthMax &&
    (moved === undefined || !`${path}/`.startsWith(`${moved}/`));
  return random.pick(["", ...tree.entries.filter(fits).map((entry) => entry.path)]);
}

/** A path in `parent` where there is nothing now, not even a dangling symlink. */
export function freeIn(tree: Tree, random: Random, parent: string): string {
  const name = random.pick(oddNames);
  for (let number = 0; ; number++) {
    const path = inside(parent, number === 0 ? name : `${name}${number}`);
    if (lstatSync(tree.at(path), { throwIfNoEntry: false }) === undefined) return path;
  }
}

/** Mostly some KB, sometimes nothing, sometimes so much that it takes a while to send. */
export function content(random: Random): Buffer {
  if (random.chance(0.05)) return random.bytes(300_000);
  return random.bytes(random.chance(0.1) ? 0 : random.int(20_000));
}

/** Makes a file in `parent` and returns its path. */
export function makeFile(tree: Tree, random: Random, parent: string): string {
  const path = freeIn(tree, random, parent);
  writeFileSync(tree.at(path), content(random), { flag: "wx" });
  return path;
}

/** Makes an empty directory in `parent` and returns its path. */
export function makeDir(tree: Tree, random: Random, parent: string): string {
  const path = freeIn(tree, random, parent);
  mkdirSync(tree.at(path));
  return path;
}

export function move(tree: Tree, from: string, to: string): void {
  renameSync(tree.at(from), tree.at(to));
}
