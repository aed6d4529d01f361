/** The one place where failures become exit codes, and where it is said what these mean. */
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

const faultMeanings: Record<FaultCode, string> = {
  usage: "Wrong arguments; nothing was touched",
  connection: "The host cannot be reached",
  "host-key": "The host key is unknown or has changed",
  auth: "The login was refused, or nobody could be asked for a passphrase or password",
  target: "The target directory cannot be made or written",
  "missing-program": "rsync or ssh is missing, here or there",
  locked: "Another tsync is working on this mirror",
  ledger: "The ledger cannot be used",
  halted: "Halted by a guard",
  source: "The source is missing or cannot be read",
  "not-running": "No tsync is running that could be asked",
  timeout: "`flush`, `stop`: not within the time",
  interrupted: "Interrupted before the end",
};

const otherMeanings: readonly [number, string][] = [
  [exitOk, "All is done, or `watch` was told to stop"],
  [exitBug, "A bug in tsync"],
  [exitPartial, "`sync`: some paths could not be mirrored; all others were"],
  [
    exitDifferent,
    "`verify`: the target differs from the source; with `--repair`: it has what the source does not have, and that was not to be removed",
  ],
];

/** Every exit code and what it means, in order; words of the command line are in backquotes. */
export const exitMeanings: readonly (readonly [code: number, meaning: string])[] = [
  ...otherMeanings,
  ...Object.entries(faultMeanings).map(([code, meaning]): [number, string] => [
    exitCodes[code as FaultCode],
    meaning,
  ]),
].sort(([a], [b]) => a - b);
