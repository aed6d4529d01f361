/** Tells whether a directory is as it is held without comparing entry by entry. */
import type { Entry, Kind } from "./entry.ts";

/** Numbers of an entry that go into its stamp, in bytes. */
const numbersBytes = 72;

/** The longest name and the longest link of Linux, and what keeps them apart. */
const bytes = new Uint8Array(numbersBytes + 255 + 1 + 4096);
const numbers = new Float64Array(bytes.buffer, 0, numbersBytes / 8);
/** The part of `bytes` that an entry fills, by its length: making it anew each time would cost more than the hash. */
const views: Uint8Array[] = [];

const kindNumbers: Record<Kind, number> = { file: 1, directory: 2, symlink: 3, special: 4, problem: 5 };

/** The lower half of a stamp, in bits. */
const halfBits = 26;

/**
 * A hash of a name and all of its entry that `difference` compares: 52 bits, which a double holds. Entries that
 * differ have the same one by an accident of 1 in 10^15.
 */
export function stampOf(name: string, entry: Entry): number {
  numbers[0] = kindNumbers[entry.kind];
  numbers[1] = entry.mode;
  numbers[2] = entry.size;
  numbers[3] = entry.mtimeMs;
  numbers[4] = entry.uid;
  numbers[5] = entry.gid;
  numbers[6] = entry.dev;
  numbers[7] = entry.ino;
  numbers[8] = entry.birthMs;
  let length = append(numbersBytes, name);
  if (entry.link !== "") length = append(append(length, "/"), entry.link);
  return Number(Bun.hash.xxHash3(viewOf(length)) >> 12n);
}

function viewOf(length: number): Uint8Array {
  const known = views[length];
  if (known !== undefined) return known;
  const made = bytes.subarray(0, length);
  views[length] = made;
  return made;
}

function append(at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/**
 * The entries of one directory, in no order: equal tallies mean equal entries. An entry in doubt counts, with a stamp
 * of its own, 0: so its directory is never taken for equal, whether the entry is still there or not.
 */
export class Tally {
  /** Both halves are sums of halves of stamps: exact for 2^27 entries. */
  constructor(
    public count = 0,
    public low = 0,
    public high = 0,
  ) {}

  add(stamp: number): void {
    this.count++;
    this.#change(stamp, 1);
  }

  /** Takes an entry back that was added. */
  subtract(stamp: number): void {
    this.count--;
    this.#change(stamp, -1);
  }

  /** The doubt about an entry has ended: it has this stamp. */
  settle(stamp: number): void {
    this.#change(stamp, 1);
  }

  equals(other: Tally): boolean {
    return this.count === other.count && this.low === other.low && this.high === other.high;
  }

  #change(stamp: number, by: 1 | -1): void {
    const high = Math.floor(stamp / 2 ** halfBits);
    this.high += by * high;
    this.low += by * (stamp - high * 2 ** halfBits);
  }
}
