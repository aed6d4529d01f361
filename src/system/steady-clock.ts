/** A clock for waiting: unlike the wall clock it never jumps, whoever sets the time of day. */

/** Whole milliseconds since 1970, by the time of day as it was when tsync started. */
export function steadyMs(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}
