/** Waits after a failure that another try may mend: longer each time, until something works. */
import { backoffMs, connectionBackoff } from "../core/backoff.ts";
import type { Fault } from "../core/fault.ts";
import type { Sleeper } from "../system/sleeper.ts";
import type { States } from "./state.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** A target that was connected for so long can be reached: the next wait is a short one. */
const lifeMinMs = 10_000;

/** See above. */
export class Retry {
  /** Failures since something last worked. */
  #tries = 0;
  #connectedMs = Number.POSITIVE_INFINITY;

  constructor(
    private readonly options: Pick<WorkerOptions, "name" | "target" | "report" | "clock" | "onNewAddress">,
    private readonly sleeper: Sleeper,
    private readonly states: States,
  ) {}

  /** Something worked: the next wait is a short one again. */
  reset(): void {
    this.#tries = 0;
  }

  /** The target is connected. */
  connected(): void {
    this.#connectedMs = this.options.clock.steadyMs();
  }

  /** Tells of `fault` and waits; less long if the target seems to be back, or `isStopped` when the sleeper wakes. */
  async wait({ code, message: reason, hint }: Fault, isStopped: () => boolean): Promise<void> {
    const { name, target, report, clock, onNewAddress } = this.options;
    if (clock.steadyMs() - this.#connectedMs >= lifeMinMs) this.reset();
    this.#connectedMs = Number.POSITIVE_INFINITY;
    const retryMs = backoffMs(++this.#tries, connectionBackoff, clock.random());
    report({ event: "disconnected", target: name, reason, hint, retryMs });
    this.states.become({ state: "backing-off", untilMs: clock.nowMs() + retryMs, reason, hint });
    let untilMs = clock.steadyMs() + retryMs;
    const tryNow = () => {
      untilMs = 0;
      this.sleeper.wake();
    };
    const forgets = code === "connection" ? [target.onReachable?.(tryNow), onNewAddress(tryNow)] : [];
    // Events that arrive meanwhile are gathered, but do not shorten the wait.
    while (!isStopped() && clock.steadyMs() < untilMs) await this.sleeper.sleep(untilMs - clock.steadyMs());
    for (const forget of forgets) forget?.();
  }
}
