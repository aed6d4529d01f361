/** The one place where failures become exit codes. */
import type { FaultCode } from "../core/fault.ts";

/** Everything is done, or `watch` was told to stop. */
export const exitOk = 0;
/** A bug in tsync. */
export const exitBug = 1;
/** Some paths could not be mirrored; all others were. */
export const exitPartial = 3;
/**
 * `verify`: the target differs from the source; with `--repair`: it has something that the source does not have, and
 * that was not to be removed.
 */
export const exitDifferent = 4;

/** Exit codes by kind of failure. */
export const exitCodes: Record<FaultCode, number> = {
  usage: 2,
  connection: 5,
  "host-key": 6,
  auth: 7,
  target: 8,
  "missing-program": 9,
  locked: 10,
  ledger: 11,
  halted: 12,
  source: 13,
  "not-running": 14,
  timeout: 15,
  interrupted: 130,
};
