/** Random operations that make, change and delete. */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { oddNames } from "./odd-names.ts";
import { bytesOf, type Random } from "./trees.ts";
import {
  arrow,
  content,
  depth,
  depthMax,
  type Entry,
  freeIn,
  makeDir,
  makeFile,
  move,
  parentFor,
  parentOf,
  pick,
  type Tree,
} from "./work-tree.ts";

const modes = [0o644, 0o600, 0o755, 0o640, 0o777, 0o444, 0o400, 0o666, 0o700, 0o500, 0o001, 0o222];

const isWritable = ({ kind, writable }: Entry) => kind === "file" && writable;

export function createFile(tree: Tree, random: Random): string {
  return makeFile(tree, random, parentFor(tree, random));
}

export function append(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, isWritable);
  if (file === null) return null;
  appendFileSync(tree.at(file.path), random.bytes(1 + random.int(2000)));
  return file.path;
}

export function overwrite(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, isWritable);
  if (file === null) return null;
  writeFileSync(tree.at(file.path), content(random));
  return file.path;
}

/** Writes other content of the same size, without emptying the file first. */
export function overwriteSameSize(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, isWritable);
  if (file === null) return null;
  const { size } = statSync(tree.at(file.path));
  const descriptor = openSync(tree.at(file.path), "r+");
  writeSync(descriptor, random.bytes(size));
  closeSync(descriptor);
  return file.path;
}

/** As editors save: into a new file, which is then renamed over the old one. */
export function editorReplace(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, ({ kind }) => kind === "file");
  if (file === null) return null;
  const fresh = makeFile(tree, random, parentOf(file.path));
  move(tree, fresh, file.path);
  return arrow(fresh, file.path);
}

export function makeOneDir(tree: Tree, random: Random): string {
  return makeDir(tree, random, parentFor(tree, random));
}

/** Makes directories within directories, with files on all levels. */
export function makeNestedDirs(tree: Tree, random: Random): string {
  const levels = 1 + random.int(3);
  let path = parentFor(tree, random, levels);
  for (let level = 0; level < levels; level++) {
    path = makeDir(tree, random, path);
    for (let files = random.int(4); files > 0; files--) makeFile(tree, random, path);
  }
  return path;
}

/** Deletes a file or symlink. */
export function deleteFile(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, ({ kind }) => kind !== "dir");
  if (file === null) return null;
  unlinkSync(tree.at(file.path));
  return file.path;
}

export function deleteDir(tree: Tree, random: Random): string | null {
  const dir = pick(tree, random, ({ kind }) => kind === "dir");
  if (dir === null) return null;
  rmSync(tree.at(dir.path), { recursive: true });
  return dir.path;
}

/** Puts a directory in the place of a file or symlink. */
export function fileToDir(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, ({ path, kind }) => kind !== "dir" && depth(path) < depthMax);
  if (file === null) return null;
  unlinkSync(tree.at(file.path));
  mkdirSync(tree.at(file.path));
  for (let files = random.int(3); files > 0; files--) makeFile(tree, random, file.path);
  return file.path;
}

/** Puts a file in the place of a directory. */
export function dirToFile(tree: Tree, random: Random): string | null {
  const dir = pick(tree, random, ({ kind }) => kind === "dir");
  if (dir === null) return null;
  rmSync(tree.at(dir.path), { recursive: true });
  writeFileSync(tree.at(dir.path), content(random), { flag: "wx" });
  return dir.path;
}

/** Where a symlink leads: to something in the tree, nowhere, or out of the tree. No operation follows it. */
function linkTarget(tree: Tree, random: Random, parent: string): string {
  if (tree.shared) return random.pick(["nowhere", ".", "/nowhere/\xff", "a\nb", ...oddNames]);
  const up = "../".repeat(depth(parent));
  const entry = random.chance(0.6) ? pick(tree, random, () => true) : null;
  if (entry !== null) return up + entry.path;
  return random.pick(["nowhere", `${up}../..`, ".", "/etc/hostname", "/nowhere/\xff", "a\nb", ...oddNames]);
}

export function makeSymlink(tree: Tree, random: Random): string {
  const parent = parentFor(tree, random);
  const path = freeIn(tree, random, parent);
  const target = linkTarget(tree, random, parent);
  symlinkSync(bytesOf(target), tree.at(path));
  return arrow(path, target);
}

/** Puts a symlink in the place of a file or another symlink: made there, or renamed over it. */
export function replaceBySymlink(tree: Tree, random: Random): string | null {
  const path = pick(tree, random, ({ kind }) => kind !== "dir")?.path;
  if (path === undefined) return null;
  const target = linkTarget(tree, random, parentOf(path));
  if (random.chance(0.5)) {
    unlinkSync(tree.at(path));
    symlinkSync(bytesOf(target), tree.at(path));
  } else {
    const fresh = freeIn(tree, random, parentOf(path));
    symlinkSync(bytesOf(target), tree.at(fresh));
    move(tree, fresh, path);
  }
  return arrow(path, target);
}

/** Changes the permissions of a file or directory, whose owner can still read it. */
export function chmod(tree: Tree, random: Random): string | null {
  const entry = pick(tree, random, ({ kind, changeable }) => kind !== "symlink" && changeable);
  if (entry === null) return null;
  const mode = random.pick(modes) | (entry.kind === "dir" ? 0o700 : 0o400);
  chmodSync(tree.at(entry.path), mode);
  return `${entry.path} ${mode.toString(8)}`;
}

/** Sets a time in seconds since 1970: whole ones or with a fraction, long ago or to come. */
export function touch(tree: Tree, random: Random): string | null {
  const entry = pick(tree, random, ({ kind, changeable }) => kind !== "symlink" && changeable);
  if (entry === null) return null;
  const seconds = random.pick([0, 1, 86_399, 1_000_000_000, 1_600_000_000, 2_147_483_647, 4_000_000_000]);
  const time = seconds + (random.chance(0.5) ? 0 : (1 + random.int(999_999)) / 1_000_003);
  utimesSync(tree.at(entry.path), time, time);
  return `${entry.path} ${time}`;
}

export function hardLink(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, ({ kind }) => kind === "file");
  if (file === null) return null;
  const path = freeIn(tree, random, parentFor(tree, random));
  linkSync(tree.at(file.path), tree.at(path));
  return arrow(file.path, path);
}

/** Deletes a file or directory and makes another one of the same name and kind. */
export function deleteAndRecreate(tree: Tree, random: Random): string | null {
  const entry = pick(tree, random, ({ kind }) => kind !== "symlink");
  if (entry === null) return null;
  rmSync(tree.at(entry.path), { recursive: true });
  if (entry.kind === "file") writeFileSync(tree.at(entry.path), content(random), { flag: "wx" });
  else {
    mkdirSync(tree.at(entry.path));
    if (depth(entry.path) < depthMax) makeFile(tree, random, entry.path);
  }
  return entry.path;
}
