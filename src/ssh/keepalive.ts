import type { Socket } from "node:net";

/**
 * Calls `onSilence` once when nothing was received on `socket` for more than `countMax` intervals in a row, as ssh
 * does. Something must be asked of the server in each interval (ssh2's own keepalive). ssh2's own verdict is not
 * used: it wants an answer to each question, and on a slow link the question waits behind an upload.
 */
export function watchForSilence(
  socket: Socket,
  { intervalMs, countMax }: { intervalMs: number; countMax: number },
  onSilence: () => void,
): void {
  let received = socket.bytesRead;
  let silentIntervals = 0;
  const timer = setInterval(() => {
    silentIntervals = socket.bytesRead === received ? silentIntervals + 1 : 0;
    received = socket.bytesRead;
    if (silentIntervals <= countMax) return;
    clearInterval(timer);
    onSilence();
  }, intervalMs);
  socket.once("close", () => clearInterval(timer));
}
