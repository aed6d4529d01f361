/** Reads what is sent from the source, as it is at that moment. */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { checked, type Path, root, toFs } from "../core/path.ts";
import { isAbsence, reasonOf } from "../system/file-error.ts";
import type { ListEntry } from "./wire/file-list.ts";

/** Why nothing can be sent: it is not there as it was seen, or it cannot be read. */
export type Unread = { readonly is: "gone" } | { readonly is: "unreadable"; readonly reason: string };

/** A link could become a pipe between two looks: neither is followed, nor waited for. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Files up to so many bytes are read at once. */
export const wholeBytesMax = 512 * 1024;

const gone: Unread = { is: "gone" };

/** The source tree at `base` (a byte string; the root directory is `""`). */
export class SourceFiles {
  /** With room to see that there is more. */
  readonly #content = Buffer.allocUnsafeSlow(wholeBytesMax + 1);

  constructor(private readonly base: string) {}

  /** The entry at `path` for the list, with times to the nanosecond. `gone`, too, if it is of no kind that can be in it. */
  entry(path: Path): ListEntry | Unread {
    try {
      const absolute = this.#absolute(path);
      const stats = lstatSync(absolute, { bigint: true });
      const kind = kindOf(stats);
      if (kind === null) return gone;
      const link =
        kind === "symlink" ? readlinkSync(absolute, { encoding: "buffer" }).toString("latin1") : "";
      const seconds = floorSeconds(stats.mtimeNs);
      return {
        path,
        kind,
        mode: Number(stats.mode & 0o7777n),
        size: kind === "file" ? Number(stats.size) : 0,
        mtimeSeconds: Number(seconds),
        mtimeNanoseconds: Number(stats.mtimeNs - seconds * 1_000_000_000n),
        uid: Number(stats.uid),
        gid: Number(stats.gid),
        link,
      };
    } catch (error) {
      return unread(error);
    }
  }

  /** The content of a file, good until the next call; `gone` if it has more than `wholeBytesMax` now. */
  whole(path: Path): Buffer | Unread {
    let fd = -1;
    try {
      fd = openSync(this.#absolute(path), flags);
      const stats = fstatSync(fd);
      if (!stats.isFile()) return gone;
      for (let length = 0; length <= wholeBytesMax; ) {
        const read = readSync(fd, this.#content, length, this.#content.length - length, null);
        length += read;
        // (As long as it should be, although there was room for more: that is all.)
        const isAll = read === 0 || (length === stats.size && length <= wholeBytesMax);
        if (isAll) return this.#content.subarray(0, length);
      }
      return gone;
    } catch (error) {
      return unread(error);
    } finally {
      if (fd >= 0) closeSync(fd);
    }
  }

  /** Opens a file to read it in pieces. */
  async open(path: Path): Promise<FileHandle | Unread> {
    try {
      const file = await open(this.#absolute(path), flags);
      if ((await file.stat()).isFile()) return file;
      await file.close();
      return gone;
    } catch (error) {
      return unread(error);
    }
  }

  /** The next up to `bytes` of an open file; empty at its end. */
  async piece(file: FileHandle, bytes: number): Promise<Buffer | Unread> {
    try {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      return unread(error);
    }
  }

  #absolute(path: Path): string | Buffer {
    return toFs(path === root ? this.base || "/" : `${this.base}/${checked(path)}`);
  }
}

export function isUnread(value: object): value is Unread {
  return "is" in value;
}

function kindOf(stats: BigIntStats): "file" | "symlink" | "directory" | null {
  if (stats.isFile()) return "file";
  if (stats.isSymbolicLink()) return "symlink";
  return stats.isDirectory() ? "directory" : null;
}

/** Whole seconds, for times before 1970 as well. */
function floorSeconds(nanoseconds: bigint): bigint {
  const seconds = nanoseconds / 1_000_000_000n;
  return nanoseconds < 0n && seconds * 1_000_000_000n !== nanoseconds ? seconds - 1n : seconds;
}

function unread(error: unknown): Unread {
  return isAbsence(error) ? gone : { is: "unreadable", reason: reasonOf(error) };
}
