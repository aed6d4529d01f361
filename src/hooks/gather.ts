/** Turns what the engine tells of one target into what its hooks are told. Pure: the time is given. */
import { display } from "../core/path.ts";
import type { Report } from "../engine/report.ts";
import type { ErrorFact, Facts, RecoveryFact } from "./facts.ts";
import { addWork, noWork, pathFact, workOf } from "./facts.ts";

/** What all hooks of a target are told. */
export type About = Pick<Facts, "mirror" | "source" | "target">;

/** How many reasons of one time of trouble are remembered. */
const reasonsMax = 20;

/** See above. */
export class Gatherer {
  /** What was done since the target last held all. */
  #work = noWork;
  /** Why the target could not be worked with since it last held all: each is told once, and not at each try. */
  readonly #reasons = new Set<string>();

  constructor(private readonly about: About) {}

  /** What hooks are told of `report`, which came at `time` (an ISO date). */
  take(report: Report, time: string): readonly Facts[] {
    const common = { version: 1, time, ...this.about } as const;
    const error = (fact: ErrorFact, reason = fact.reason): Facts[] => [
      { ...common, event: "error", reason, hint: fact.hint, count: 1, errors: [fact] },
    ];
    const recover = (fact: RecoveryFact): Facts => ({
      ...common,
      event: "recover",
      count: 1,
      recovered: [fact],
    });
    switch (report.event) {
      case "batch": {
        const work = workOf(report);
        this.#work = addWork(this.#work, work);
        return [{ ...common, event: "change", ...work }];
      }
      case "in-sync": {
        const { entries, failing } = report;
        const synced: Facts = { ...common, event: "synced", entries, failing, ...this.#work };
        this.#work = noWork;
        const wasAway = this.#reasons.size > 0;
        this.#reasons.clear();
        return wasAway ? [recover({ what: "target" }), synced] : [synced];
      }
      case "failing": {
        const { path, reason, retryMs } = report;
        return error(
          { what: "path", ...pathFact(path), reason, hint: "", retryMs },
          `${display(path)}: ${reason}`,
        );
      }
      case "disconnected": {
        const { reason, hint, retryMs } = report;
        return this.#isNews(reason) ? error({ what: "target", reason, hint, retryMs }) : [];
      }
      case "gave-up":
        return error({ what: "target", reason: report.reason, hint: report.hint, retryMs: null });
      case "halted":
        return [{ ...common, event: "halt", reason: report.reason, hint: report.hint }];
      case "recovered":
        return [recover({ what: "path", ...pathFact(report.path) })];
      case "resumed":
        return [recover({ what: "source" })];
      default:
        return [];
    }
  }

  #isNews(reason: string): boolean {
    if (this.#reasons.has(reason) || this.#reasons.size >= reasonsMax) return false;
    this.#reasons.add(reason);
    return true;
  }
}
