/** Finds out what would be done, and does nothing. */
import { type Path, root } from "../core/path.ts";
import { deleteModeOf, makePlan, type Plan } from "../core/plan.ts";
import type { Seen } from "../core/seen.ts";
import { Look } from "./look.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** The plan of a worker's first batch from what its ledger holds, which is a copy. */
export async function dryRun({
  source,
  ledger,
  delete: policy,
  deleteExcluded,
  target: { canMove },
}: Pick<WorkerOptions, "source" | "ledger" | "delete" | "deleteExcluded" | "target">): Promise<Plan> {
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
    { deleteExcluded },
  );
  await look.at(new Map([[root, "tree"]]));
  for (const path of look.forgotten) ledger.remove(path);
  for (const [path, one] of look.finish()) keep.set(path, one);
  return makePlan(ledger, keep, {
    delete: deleteModeOf(policy, false),
    adopt: true,
    canMove,
    unmovable: new Set(),
  });
}
