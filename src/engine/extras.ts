/** What is on a target that neither the ledger nor the source knows. */
import { type Fault, isFault } from "../core/fault.ts";
import { type Path, parentOf, root } from "../core/path.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Target } from "../target/target.ts";
import type { SourceTree } from "../watch/source-tree.ts";

/** What is on a target and not in the mirror. */
export interface Extras {
  /** The topmost paths. */
  readonly topmost: readonly Path[];
  /** How many entries that are, with all below them. */
  readonly count: number;
}

/**
 * Finds what is on the target and not in the mirror. What is excluded does not count, nor does
 * a directory that holds such, unless `deleteExcluded`.
 */
export async function findExtras(
  target: Target,
  ledger: Ledger,
  source: SourceTree,
  deleteExcluded: boolean,
): Promise<Extras | Fault> {
  const isKept = keptBy(source, deleteExcluded);
  const isMirrored = (path: Path) => ledger.get(path) !== null || source.look(path) !== null;
  // Most of what there is is mirrored, and need not be kept in memory.
  const listed = await target.list((path) => isKept(path) || !isMirrored(path));
  return isFault(listed) ? listed : extrasAmong(listed, isKept, isMirrored);
}

/** The extras among `listed`, which has parents first; neither what `isKept` nor what it is in counts. */
export function extrasAmong(
  listed: readonly Path[],
  isKept: (path: Path) => boolean,
  isMirrored: (path: Path) => boolean,
): Extras {
  const holdsKept = new Set<Path>();
  for (const path of listed) {
    if (!isKept(path)) continue;
    for (let above = parentOf(path); above !== root; above = parentOf(above)) holdsKept.add(above);
  }
  const topmost = new Set<Path>();
  let count = 0;
  // Parents come first.
  for (const path of listed) {
    if (holdsKept.has(path) || isKept(path) || isMirrored(path)) continue;
    count++;
    if (!isBelowOneOf(path, topmost)) topmost.add(path);
  }
  return { topmost: [...topmost], count };
}

/** Says of a path on the target whether it stays because it is left out of the mirror. */
export function keptBy(source: SourceTree, deleteExcluded: boolean): (path: Path) => boolean {
  const { selection } = source;
  if (source.isWhole) return () => false;
  return (path) => {
    if (source.hides(path)) return true;
    // A listing has no kinds: what is excluded as one of them is kept.
    if (selection.excludes(path, true) || selection.excludes(path, false)) return !deleteExcluded;
    // There, but too large, say; or below what is mounted here.
    return source.look(path) === null && (source.isThere(path) || selection.isMounted(parentOf(path)));
  };
}

function isBelowOneOf(path: Path, directories: ReadonlySet<Path>): boolean {
  for (let above = parentOf(path); above !== root; above = parentOf(above)) {
    if (directories.has(above)) return true;
  }
  return false;
}
