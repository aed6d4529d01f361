/** Why a path is on a target or not, and what is known of it. */
import type { Entry, Kind } from "../core/entry.ts";
import { isWithin, type Path } from "../core/path.ts";
import type { Worker } from "./worker.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** What is known of one path on one target. */
export interface Explanation {
  readonly mirror: string;
  readonly target: string;
  /** What is there in the source; null if nothing is. */
  readonly source: Facts | null;
  /** What the target holds, as far as it acknowledged; null if nothing. */
  readonly held: Facts | null;
  /** Why it is not mirrored; null if it is. */
  readonly leftOut: string | null;
  /** True if it, or a directory above it, waits for a look. */
  readonly isPending: boolean;
  /** Why it fails, and when it is tried again, in milliseconds since 1970; null if it does not. */
  readonly failing: { readonly reason: string; readonly tries: number; readonly nextMs: number } | null;
}

/** What is told of an entry. */
interface Facts {
  readonly kind: Kind;
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly mtimeMs: number;
}

/** What is known of `path` on the target that `worker` serves. */
export function explain(
  mirror: string,
  { name, source, ledger, clock }: Pick<WorkerOptions, "name" | "source" | "ledger" | "clock">,
  { backlog }: Worker,
  path: Path,
): Explanation {
  const there = source.look(path);
  const failing = [...backlog.failures()].find(([failed]) => isWithin(path, failed))?.[1];
  return {
    mirror,
    target: name,
    source: factsOf(there),
    held: factsOf(ledger.get(path)),
    leftOut: there === null ? source.selection.whyLeftOut(path) : null,
    isPending: [...backlog.paths()].some((waiting) => isWithin(path, waiting)),
    failing:
      failing === undefined
        ? null
        : {
            reason: failing.reason,
            tries: failing.tries,
            nextMs: clock.nowMs() + failing.nextMs - clock.steadyMs(),
          },
  };
}

function factsOf(entry: Entry | null): Facts | null {
  return entry === null ? null : { kind: entry.kind, size: entry.size, mtimeMs: entry.mtimeMs };
}
