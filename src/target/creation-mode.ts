/** Which rights a new directory gets where modes are not mirrored: as rsync has it, the source's, less the umask. */
import { statSync } from "node:fs";
import { checked, type Path, toFs } from "../core/path.ts";

/** The permission bits of the directory at `path` below `base`; those of its owner are always there. */
export function creationMode(base: string, path: Path): number {
  try {
    return (statSync(toFs(`${base}/${checked(path)}`)).mode & 0o777) | 0o700;
  } catch {
    // It is gone already. What comes next finds out.
    return 0o700;
  }
}
