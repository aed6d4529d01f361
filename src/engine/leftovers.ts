/** Removes what transfers left on a target that were killed there. (One that is only cut off cleans up after itself.) */
import { type Fault, isFault } from "../core/fault.ts";
import type { Step } from "../core/operation.ts";
import { join, nameOf, parentOf } from "../core/path.ts";
import { filesOfTemporary } from "../core/temporary-name.ts";
import type { WorkerOptions } from "./worker-options.ts";

/**
 * Removes temporary files of those transfers that were under way when the connection or tsync ended, which is when
 * nothing else is under way. Nothing that is mirrored, or that belongs to another file, is touched.
 */
export async function removeLeftovers({
  ledger,
  source,
  target,
}: Pick<WorkerOptions, "ledger" | "source" | "target">): Promise<Fault | null> {
  const unfinished = new Set(ledger.unfinished());
  if (unfinished.size === 0) return null;
  const found = await target.temporaries([...new Set([...unfinished].map(parentOf))]);
  if (isFault(found)) return found;
  const steps = found
    .filter((path) =>
      filesOfTemporary(nameOf(path)).some((name) => unfinished.has(join(parentOf(path), name))),
    )
    .filter((path) => ledger.get(path) === null && source.look(path) === null)
    .map((path): Step => ({ do: "remove", path }));
  // What cannot be removed stays, hidden, and is in nobody's way.
  return steps.length === 0 ? null : await target.run(steps, () => {});
}
