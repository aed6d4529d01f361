/** A directory of the tree that is watched. */
import type { FSWatcher } from "node:fs";
import type { Entry } from "../core/entry.ts";
import { join, type Path, root } from "../core/path.ts";

/** See above. */
export interface Node {
  name: string;
  parent: Node | null;
  readonly entry: Entry;
  readonly children: Map<string, Node>;
  watch: FSWatcher | null;
  /** The path that the watch was opened with; the directory may have moved since. */
  watchedAs: Path;
  /** False once it has left the tree. */
  attached: boolean;
}

/** Notes of `node` and all below it whether it is in the tree. */
export function setAttached(node: Node, attached: boolean): void {
  node.attached = attached;
  for (const child of node.children.values()) setAttached(child, attached);
}

/** True if `node` is `other`, or above it. */
export function isAbove(node: Node, other: Node): boolean {
  for (let above: Node | null = other; above !== null; above = above.parent) if (above === node) return true;
  return false;
}

/** Where `node` is in the tree; of one that has left it, below the topmost one that left with it. */
export function pathOf(node: Node): Path {
  return node.parent === null ? root : join(pathOf(node.parent), node.name);
}
