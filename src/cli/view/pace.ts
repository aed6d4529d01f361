/** How fast work goes on, and how long it will take. Pure: the time is given. */
import type { Progress } from "../../engine/progress.ts";

/** See above: what the last seconds did, the latest weighing most. */
export interface Pace {
  /** When the last sign of progress came. */
  readonly atMs: number;
  /** How much was done then, in bytes and as `costDone`. */
  readonly bytes: number;
  readonly cost: number;
  /** What was done in the time that counts, and how long that is. */
  readonly recentBytes: number;
  readonly recentCost: number;
  readonly recentMs: number;
}

/** How long what was done counts: after this time it weighs a third. */
const memoryMs = 8_000;

/** Without a sign of progress for that long, nothing goes on: rsync says something once a second. */
const stallMs = 5_000;

/** Less time than that says nothing about what comes. */
const knownMs = 1_500;

/** What a file costs besides its bytes, in bytes: without it, many small files would seem to take no time. */
const fileCost = 4 * 1024;

/** The pace of work that is at `progress`; `before` is what was known of it. */
export function paceOf(progress: Progress, nowMs: number, before: Pace | null): Pace {
  const [bytes, cost] = [progress.bytesDone, costOf(progress.filesDone, progress.bytesDone)];
  // What seems to shrink is other work.
  if (before === null || cost < before.cost)
    return { atMs: nowMs, bytes, cost, recentBytes: 0, recentCost: 0, recentMs: 0 };
  if (cost === before.cost) return before;
  const elapsedMs = nowMs - before.atMs;
  const weight = Math.exp(-elapsedMs / memoryMs);
  return {
    atMs: nowMs,
    bytes,
    cost,
    recentBytes: before.recentBytes * weight + bytes - before.bytes,
    recentCost: before.recentCost * weight + cost - before.cost,
    recentMs: before.recentMs * weight + elapsedMs,
  };
}

/** Bytes a second; null if it is not known yet. */
export function bytesPerSecond(pace: Pace): number | null {
  return pace.recentMs < knownMs ? null : (pace.recentBytes / pace.recentMs) * 1_000;
}

/** How long there has been no progress, if that is longer than it should be; else null. */
export function stalledMs(pace: Pace, nowMs: number): number | null {
  return nowMs - pace.atMs < stallMs ? null : nowMs - pace.atMs;
}

/** How much time is left; null if that cannot be told. */
export function leftMs(pace: Pace, progress: Progress, nowMs: number): number | null {
  if (progress.isOpen || pace.recentMs < knownMs || pace.recentCost === 0) return null;
  const left = costOf(progress.files, progress.bytes) - costOf(progress.filesDone, progress.bytesDone);
  const sinceMs = nowMs - pace.atMs;
  return Math.max(0, (left / pace.recentCost) * pace.recentMs - sinceMs);
}

/** How much is done, from 0 to 1; null if it is not known how much there is. */
export function share({ filesDone, files, bytesDone, bytes, isOpen }: Progress): number | null {
  const all = costOf(files, bytes);
  return isOpen || all === 0 ? null : Math.min(1, costOf(filesDone, bytesDone) / all);
}

function costOf(files: number, bytes: number): number {
  return bytes + files * fileCost;
}
