/** How long to wait before the next try. */

/** Waits double from `firstMs` up to `lastMs`. */
export interface BackoffLimits {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Limits for a target that cannot be reached. */
export const connectionBackoff: BackoffLimits = { firstMs: 500, lastMs: 60_000 };

/** Limits for one path that fails. */
export const pathBackoff: BackoffLimits = { firstMs: 1_000, lastMs: 300_000 };

/**
 * Milliseconds to wait after failure number `tries` (from 1 on). `random` is in [0, 1): up to half of the wait is
 * taken off at random, so that many clients of one server do not come back at the same moment.
 */
export function backoffMs(tries: number, limits: BackoffLimits, random: number): number {
  const fullMs = Math.min(limits.lastMs, limits.firstMs * 2 ** Math.min(tries - 1, 30));
  return Math.round(fullMs * (1 - random / 2));
}
