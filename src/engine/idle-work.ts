/** What is done for a target when nothing else is to be done. */
import { difference } from "../core/diff.ts";
import { type Fault, isFault } from "../core/fault.ts";
import type { Send, Step } from "../core/operation.ts";
import type { Path } from "../core/path.ts";
import { CarryOut, type Result } from "./carry-out.ts";
import { findExtras } from "./extras.ts";
import type { Guard } from "./guard.ts";
import type { WorkerOptions } from "./worker-options.ts";

/**
 * Gives the directories in `stale` the times (and owners) that the source has, where work in them changed these,
 * and takes out those that are done.
 */
export async function setStaleTimes(
  { source, ledger, target, sending, clock }: WorkerOptions,
  stale: Set<Path>,
): Promise<Result> {
  const sends: Send[] = [];
  for (const path of stale) {
    const [entry, held] = [source.look(path), ledger.get(path)];
    if (entry?.kind !== "directory" || held?.kind !== "directory") continue;
    if (difference(held, entry) === "attributes") sends.push({ path, entry, compare: "unless-equal" });
  }
  stale.clear();
  const work = new CarryOut(target, ledger, source, clock.nowMs(), sending);
  const complete = sends.length === 0 || (await work.sends(sends));
  if (!complete) for (const { path } of sends) stale.add(path);
  return work.result;
}

/**
 * Counts what else is on the target after the first sync, or, with `exact`, removes it, if `guard` lets it. Null if
 * there is nothing to be done.
 */
export async function cleanUp(
  { source, ledger, target, sending, name, report, deleteExcluded, clock }: WorkerOptions,
  exact: boolean,
  guard: Guard,
): Promise<Result | Fault | null> {
  if (ledger.meta("complete") !== null && !exact) return null;
  const extras = await findExtras(target, ledger, source, deleteExcluded);
  if (isFault(extras)) return extras;
  const { topmost, count } = extras;
  if (exact && guard.isTooMuch(count)) return guard.halt("too-many-extras");
  ledger.setMeta("complete", new Date(clock.nowMs()).toISOString());
  if (count === 0) return null;
  if (!exact) {
    report({ event: "kept", target: name, count: topmost.length, example: topmost[0]! });
    return null;
  }
  const work = new CarryOut(target, ledger, source, clock.nowMs(), sending);
  await work.steps(topmost.map((path): Step => ({ do: "remove-tree", path })));
  return work.result;
}
