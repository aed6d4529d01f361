import { expect, test } from "bun:test";
import { ProgressLog } from "../../../src/cli/view/progress-log.ts";
import type { Report } from "../../../src/engine/report.ts";

const MiB = 1024 * 1024;
const at = (seconds: number, target = "t"): Report => ({
  event: "progress",
  target,
  filesDone: seconds,
  files: 1_000,
  bytesDone: seconds * MiB,
  bytes: 1_000 * MiB,
  isOpen: false,
});

/** The lines for work that goes on from second `from` to second `to`, with the seconds at which they come. */
function lines(log: ProgressLog, from: number, to: number): [number, string][] {
  const found: [number, string][] = [];
  for (let second = from; second <= to; second++) {
    const line = log.line(at(second), second * 1_000);
    if (line !== null) found.push([second, line]);
  }
  return found;
}

test("one line in half a minute, none for short work", () => {
  const log = new ProgressLog(() => {});
  expect(lines(log, 0, 95)).toEqual([
    [30, "t: sending: 3 %, 30 of 1,000 files, 30 of 1000 MiB, 1 MiB/s, 17 min left"],
    [60, "t: sending: 6 %, 60 of 1,000 files, 60 of 1000 MiB, 1 MiB/s, 16 min left"],
    [90, "t: sending: 9 %, 90 of 1,000 files, 90 of 1000 MiB, 1 MiB/s, 16 min left"],
  ]);
  log.line({ event: "progress-end", target: "t" }, 96_000);
  expect(lines(log, 97, 120)).toEqual([]);
});
