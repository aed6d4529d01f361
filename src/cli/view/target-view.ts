/** What the live view knows of a target, from what the engine reports. Pure: plain data, and the time is given. */
import type { Progress } from "../../engine/progress.ts";
import type { Report } from "../../engine/report.ts";
import type { TargetState } from "../../engine/state.ts";
import { type Pace, paceOf } from "./pace.ts";

/** Work that takes long, and how fast it goes on. */
export interface Work {
  readonly progress: Progress;
  readonly pace: Pace;
}

/** See above. Times are by a clock that does not jump, in milliseconds, unless said otherwise. */
export interface TargetView {
  /** What it is called: the target as the user wrote it, with its mirror's name if there are several. */
  readonly name: string;
  /** Null before it runs. */
  readonly state: TargetState | null;
  /** Since when it is in that state. */
  readonly sinceMs: number;
  /** When it is tried again, if it is waiting for that. */
  readonly retryAtMs: number;
  /** How many entries it held when it was last in sync; null if it never was. */
  readonly entries: number | null;
  /** How many paths failed then. */
  readonly failing: number;
  /** When the last change was carried out, in milliseconds since 1970 by the time of day; null if none was. */
  readonly changedAtMs: number | null;
  readonly work: Work | null;
}

/** A target that nothing was reported of. */
export function newTarget(name: string, nowMs: number): TargetView {
  return {
    name,
    state: null,
    sinceMs: nowMs,
    retryAtMs: 0,
    entries: null,
    failing: 0,
    changedAtMs: null,
    work: null,
  };
}

/** `target` after `report` on it, which came at `nowMs`, or at `timeOfDayMs` by the time of day. */
export function afterReport(
  target: TargetView,
  report: Report,
  nowMs: number,
  timeOfDayMs: number,
): TargetView {
  switch (report.event) {
    case "state": {
      const { event: _event, target: _name, ...state } = report;
      const work = state.state === "syncing" ? target.work : null;
      return { ...target, state, sinceMs: nowMs, work };
    }
    case "progress": {
      const { event: _event, target: _name, ...progress } = report;
      return { ...target, work: { progress, pace: paceOf(progress, nowMs, target.work?.pace ?? null) } };
    }
    case "progress-end":
      return { ...target, work: null };
    case "batch":
      return { ...target, changedAtMs: timeOfDayMs };
    case "disconnected":
      return { ...target, retryAtMs: nowMs + report.retryMs };
    case "in-sync":
      return { ...target, entries: report.entries, failing: report.failing };
    default:
      return target;
  }
}
