/** Leaves out of a look what is not to be followed (`--only`, `--ignore-attributes`). It stays a difference. */
import { type Difference, difference } from "./diff.ts";
import { identityKey, sameIdentity } from "./entry.ts";
import type { HeldView } from "./held.ts";
import { type Path, parentOf, root } from "./path.ts";
import type { DeleteMode } from "./plan.ts";
import { compareByDepth, type Seen } from "./seen.ts";

/** The kinds of changes that can be followed or not. A move is followed only where deletions are. */
export type ChangeKind = "create" | "change" | "delete" | "move" | "attributes";

/** The kind of change that makes a difference; `identity` changes nothing on the target. */
const kindOf: Record<Exclude<Difference, "same" | "identity">, ChangeKind> = {
  new: "create",
  replaced: "change",
  content: "change",
  mode: "attributes",
  attributes: "attributes",
};

/** Without deletions nothing is removed, whatever else is asked for. */
export function followedMode(mode: DeleteMode, follow: ReadonlySet<ChangeKind>): DeleteMode {
  return follow.has("delete") ? mode : "never";
}

/** The part of `seen` that is followed. */
export function followed(
  held: HeldView,
  seen: ReadonlyMap<Path, Seen>,
  follow: ReadonlySet<ChangeKind>,
): Map<Path, Seen> {
  const kept = new Map<Path, Seen>();
  const isThere = (directory: Path) =>
    directory === root || kept.has(directory) || held.get(directory)?.kind === "directory";
  const present = new Set<string>();
  for (const { entry } of seen.values()) if (entry !== null) present.add(identityKey(entry));
  for (const path of [...seen.keys()].sort(compareByDepth)) {
    const one = seen.get(path)!;
    if (one.entry === null || one.entry.kind === "problem" || isFollowed(path)) kept.set(path, one);
    // What was here moved elsewhere, and what took its place is not followed.
    else if (hasMovedAway(path)) kept.set(path, { entry: null, unsettled: false, unlisted: false });
  }
  return kept;

  function hasMovedAway(path: Path): boolean {
    const before = held.get(path);
    const entry = seen.get(path)!.entry!;
    return (
      before !== null &&
      follow.has("move") &&
      follow.has("delete") &&
      !sameIdentity(before, entry) &&
      present.has(identityKey(before))
    );
  }

  function isFollowed(path: Path): boolean {
    const entry = seen.get(path)!.entry!;
    const differs = difference(held.get(path), entry);
    if (differs === "same" || differs === "identity") return true;
    // Nothing can be put into a directory that is not followed itself.
    if (!isThere(parentOf(path))) return false;
    return follow.has(kindOf[differs]) || (differs !== "content" && isMoveTo(path));
  }

  /** True if what is at `path` was held at a place that it left. */
  function isMoveTo(path: Path): boolean {
    const entry = seen.get(path)!.entry!;
    if (!follow.has("move") || !follow.has("delete")) return false;
    return held.find(entry).some((candidate) => {
      const there = seen.get(candidate);
      return candidate !== path && there !== undefined && !(there.entry && sameIdentity(there.entry, entry));
    });
  }
}
