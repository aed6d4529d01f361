/** Random operations that rename and move. */
import { appendFileSync, lstatSync, rmSync, unlinkSync } from "node:fs";
import type { Random } from "./trees.ts";
import {
  arrow,
  depth,
  depthMax,
  freeIn,
  inside,
  makeDir,
  makeFile,
  move,
  nameOf,
  parentFor,
  parentOf,
  pick,
  type Tree,
} from "./work-tree.ts";

/** `count` entries of which none lies in another and which can take each other's places, or null. */
function disjoint(tree: Tree, random: Random, count: number): string[] | null {
  const found: string[] = [];
  for (let attempt = 0; attempt < 20 && found.length < count && tree.entries.length > 0; attempt++) {
    const { path } = random.pick(tree.entries);
    const apart = (other: string) =>
      !`${path}/`.startsWith(`${other}/`) && !`${other}/`.startsWith(`${path}/`);
    if (found.every(apart)) found.push(path);
  }
  if (found.length < count) return null;
  const deepest = Math.max(...found.map(depth)) + Math.max(...found.map((path) => tree.height(path)));
  return deepest <= depthMax ? found : null;
}

/** Moves the first to the second's place, the second to the third's, and so on, the last to the first's. */
function rotate(tree: Tree, random: Random, paths: string[]): string {
  const [first, last] = [paths[0]!, paths.at(-1)!];
  const aside = freeIn(tree, random, parentOf(last));
  move(tree, last, aside);
  for (let i = paths.length - 2; i >= 0; i--) move(tree, paths[i]!, paths[i + 1]!);
  move(tree, aside, first);
  return arrow(...paths, first);
}

export function renameFile(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, ({ kind }) => kind !== "dir");
  if (file === null) return null;
  const parent = random.chance(0.5) ? parentOf(file.path) : parentFor(tree, random);
  const to = freeIn(tree, random, parent);
  move(tree, file.path, to);
  return arrow(file.path, to);
}

/** Renames a directory in its place, or moves it into another one or into one just made. */
export function renameDir(tree: Tree, random: Random): string | null {
  const from = pick(tree, random, ({ kind }) => kind === "dir")?.path;
  if (from === undefined) return null;
  let parent = parentOf(from);
  const intoNew = random.chance(0.3);
  if (intoNew || random.chance(0.5)) parent = parentFor(tree, random, tree.height(from) + 1, from);
  if (intoNew) parent = makeDir(tree, random, parent);
  const to = freeIn(tree, random, parent);
  move(tree, from, to);
  return arrow(from, to);
}

/** Moves a directory and then edits, deletes and creates within it. */
export function renameDirAndEdit(tree: Tree, random: Random): string | null {
  const from = pick(tree, random, ({ kind }) => kind === "dir")?.path;
  if (from === undefined) return null;
  const to = freeIn(tree, random, parentFor(tree, random, tree.height(from) + 1, from));
  move(tree, from, to);
  for (const { path, kind, writable } of tree.below(from)) {
    const moved = tree.at(to + path.slice(from.length));
    if (kind === "file" && writable && random.chance(0.5)) appendFileSync(moved, random.bytes(50));
    else if (kind !== "dir" && random.chance(0.2)) unlinkSync(moved);
  }
  makeFile(tree, random, to);
  return arrow(from, to);
}

/** One entry renamed twice. */
export function renameTwice(tree: Tree, random: Random): string | null {
  const from = pick(tree, random, () => true)?.path;
  if (from === undefined) return null;
  const between = freeIn(tree, random, parentOf(from));
  move(tree, from, between);
  const to = freeIn(tree, random, parentOf(from));
  move(tree, between, to);
  return arrow(from, between, to);
}

/** One entry renamed, and another one to where the first was. */
export function renameBehind(tree: Tree, random: Random): string | null {
  const pair = disjoint(tree, random, 2);
  if (pair === null) return null;
  const [a, b] = [pair[0]!, pair[1]!];
  const c = freeIn(tree, random, parentOf(b));
  move(tree, b, c);
  move(tree, a, b);
  return arrow(a, b, c);
}

export function swapTwo(tree: Tree, random: Random): string | null {
  const pair = disjoint(tree, random, 2);
  return pair && rotate(tree, random, pair);
}

export function cycleOfThree(tree: Tree, random: Random): string | null {
  const three = disjoint(tree, random, 3);
  return three && rotate(tree, random, three);
}

/** A directory within another one takes that one's place and takes it in. */
export function swapParentAndChild(tree: Tree, random: Random): string | null {
  const child = pick(tree, random, ({ path, kind }) => kind === "dir" && path.includes("/"))?.path;
  if (child === undefined) return null;
  const parent = parentOf(child);
  if (depth(parent) + tree.height(parent) + 1 > depthMax) return null;
  const aside = freeIn(tree, random, parentOf(parent));
  move(tree, child, aside);
  let within = inside(aside, nameOf(child));
  if (lstatSync(tree.at(within), { throwIfNoEntry: false })) within = freeIn(tree, random, aside);
  move(tree, parent, within);
  move(tree, aside, parent);
  return arrow(child, parent, `${parent}/${nameOf(within)}`);
}

/** Moves a file or symlink over another one. */
export function moveOver(tree: Tree, random: Random): string | null {
  const from = pick(tree, random, ({ kind }) => kind !== "dir");
  const to = pick(tree, random, (entry) => entry.kind !== "dir" && entry !== from);
  if (from === null || to === null) return null;
  move(tree, from.path, to.path);
  return arrow(from.path, to.path);
}

/** Moves a file or symlink out of a directory and deletes the directory. */
export function moveOutAndDelete(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, ({ path, kind }) => kind !== "dir" && path.includes("/"));
  if (file === null) return null;
  const dir = parentOf(file.path);
  const to = freeIn(tree, random, parentFor(tree, random, 0, dir));
  move(tree, file.path, to);
  rmSync(tree.at(dir), { recursive: true });
  return arrow(file.path, to);
}
