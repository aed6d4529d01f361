/** What one target is doing, gathered from where it is known. */
import type { Clock } from "../system/clock.ts";
import type { FailingPath, TargetStatus } from "./status.ts";
import type { Totals } from "./totals.ts";
import type { Worker } from "./worker.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How many failing paths a status names. */
const failingMax = 100;

/** The status of the target that `worker` serves. */
export function targetStatus(
  worker: Worker,
  { name, ledger }: Pick<WorkerOptions, "name" | "ledger">,
  totals: Totals,
  clock: Pick<Clock, "nowMs" | "steadyMs">,
): TargetStatus {
  const { backlog } = worker;
  const steadyMs = clock.steadyMs();
  const sinceMs = backlog.sinceMs();
  const failingPaths = [...backlog.failures()].slice(0, failingMax).map(
    ([path, { reason, tries, nextMs }]): FailingPath => ({
      path,
      reason,
      tries,
      nextMs: clock.nowMs() + nextMs - steadyMs,
    }),
  );
  return {
    name,
    state: worker.state ?? { state: "connecting" },
    entries: ledger.count(),
    pending: backlog.size,
    progress: worker.progress.now,
    lagMs: Number.isFinite(sinceMs) ? Math.max(0, steadyMs - sinceMs) : 0,
    inSyncMs: totals.inSyncMs,
    failing: backlog.failing,
    failingPaths,
    totals: totals.totals,
    rates: totals.rates,
  };
}
