/**
 * Random changes of what a sender has to carry: content of all sizes and edits of it, modes, times, owners, links, and
 * names of any bytes. (What moves and vanishes: random-work.ts.)
 */
import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { setTimeOf } from "./times.ts";
import { bytesOf, type Random, show } from "./trees.ts";
import {
  depth,
  depthMax,
  type Entry,
  inside,
  makeFile,
  type Operation,
  parentFor,
  pick,
  Tree,
} from "./work-tree.ts";

/** Around the sizes of blocks, pieces, frames and of what goes unasked, and some that are none of these. */
const borders = [0, 700, 1_400, 32_768, 131_072, 262_144, 524_288];

/** Paths beyond this leave no room for the folder before them. */
const pathBytesMax = 1_500;

const isRoot = process.getuid?.() === 0;
const isFile = ({ kind, changeable, writable }: Entry) =>
  kind === "file" && changeable && (isRoot || writable);
const isNoLink = ({ kind, changeable }: Entry) => kind !== "symlink" && changeable;

function someSize(random: Random): number {
  if (random.chance(0.3)) return random.int(5_000);
  if (random.chance(0.1)) return random.int(3_000_000);
  return Math.max(0, random.pick(borders) + random.int(3) - 1);
}

/** Bytes of which some parts are alike, as in most files. */
function someContent(random: Random, size: number): Buffer {
  const content = random.bytes(size);
  if (random.chance(0.3)) content.fill(random.int(256), Math.floor(size / 3), Math.floor(size / 2));
  return content;
}

/** A name of any bytes. */
function someName(random: Random): string {
  const length = random.chance(0.1) ? 255 - random.int(12) : 1 + random.int(24);
  const any = [...random.bytes(length)].map((byte) => (byte === 0 || byte === 0x2f ? 0x5f : byte));
  const name = Buffer.from(any).toString("latin1");
  return name === "." || name === ".." ? `${name}.` : name;
}

function freePath(tree: Tree, random: Random): string {
  for (;;) {
    const path = inside(parentFor(tree, random), someName(random));
    if (path.length > pathBytesMax) continue;
    if (lstatSync(tree.at(path), { throwIfNoEntry: false }) === undefined) return path;
  }
}

function makeSized(tree: Tree, random: Random): string {
  const path = freePath(tree, random);
  writeFileSync(tree.at(path), someContent(random, someSize(random)), { flag: "wx" });
  return path;
}

function makeNamedDirectory(tree: Tree, random: Random): string {
  const path = freePath(tree, random);
  mkdirSync(tree.at(path));
  if (depth(path) < depthMax) makeFile(tree, random, path);
  return path;
}

function makeLink(tree: Tree, random: Random): string {
  const path = freePath(tree, random);
  const to = random.pick([
    "nowhere",
    "/",
    "..",
    "\xff\xfe\n",
    "a/".repeat(1_000),
    "../".repeat(300),
    someName(random),
  ]);
  symlinkSync(bytesOf(to), tree.at(path));
  return path;
}

/** Overwrites, inserts or takes out some bytes at the front, in the middle or at the end. */
function edit(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, isFile);
  if (file === null) return null;
  const before = readFileSync(tree.at(file.path));
  const at = Math.floor(before.length * random.pick([0, 0.5, 1, random.int(100) / 100]));
  const cut = random.pick([0, 0, 1, 700, random.int(5_000)]);
  const added = random.bytes(random.pick([0, 1, cut, random.int(5_000)]));
  writeFileSync(
    tree.at(file.path),
    Buffer.concat([before.subarray(0, at), added, before.subarray(at + cut)]),
  );
  return file.path;
}

/** Cuts a file off, or lets it grow with a hole. */
function resize(tree: Tree, random: Random): string | null {
  const file = pick(tree, random, isFile);
  if (file === null) return null;
  truncateSync(tree.at(file.path), someSize(random));
  return file.path;
}

/** With set-id and sticky bits, and such as forbid the owner to write. */
function setMode(tree: Tree, random: Random): string | null {
  const entry = pick(tree, random, isNoLink);
  if (entry === null) return null;
  const needed = entry.kind === "dir" ? (isRoot ? 0 : 0o700) : isRoot ? 0 : 0o400;
  const mode =
    random.pick([0o4755, 0o2755, 0o6711, 0o1777, 0o7777, 0o555, 0o444, 0o700, 0, random.int(0o10000)]) |
    needed;
  chmodSync(tree.at(entry.path), mode);
  return `${entry.path} ${mode.toString(8)}`;
}

/** A time to the nanosecond, before 1970, now or beyond 2038; of links as well. */
function setTime(tree: Tree, random: Random): string | null {
  const entry = pick(tree, random, ({ changeable }) => changeable);
  if (entry === null) return null;
  // (Never the same time twice: then nothing tells an edit that leaves the size as it was.)
  const [seconds, nanoseconds] = random.chance(0.5)
    ? [random.pick([-1, 0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32]), random.int(1e9)]
    : [random.int(2 ** 33) - 2 ** 32, random.pick([0, 1, 999, 1_000_000, 999_999_999])];
  setTimeOf(tree.at(entry.path), BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
  return `${entry.path} ${seconds}+${nanoseconds}`;
}

function setOwner(tree: Tree, random: Random): string | null {
  const entry = pick(tree, random, ({ changeable }) => changeable);
  if (entry === null) return null;
  // Some of them have names on any Debian, others have none.
  const ids = () => random.pick([0, 1, 5, 8, 65_534, 54_321, 2_000_000_000]);
  const [uid, gid] = [ids(), ids()];
  if (entry.kind === "symlink") lchownSync(tree.at(entry.path), uid, gid);
  else chownSync(tree.at(entry.path), uid, gid);
  return `${entry.path} ${uid}:${gid}`;
}

const operations: Operation[] = [
  ...Array<Operation>(6).fill(makeSized),
  ...Array<Operation>(6).fill(edit),
  ...Array<Operation>(2).fill(resize),
  ...Array<Operation>(2).fill(makeNamedDirectory),
  ...Array<Operation>(2).fill(makeLink),
  ...Array<Operation>(3).fill(setMode),
  ...Array<Operation>(3).fill(setTime),
  ...(isRoot ? Array<Operation>(3).fill(setOwner) : []),
];

/** Performs `count` of them below `dir` (a byte string); tells each to `tell`. */
export function randomContent(
  dir: string,
  random: Random,
  count: number,
  tell: (text: string) => void,
): void {
  for (let done = 0; done < count; ) {
    const operation = random.pick(operations);
    // (Shared, for what has several names: a change is told of under one of them, which may be another one soon.)
    const text = operation(new Tree(dir, true), random);
    if (text === null) continue;
    done++;
    tell(`${operation.name} ${show(text)}`);
  }
}
