/** What kind of entry `lstat` found. */
import { constants, type Stats } from "node:fs";
import type { Kind } from "../core/entry.ts";

/** The kind of what `stats` describe. */
export function kindOf(stats: Pick<Stats, "mode">): Exclude<Kind, "problem"> {
  const type = stats.mode & constants.S_IFMT;
  if (type === constants.S_IFREG) return "file";
  if (type === constants.S_IFDIR) return "directory";
  return type === constants.S_IFLNK ? "symlink" : "special";
}
