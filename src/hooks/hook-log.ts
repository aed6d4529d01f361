/** Tells what a hook prints, and how it fails; no more than somebody can read. */
import { RateLimiter } from "../core/rate-limit.ts";
import type { Reporter } from "../engine/report.ts";
import { steadyMs } from "../system/steady-clock.ts";
import type { HookName } from "./facts.ts";

/** How many lines are told in which time, and how many failures. */
const lineLimits = { countMax: 100, windowMs: 60_000 };
const failureLimits = { countMax: 3, windowMs: 600_000 };

/** See above. */
export class HookLog {
  readonly #lines = new RateLimiter(lineLimits);
  readonly #failures = new RateLimiter(failureLimits);
  #isMuted = false;

  constructor(
    private readonly about: { readonly target: string; readonly hook: HookName },
    private readonly report: Reporter,
    private readonly nowMs: () => number = steadyMs,
  ) {}

  /** A line that it printed. */
  line(text: string): void {
    const { before, isAllowed } = this.#ask(this.#lines);
    if (isAllowed) {
      if (before > 0) this.#tell(`(${before} lines before this one were left out)`);
      this.#tell(text);
    } else if (!this.#isMuted) this.#tell("(it prints much; more lines are left out for a while)");
    this.#isMuted = !isAllowed;
  }

  /** A run of it failed. */
  failed(reason: string, hint = ""): void {
    const { before, isAllowed } = this.#ask(this.#failures);
    const more = before > 0 ? ` (${before} failures before this one were not told)` : "";
    if (isAllowed) this.report({ event: "hook-failed", ...this.about, reason: reason + more, hint });
  }

  /** How many were held back in times that are over, and whether one more is allowed. */
  #ask(limiter: RateLimiter): { before: number; isAllowed: boolean } {
    const now = this.nowMs();
    const before = limiter.takeHeldBack(now).get("") ?? 0;
    return { before, isAllowed: limiter.allows("", now) };
  }

  #tell(line: string): void {
    this.report({ event: "hook-output", ...this.about, line });
  }
}
