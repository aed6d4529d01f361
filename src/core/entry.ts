/** What a name in a tree is, as far as a mirror cares. */

/** The kinds of entries. `special` is a FIFO, socket or device; `problem` is one that could not be read. */
export type Kind = "file" | "directory" | "symlink" | "special" | "problem";

/**
 * Which file it is, whatever its name: what stays the same when it is moved.
 * `birthMs` is 0 where the file system has no birth time.
 */
export interface Identity {
  /** Device, or 0 for the device that the mirror's root is on (device numbers change across reboots). */
  readonly dev: number;
  /** Inode number; its low 53 bits where it is larger (overlayfs). */
  readonly ino: number;
  /** Birth time in milliseconds since 1970 with a fraction, as `fs.Stats.birthtimeMs`. */
  readonly birthMs: number;
}

/** An entry as `lstat` (and `readlink`) gave it. */
export interface Entry extends Identity {
  readonly kind: Kind;
  /** Permission bits with set-id and sticky (`st_mode & 0o7777`). */
  readonly mode: number;
  /** Bytes for a file, device number for a special, 0 for the others. */
  readonly size: number;
  /** Modification time in milliseconds since 1970 with a fraction, as `fs.Stats.mtimeMs`. */
  readonly mtimeMs: number;
  readonly uid: number;
  readonly gid: number;
  /** Where a symlink points (byte string); for a problem, why it could not be read; else `""`. */
  readonly link: string;
}

/** The time recorded where the target's time is not known: no real time equals it. */
export const unknownTimeMs = -1e15;

/** True if both are the same file, whatever their names. */
export function sameIdentity(a: Entry, b: Entry): boolean {
  if (a.kind !== b.kind || a.ino !== b.ino || a.dev !== b.dev || a.birthMs !== b.birthMs) return false;
  // Without a birth time a reused inode number looks the same: size and time must agree as well.
  return a.birthMs !== 0 || (a.kind !== "directory" && a.size === b.size && a.mtimeMs === b.mtimeMs);
}

/** A key under which entries of the same identity meet; compare with `sameIdentity` afterwards. */
export function identityKey(entry: Identity): string {
  return `${entry.ino}:${entry.dev}:${entry.birthMs}`;
}

/** True if both hold the same content, as far as size and time tell. */
export function sameContent(a: Entry, b: Entry): boolean {
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "file":
      return a.size === b.size && a.mtimeMs === b.mtimeMs;
    case "symlink":
      return a.link === b.link;
    case "special":
      return a.size === b.size;
    default:
      return true;
  }
}
