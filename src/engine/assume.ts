/** Takes a target to hold what the source holds (`--no-initial-sync`). */
import { type Path, root } from "../core/path.ts";
import { compareByDepth, type Seen } from "../core/seen.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../system/clock.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import { Look } from "./look.ts";

/** Records all of the source as held, without a word to the target. */
export async function assumeHeld(
  source: SourceTree,
  ledger: Ledger,
  clock: Pick<Clock, "breathe">,
): Promise<void> {
  const record = (seen: ReadonlyMap<Path, Seen>) => {
    ledger.transaction(() => {
      for (const path of [...seen.keys()].sort(compareByDepth)) {
        const { entry } = seen.get(path)!;
        if (entry?.kind === "problem") continue;
        if (entry === null || ledger.get(path)?.kind !== entry.kind) ledger.remove(path);
        if (entry !== null) ledger.put(path, { ...entry, doubt: "none" });
      }
    });
  };
  const take = async (seen: Map<Path, Seen>) => {
    record(seen);
    return true;
  };
  // Taken for fresh: an entry that was moved is recorded at its new place like any other.
  const target = { fresh: true, canMove: true };
  const look = new Look(source, ledger, take, () => false, target, { clock });
  await look.at(new Map([[root, "tree"]]));
  record(look.finish());
}
