/** Says now and then how far long work is, for a log that nobody watches live. */
import type { Report } from "../../engine/report.ts";
import { steadyMs } from "../../system/steady-clock.ts";
import { type Pace, paceOf } from "./pace.ts";
import { progressLine } from "./progress-text.ts";

/** How long work goes on before anything is said, and how often it is said then. */
const everyMs = 30_000;

/** See above. One serves all targets of a mirror. */
export class ProgressLog {
  readonly #works = new Map<string, { readonly saidMs: number; readonly pace: Pace }>();

  constructor(private readonly print: (line: string) => void) {}

  /** Says what there is to be said of `report` now. */
  report(report: Report): void {
    const line = this.line(report, steadyMs());
    if (line !== null) this.print(line);
  }

  /** What is to be said of `report`; null for nothing. */
  line(report: Report, nowMs: number): string | null {
    if (report.event === "progress-end") this.#works.delete(report.target);
    if (report.event !== "progress") return null;
    const { target, event: _event, ...progress } = report;
    const before = this.#works.get(target);
    const pace = paceOf(progress, nowMs, before?.pace ?? null);
    const isDue = before !== undefined && nowMs - before.saidMs >= everyMs;
    this.#works.set(target, { saidMs: isDue ? nowMs : (before?.saidMs ?? nowMs), pace });
    return isDue ? `${target}: ${progressLine({ progress, pace }, nowMs)}` : null;
  }
}
