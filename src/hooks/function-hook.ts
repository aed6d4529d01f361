/** A hook that is a function of a configuration that is a program: it is given the facts, and waited for. */
import type { Hook } from "./command-hook.ts";
import type { Facts } from "./facts.ts";
import type { HookLog } from "./hook-log.ts";

/** Such a function. `signal` is aborted when its time is over, or tsync ends: it cannot be ended from outside. */
type HookFunction = (facts: Facts, signal: AbortSignal) => unknown;

/** The hook that calls `run`, waits for it up to `timeoutMs`, and tells in `log` what it throws. */
export function functionHook(run: HookFunction, timeoutMs: number, log: HookLog): Hook {
  return async (facts, stopping) => {
    const late = AbortSignal.timeout(timeoutMs);
    const over = AbortSignal.any([stopping, late]);
    const { promise: ended, resolve: end } = Promise.withResolvers<"over">();
    over.addEventListener("abort", () => end("over"), { once: true });
    try {
      // (A copy: what it does to the facts is its own business.)
      const what = await Promise.race([Promise.resolve(run(structuredClone(facts), over)), ended]);
      if (what !== "over" || !over.aborted) return true;
    } catch (error) {
      log.failed(`it threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
      return false;
    }
    if (stopping.aborted) log.failed("it still ran when tsync stopped");
    else {
      const hint = "give it more time with timeout, or find out what it waits for";
      log.failed(`it did not end within ${timeoutMs / 1_000} s, and is not waited for any more`, hint);
    }
    return false;
  };
}
