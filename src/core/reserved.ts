/** Names on a target that belong to transfers and backups: they are neither mirrored nor taken for leftovers. */
import { isWithin, type Path, parentOf, root } from "./path.ts";

/** See above. */
export interface Reserved {
  /** Names that are reserved in every directory. */
  readonly names: readonly string[];
  /** How names end that are; null if none are. */
  readonly suffix: string | null;
  /** A directory that is; null if none is, or it is not below the root. */
  readonly directory: Path | null;
}

/** True if `path`, or a directory above it, is reserved. */
export function isReserved(path: Path, { names, suffix, directory }: Reserved): boolean {
  if (path === root) return false;
  if (directory !== null && isWithin(path, directory)) return true;
  if (names.length === 0 && suffix === null) return false;
  return path.split("/").some((name) => names.includes(name) || (suffix !== null && name.endsWith(suffix)));
}

/** Those of `paths` that are not reserved, nor a directory that something reserved is in. */
export function withoutReserved(paths: readonly Path[], reserved: Reserved): Path[] {
  const kept = new Set<Path>();
  for (const path of paths) {
    if (!isReserved(path, reserved)) continue;
    for (let above = parentOf(path); above !== root && !kept.has(above); above = parentOf(above))
      kept.add(above);
  }
  return paths.filter((path) => !kept.has(path) && !isReserved(path, reserved));
}
