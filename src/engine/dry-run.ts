/** Finds out what would be done, and does nothing. */
import { type Path, root } from "../core/path.ts";
import { type DeleteMode, makePlan, type Plan } from "../core/plan.ts";
import type { Seen } from "../core/seen.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Source } from "../watch/source.ts";
import { Look } from "./look.ts";

/** The plan of a first batch from what `ledger` holds, which is not changed; `canMove` as in `Target`. */
export async function dryRun(
  source: Source,
  ledger: Ledger,
  mode: DeleteMode,
  canMove: boolean,
): Promise<Plan> {
  const keep: Map<Path, Seen> = new Map();
  const look = new Look(
    source,
    ledger,
    async (seen) => {
      for (const [path, one] of seen) keep.set(path, one);
      return true;
    },
    () => false,
    { fresh: ledger.isEmpty(), canMove },
  );
  await look.at(new Map([[root, "tree"]]));
  for (const [path, one] of look.finish()) keep.set(path, one);
  return makePlan(ledger, keep, { delete: mode, adopt: true, canMove, unmovable: new Set() });
}
