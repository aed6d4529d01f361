/** Time as the engine sees it: asked for and waited for here, so that another clock can stand in for the machine's. */
import { breathe } from "./breathe.ts";
import { steadyMs } from "./steady-clock.ts";

/** See above. */
export interface Clock {
  /** Milliseconds since 1970, by the time of day: as the times of files are, and may jump like them. */
  nowMs(): number;
  /** Whole milliseconds since 1970, for waiting: they never jump. */
  steadyMs(): number;
  /** Calls `work` after `durationMs`; what is returned calls it off. */
  after(durationMs: number, work: () => void): () => void;
  /** Gives other events a turn if the last turn was long enough ago. */
  breathe(): Promise<void>;
  /** A number in [0, 1), by chance: see `backoffMs`. */
  random(): number;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  steadyMs,
  after: (durationMs, work) => {
    const timer = setTimeout(work, durationMs);
    return () => clearTimeout(timer);
  },
  breathe,
  random: () => Math.random(),
};
