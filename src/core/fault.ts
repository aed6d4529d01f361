/**
 * What went wrong, as a value: expected failures (a host that is down, a full disk, a second instance) are
 * returned, not thrown. Exceptions are left for bugs.
 */

/** The kind of failure. It decides the exit code (see cli/exit-codes.ts) and whether trying again can help. */
export type FaultCode =
  /** Wrong arguments or options; nothing was touched. */
  | "usage"
  /** The source is missing, not a directory, or not readable at all. */
  | "source"
  /** The target's host cannot be reached or the connection broke. Worth another try. */
  | "connection"
  /** The host key is unknown, changed or revoked. */
  | "host-key"
  /** The server refused every key that was offered. */
  | "auth"
  /** The target directory cannot be made or written, or is gone. */
  | "target"
  /** A program that is needed (rsync, ssh, a remote shell) is missing or too old. */
  | "missing-program"
  /** Another tsync works on the same mirror. */
  | "locked"
  /** The ledger cannot be opened or written. */
  | "ledger"
  /** A guard stopped the mirror before it removed anything. */
  | "halted"
  /** What was to be asked or steered is not running. */
  | "not-running"
  /** It took longer than it was allowed to. */
  | "timeout"
  /** The work was interrupted on purpose (a signal). */
  | "interrupted";

/** A failure with a message for the user, what to do about it, and whether another try can help. */
export class Fault {
  constructor(
    readonly code: FaultCode,
    /** One sentence: what was wrong, and where. No full stop at the end. */
    readonly message: string,
    /** What the user can do; empty when there is nothing to add. */
    readonly hint = "",
    /** True when the same attempt may succeed later (network down, disk full). */
    readonly retry = false,
  ) {}

  /** Message and hint in one line. */
  toString(): string {
    return this.hint === "" ? this.message : `${this.message}; ${this.hint}`;
  }
}

/** Failures that were found together; at least one. */
export class Faults {
  constructor(readonly list: readonly Fault[]) {}
}

/** True if `value` is a failure. */
export function isFault(value: unknown): value is Fault {
  return value instanceof Fault;
}
