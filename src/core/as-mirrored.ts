/** An entry of the source as a target is to have it: what is not mirrored of it differs from nothing. */
import { applyChmod, type ChmodRule } from "./chmod.ts";
import { type Entry, unknownTimeMs } from "./entry.ts";

/** Stands for a mode that is left to the target: no real mode equals it, and its owner's rights are all there. */
export const anyMode = 0o10700;

/** Stands for an owner or a group that is left to the target. */
const anyOwner = -2;

/** Which attributes are mirrored, and how they are changed on the way. */
export interface MirroredAttributes {
  readonly perms: boolean;
  readonly times: boolean;
  /** What stands for all owners (see `ownerMark`); null if each entry's own is mirrored. */
  readonly owner: number | null;
  readonly group: number | null;
  readonly chmod: readonly ChmodRule[];
  /** The file mode creation mask, for changes that name nobody. */
  readonly umask: number;
}

/**
 * The number that stands for the owner or group `name` that everything is given to; of null, for one that nothing
 * is done about. Another name gives another number, so that it is a difference.
 */
export function ownerMark(name: string | null): number {
  return name === null ? anyOwner : anyOwner - 1 - Number(Bun.hash.xxHash3(name) & 0xffff_ffffn);
}

/**
 * The entry to compare with what a target holds. A file keeps its modification time in any case: it tells whether
 * the content changed.
 */
export function asMirrored(
  entry: Entry,
  { perms, times, owner, group, chmod, umask }: MirroredAttributes,
): Entry {
  if (entry.kind === "problem") return entry;
  const { kind } = entry;
  const changed =
    kind === "symlink" ? entry.mode : applyChmod(chmod, entry.mode, kind === "directory", umask);
  return {
    ...entry,
    mode: perms ? changed : anyMode,
    mtimeMs: times || kind === "file" || kind === "special" ? entry.mtimeMs : unknownTimeMs,
    uid: owner ?? entry.uid,
    gid: group ?? entry.gid,
  };
}
