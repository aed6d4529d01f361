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
 * directories above it, or a step up elsewhere than at the start, which may be one out of another link. (As rsync
 * has it since 3.4; a step up at the very end counts as such unless it is all there is.)
 */
export function isUnsafeLink(path: Path, link: string): boolean {
  if (link === "" || link.startsWith("/")) return true;
  const rest = link.replace(/^(\.\.\/+)*/, "");
  if (rest.includes("/../") || link.endsWith("/..")) return true;
  const parts = link.split("/").filter((part) => part !== "" && part !== ".");
  let depth = depthOf(parentOf(path));
  for (const part of parts) {
    depth += part === ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}
