/** What is on a target that neither the ledger nor the source knows. */
import { type Fault, isFault } from "../core/fault.ts";
import { type Path, parentOf, root } from "../core/path.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Target } from "../target/target.ts";
import type { Source } from "../watch/source.ts";

/** The topmost paths of all that is on the target and not in the mirror. */
export async function findExtras(target: Target, ledger: Ledger, source: Source): Promise<Path[] | Fault> {
  const listed = await target.list();
  if (isFault(listed)) return listed;
  const found = new Set<Path>();
  // Parents come first: what is in a directory that is extra itself is not counted.
  for (const path of listed) {
    if (ledger.get(path) !== null || source.look(path) !== null) continue;
    if (!isBelowOneOf(path, found)) found.add(path);
  }
  return [...found];
}

function isBelowOneOf(path: Path, directories: ReadonlySet<Path>): boolean {
  for (let above = parentOf(path); above !== root; above = parentOf(above)) {
    if (directories.has(above)) return true;
  }
  return false;
}
