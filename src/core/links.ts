/** What becomes of symbolic links. */
import { depthOf, type Path, parentOf } from "./path.ts";

/** How symbolic links are mirrored; as rsync's options of these names. */
export interface LinkRules {
  readonly links: boolean;
  readonly copyLinks: boolean;
  readonly copyUnsafeLinks: boolean;
  readonly safeLinks: boolean;
}

/** What becomes of the link at `path` that points to `link`: mirrored, replaced by what it points to, or left out. */
export function linkFate(rules: LinkRules, path: Path, link: string): "keep" | "follow" | "omit" {
  if (rules.copyLinks) return "follow";
  const isUnsafe = (rules.copyUnsafeLinks || rules.safeLinks) && isUnsafeLink(path, link);
  if (rules.copyUnsafeLinks && isUnsafe) return "follow";
  return !rules.links || isUnsafe ? "omit" : "keep";
}

/**
 * True if the link at `path` may lead out of the tree, by its text alone: absolute, more steps up than there are
 * directories above it, or a step up behind a name, which may be another link.
 */
export function isUnsafeLink(path: Path, link: string): boolean {
  if (link === "" || link.startsWith("/")) return true;
  let depth = depthOf(parentOf(path));
  let named = false;
  for (const part of link.split("/")) {
    if (part === "..") {
      if (named || depth === 0) return true;
      depth--;
    } else if (part !== "" && part !== ".") named = true;
  }
  return false;
}
