/** How an entry on disk differs from the one that a target holds. */
import { type Entry, sameContent, sameIdentity } from "./entry.ts";
import type { Held } from "./held.ts";

/**
 * - `same`: nothing to do.
 * - `new`: not held.
 * - `replaced`: held as something else (another kind, or another file under the same name).
 * - `content`: the same file with other content.
 * - `mode`: only the permission bits differ.
 * - `attributes`: owner or times differ, the content does not.
 * - `identity`: only the identity differs, as after a restore or for a directory made anew.
 */
export type Difference = "same" | "new" | "replaced" | "content" | "mode" | "attributes" | "identity";

/** Compares what a target holds (null: nothing) with what is on disk. */
export function difference(held: Held | null, entry: Entry): Difference {
  if (held === null) return "new";
  if (held.kind !== entry.kind) return "replaced";
  const same = sameIdentity(held, entry);
  if (entry.kind === "directory") {
    if (held.doubt !== "none" || held.mtimeMs !== entry.mtimeMs || differentOwner(held, entry))
      return "attributes";
    if (held.mode !== entry.mode) return "mode";
    return same ? "same" : "identity";
  }
  if (!same) return "replaced";
  if (held.doubt !== "none" || !sameContent(held, entry)) return "content";
  if (differentOwner(held, entry)) return "attributes";
  if (entry.kind === "symlink") return held.mtimeMs === entry.mtimeMs ? "same" : "attributes";
  return held.mode === entry.mode ? "same" : "mode";
}

function differentOwner(held: Held, entry: Entry): boolean {
  return held.uid !== entry.uid || held.gid !== entry.gid;
}
