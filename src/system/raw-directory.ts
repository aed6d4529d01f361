/**
 * Reads a directory by the calls of the C library, into memory that is used again for each entry. `node:fs` makes an
 * object with dates for each, which costs as much again as the kernel does.
 */
import { FFIType, ptr } from "bun:ffi";
import { closeSync, constants, lstatSync, openSync, type Stats } from "node:fs";
import { type Library, openLibrary } from "./libc.ts";

/** What is used of `Stats`; an inode number above 2^53 may be its low 53 bits already. */
export type FileStats = Pick<
  Stats,
  "mode" | "size" | "rdev" | "mtimeMs" | "uid" | "gid" | "dev" | "ino" | "birthtimeMs"
>;

const calls = {
  statx: {
    args: [FFIType.i32, FFIType.ptr, FFIType.i32, FFIType.u32, FFIType.ptr],
    returns: FFIType.i32,
  },
  getdents64: { args: [FFIType.i32, FFIType.ptr, FFIType.u64], returns: FFIType.i32 },
} as const;

/** Where the structures are as below: the kernel's own ones, which are the same with every C library. */
const architectures = ["x64", "arm64"];

/** `AT_SYMLINK_NOFOLLOW`. */
const noFollow = 0x100;

/** `STATX_BASIC_STATS` and `STATX_BTIME`, as `node:fs` asks for. */
const allFields = 0xfff;

/** `STATX_BTIME`. */
const birthField = 0x800;

/** Bytes of a `struct statx`. */
const statxBytes = 256;

/** The longest path of Linux with the zero at its end, in bytes. */
const pathBytesMax = 4096;

/** `AT_FDCWD`: paths are absolute, or begin in the working directory. */
export const workingDirectory = -100;

/** How much of a listing is read at once, in bytes. */
const listingBytes = 64 * 1024;

/** Where the length of a record and the name begin in a `struct dirent64`, in bytes. */
const [lengthAt, nameAt] = [16, 19];

const dot = 0x2e;

/** Seconds and nanoseconds of a `struct statx_timestamp` in milliseconds, rounded as `node:fs` does. */
function milliseconds(high: number, low: number, nanoseconds: number): number {
  return (high * 2 ** 32 + low) * 1000 + nanoseconds / 1e6;
}

/** A device number as `node:fs` gives it. */
function deviceNumber(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** A `struct statx` in memory, read as `Stats` are. */
class RawStats implements FileStats {
  readonly #memory = new ArrayBuffer(statxBytes);
  readonly #words = new Uint32Array(this.#memory);
  readonly #signed = new Int32Array(this.#memory);
  readonly #halves = new Uint16Array(this.#memory);
  readonly address = ptr(this.#words);

  get mode(): number {
    return this.#halves[14]!;
  }

  get uid(): number {
    return this.#words[5]!;
  }

  get gid(): number {
    return this.#words[6]!;
  }

  /** The low 53 bits. */
  get ino(): number {
    return (this.#words[9]! & 0x1fffff) * 2 ** 32 + this.#words[8]!;
  }

  get size(): number {
    return this.#words[11]! * 2 ** 32 + this.#words[10]!;
  }

  get birthtimeMs(): number {
    if ((this.#words[0]! & birthField) === 0) return 0;
    return milliseconds(this.#signed[21]!, this.#words[20]!, this.#words[22]!);
  }

  get mtimeMs(): number {
    return milliseconds(this.#signed[29]!, this.#words[28]!, this.#words[30]!);
  }

  get rdev(): number {
    return deviceNumber(this.#words[32]!, this.#words[33]!);
  }

  get dev(): number {
    return deviceNumber(this.#words[34]!, this.#words[35]!);
  }
}

/** Reads directories that are open, and single entries; one at a time. */
class RawDirectory {
  readonly #stats = new RawStats();
  readonly #path = new Uint8Array(new ArrayBuffer(pathBytesMax));
  readonly #pathAddress = ptr(this.#path);
  readonly #listing = Buffer.from(new ArrayBuffer(listingBytes));
  readonly #listingAddress = ptr(this.#listing);

  constructor(private readonly library: Library<typeof calls>) {}

  /** The names in the directory that is open as `descriptor`, as byte strings; null if it cannot be listed. */
  names(descriptor: number): string[] | null {
    const names: string[] = [];
    const listing = this.#listing;
    for (;;) {
      const length = this.library.getdents64(descriptor, this.#listingAddress, listingBytes);
      if (length < 0) return null;
      if (length === 0) return names;
      for (let at = 0; at < length; at += listing.readUInt16LE(at + lengthAt)) {
        const start = at + nameAt;
        let end = start;
        while (listing[end] !== 0) end++;
        if (listing[start] !== dot || !isSelfOrParent(listing, start, end))
          names.push(listing.toString("latin1", start, end));
      }
    }
  }

  /**
   * What `lstat` says of `path` (a byte string), which begins in the directory that is open as `descriptor`; good until
   * the next call. Null if it cannot be read.
   */
  lstat(descriptor: number, path: string): FileStats | null {
    const { length } = path;
    if (length >= pathBytesMax) return null;
    for (let at = 0; at < length; at++) {
      const byte = path.charCodeAt(at);
      // It would end there.
      if (byte === 0) return null;
      this.#path[at] = byte;
    }
    this.#path[length] = 0;
    const { address } = this.#stats;
    const failed = this.library.statx(descriptor, this.#pathAddress, noFollow, allFields, address) !== 0;
    return failed ? null : this.#stats;
  }
}

/** True if the name from `start` to `end`, which begins with a dot, is `.` or `..`. */
function isSelfOrParent(listing: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 || (end - start === 2 && listing[start + 1] === dot);
}

let loaded: RawDirectory | null | undefined;

/** What reads directories; null where this is not known to work, and `node:fs` has to. Made when it is first asked for. */
export function rawDirectory(): RawDirectory | null {
  if (loaded === undefined) loaded = load();
  return loaded;
}

function load(): RawDirectory | null {
  if (process.platform !== "linux" || !architectures.includes(process.arch)) return null;
  // Older C libraries do not have these calls.
  const library = openLibrary(calls);
  const reader = library === null ? null : new RawDirectory(library);
  return reader !== null && isRight(reader) ? reader : null;
}

/** True if `reader` says of the root directory what `node:fs` says: as far as it is to be trusted with others. */
function isRight(reader: RawDirectory): boolean {
  const descriptor = openSync("/", constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const [raw, right] = [reader.lstat(descriptor, "."), lstatSync("/")];
    if (raw === null || reader.names(descriptor) === null) return false;
    const lasting = ["mode", "uid", "gid", "dev", "birthtimeMs"] as const;
    return lasting.every((key) => raw[key] === right[key]);
  } finally {
    closeSync(descriptor);
  }
}
