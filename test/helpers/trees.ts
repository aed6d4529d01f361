/**
 * Looks at, compares and makes trees of files. Names and paths are byte strings (bytes held as latin1
 * characters), also that of the tree itself. Nothing of src/ is used: this is what src/ is judged by.
 */
import { createHash } from "node:crypto";
import {
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  writeFileSync,
} from "node:fs";

/**
 * What is in a tree, without its root: path below the root to `TYPE mode=OCTAL mtime=NANOSECONDS` and, for a
 * file, ` size=BYTES sha1=HEX`; a symlink has no mode but ` target=BYTES` at the end.
 */
export type Snapshot = Map<string, string>;

/** The bytes of a byte string, as `node:fs` takes them. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(path, "latin1");
}

/** A byte string as a person can read it, on one line. */
export function show(bytes: string): string {
  return bytes.replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** The sorted names in the directory `path`. */
export function namesIn(path: string): string[] {
  return readdirSync(bytesOf(path), { encoding: "latin1" }).sort();
}

/** Walks the tree below `dir`. What vanishes meanwhile is left out, so a tree in use can be looked at. */
export function snapshot(dir: string): Snapshot {
  const entries: Snapshot = new Map();
  const walk = (below: string) => {
    for (const name of (attempt(() => namesIn(dir + below)) ?? []) as string[]) {
      const path = `${below}/${name}`;
      const stat = attempt(() => lstatSync(bytesOf(dir + path), { bigint: true }));
      const line = stat === null ? null : attempt(() => describe(dir + path, stat));
      if (stat === null || line === null) continue;
      entries.set(path.slice(1), line);
      if (stat.isDirectory()) walk(path);
    }
  };
  walk("");
  return entries;
}

/** The result of `look`, or null if what it looks at has gone or been replaced. */
function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "EINVAL"].includes(code)) return null;
    throw error;
  }
}

function describe(path: string, stat: BigIntStats): string {
  const mtime = `mtime=${stat.mtimeNs}`;
  const mode = `mode=${(Number(stat.mode) & 0o7777).toString(8).padStart(4, "0")}`;
  if (stat.isSymbolicLink()) {
    return `symlink ${mtime} target=${readlinkSync(bytesOf(path), { encoding: "latin1" })}`;
  }
  if (stat.isDirectory()) return `dir ${mode} ${mtime}`;
  if (stat.isFile()) return `file ${mode} ${mtime} size=${stat.size} sha1=${sha1(path)}`;
  return `special ${mode} ${mtime}`;
}

const buffer = Buffer.alloc(1024 * 1024);

function sha1(path: string): string {
  const hash = createHash("sha1");
  const file = openSync(bytesOf(path), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, null);
      if (count === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}

export interface DiffOptions {
  /** Compare times at all (default true). */
  mtimes?: boolean;
  /** Compare directories' times (default true). */
  mtimeOfDirectories?: boolean;
  /** Compare symlinks' own times (default true). */
  mtimeOfSymlinks?: boolean;
  /** Times that are not further apart count as equal (default 0), in ns. */
  mtimeToleranceNs?: bigint;
  /** At most this many differences are listed, then one line with the number of others (default 50). */
  limit?: number;
}

const mtimePattern = / mtime=(-?\d+)/;

/** How far apart the times of two entries are that are equal otherwise, in ns; further than anything if they are not. */
function mtimesApart(left: string, right: string): bigint {
  const never = 2n ** 63n;
  if (left.replace(mtimePattern, "") !== right.replace(mtimePattern, "")) return never;
  const [a, b] = [mtimePattern.exec(left)?.[1], mtimePattern.exec(right)?.[1]];
  if (a === undefined || b === undefined) return never;
  const apart = BigInt(a) - BigInt(b);
  return apart < 0n ? -apart : apart;
}

/** Compares two trees (directories or snapshots); each difference is a line for people. Empty: they are equal. */
export function diffTrees(a: string | Snapshot, b: string | Snapshot, options: DiffOptions = {}): string[] {
  const { mtimes = true, mtimeOfDirectories = true, mtimeOfSymlinks = true, limit = 50 } = options;
  const { mtimeToleranceNs = 0n } = options;
  const before = typeof a === "string" ? snapshot(a) : a;
  const after = typeof b === "string" ? snapshot(b) : b;
  const relevant = (line: string) => {
    const keepsTime = line.startsWith("dir ")
      ? mtimeOfDirectories
      : !line.startsWith("symlink ") || mtimeOfSymlinks;
    const dropTime = !(mtimes && keepsTime);
    return dropTime ? line.replace(mtimePattern, "") : line;
  };
  const isEqual = (left: string, right: string) =>
    left === right || (mtimeToleranceNs > 0n && mtimesApart(left, right) <= mtimeToleranceNs);
  const differences: string[] = [];
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [left, right] = [before.get(path), after.get(path)];
    if (left === undefined) differences.push(`${show(path)}: only in the second: ${show(right ?? "")}`);
    else if (right === undefined) differences.push(`${show(path)}: only in the first: ${show(left)}`);
    else if (!isEqual(relevant(left), relevant(right))) {
      differences.push(`${show(path)}: ${show(relevant(left))} | ${show(relevant(right))}`);
    }
  }
  const left = differences.length - limit;
  return left > 0 ? [...differences.slice(0, limit), `and ${left} more`] : differences;
}

/** A generator of pseudo-random numbers (mulberry32): the same seed gives the same numbers everywhere. */
export class Random {
  #state: number;

  /** `seed`: its lower 32 bits count. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number of 32 bits, 0 or more. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `n` - 1. */
  int(n: number): number {
    return Math.floor((this.#next() / 2 ** 32) * n);
  }

  /** One of `array`, which must not be empty. */
  pick<T>(array: readonly T[]): T {
    if (array.length === 0) throw new Error("nothing to pick from");
    return array[this.int(array.length)] as T;
  }

  /** True with probability `p` (0 to 1). */
  chance(p: number): boolean {
    return this.#next() / 2 ** 32 < p;
  }

  /** `count` bytes that do not compress. */
  bytes(count: number): Buffer {
    const words = new Uint32Array(Math.ceil(count / 4));
    for (let i = 0; i < words.length; i++) words[i] = this.#next();
    return Buffer.from(words.buffer, 0, count);
  }
}

export interface TreeOptions {
  files: number;
  filesPerDirectory: number;
  /** Size of each file. */
  bytes: number;
  /** Where the content comes from (default: seed 1). */
  random?: Random;
}

/** Fills `dir` (made if missing) with files `dNNNN/fNNNN`, all different; returns their paths below `dir`. */
export function makeTree(dir: string, options: TreeOptions): string[] {
  const random = options.random ?? new Random(1);
  const number = (n: number) => String(n).padStart(4, "0");
  const paths: string[] = [];
  mkdirSync(bytesOf(dir), { recursive: true });
  for (let i = 0; i < options.files; i++) {
    const inDirectory = i % options.filesPerDirectory;
    const directory = `d${number(Math.floor(i / options.filesPerDirectory))}`;
    if (inDirectory === 0) mkdirSync(bytesOf(`${dir}/${directory}`), { recursive: true });
    const path = `${directory}/f${number(inDirectory)}`;
    writeFileSync(bytesOf(`${dir}/${path}`), random.bytes(options.bytes));
    paths.push(path);
  }
  return paths;
}
