/** Stop signals. */

/** Calls `stop` on the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
export function onStopSignals(stop: () => void): void {
  let asked = false;
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    process.on(signal, () => {
      if (asked) process.exit(128 + number);
      asked = true;
      stop();
    });
  }
}
