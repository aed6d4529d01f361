import type { Duplex } from "node:stream";

/**
 * Calls `onSilence` once when nothing was received on `stream` for more than `countMax` intervals in a row, as ssh
 * does. Something must be asked of the server in each interval (ssh2's own keepalive). ssh2's own verdict is not
 * used: it wants an answer to each question, and on a slow link the question waits behind an upload.
 */
export function watchForSilence(
  stream: Duplex,
  { intervalMs, countMax }: { intervalMs: number; countMax: number },
  onSilence: () => void,
): void {
  let isSilent = true;
  let silentIntervals = 0;
  stream.on("data", () => {
    isSilent = false;
  });
  const timer = setInterval(() => {
    silentIntervals = isSilent ? silentIntervals + 1 : 0;
    isSilent = true;
    if (silentIntervals <= countMax) return;
    clearInterval(timer);
    onSilence();
  }, intervalMs);
  stream.once("close", () => clearInterval(timer));
}
