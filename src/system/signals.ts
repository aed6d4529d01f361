/** Signals that steer a running program. */

/**
 * Calls `stop` on the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. With `reload`, SIGHUP
 * calls that instead, unless it comes from a terminal that goes away: one that `hasTerminal`.
 */
export function onStopSignals(
  stop: () => void,
  reload: (() => void) | null = null,
  hasTerminal: () => boolean = () => process.stderr.isTTY === true,
): void {
  let asked = false;
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    process.on(signal, () => {
      if (signal === "SIGHUP" && reload !== null && !hasTerminal()) return reload();
      if (asked) process.exit(128 + number);
      asked = true;
      stop();
    });
  }
}
