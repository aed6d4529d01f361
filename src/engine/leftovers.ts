/** Removes what transfers left on a target that were killed there. (One that is only cut off cleans up after itself.) */
import { type Fault, isFault } from "../core/fault.ts";
import type { Step } from "../core/operation.ts";
import { join, nameOf, type Path, parentOf } from "../core/path.ts";
import { filesOfTemporary } from "../core/temporary-name.ts";
import { CarryOut, type Result } from "./carry-out.ts";
import type { WorkerOptions } from "./worker-options.ts";

/**
 * Removes temporary files of `unfinished` transfers, those that were under way when the connection or tsync ended; to
 * be called when nothing else is under way. Nothing that is mirrored, or that belongs to another file, is touched. Null
 * if there was nothing to be done.
 */
export async function removeLeftovers(
  {
    ledger,
    source,
    target,
    sending,
    clock,
  }: Pick<WorkerOptions, "ledger" | "source" | "target" | "sending" | "clock">,
  unfinished: ReadonlySet<Path>,
): Promise<Result | Fault | null> {
  if (unfinished.size === 0) return null;
  const found = await target.temporaries([...new Set([...unfinished].map(parentOf))]);
  if (isFault(found)) return found;
  const steps = found
    .filter((path) =>
      filesOfTemporary(nameOf(path)).some((name) => unfinished.has(join(parentOf(path), name))),
    )
    .filter((path) => ledger.get(path) === null && source.look(path) === null)
    .map((path): Step => ({ do: "remove", path }));
  if (steps.length === 0) return null;
  const work = new CarryOut(target, ledger, source, clock, sending);
  await work.steps(steps);
  // What cannot be removed stays, hidden, and is in nobody's way.
  work.result.failed.clear();
  return work.result;
}
