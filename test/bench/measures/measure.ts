/** What is measured: a piece of work on the source, and how long the destination takes to show it. */
import type { Reading } from "../result.ts";
import type { Scale } from "../scale.ts";
import type { Usage } from "../usage.ts";

/** A tool that mirrors `source` to the destinations and has caught up. */
export interface Session {
  source: string;
  /** The first of the destinations. */
  destination: string;
  destinations: readonly string[];
  /** How long the tool took for that from its start. */
  firstSyncMs: number;
  /** Does the work; returns from when on the time counts: before it, but for a tool that does not watch after it. */
  change(work: () => void): number;
  /** True if the tool removes nothing. */
  keepsRemoved: boolean;
  /** As `poll` of wait.ts; gives up when the tool has ended. */
  wait(check: () => boolean, limitMs: number): Promise<number | string>;
  /** Bytes on the link in both directions since the tool had caught up, once the link is quiet. */
  bytes(): Promise<number>;
  /** What the tool's processes on the source's side use. */
  usage: Usage;
}

/** Where the trees are before the tool is started. */
interface Trees {
  source: string;
  destinations: readonly string[];
}

export interface Measure {
  /** For the command line and the result. */
  name: string;
  /** What it is, in one line for people. */
  about: string;
  /** How many destinations (default 1). */
  targets?: number;
  /** How long the first sync may take (default 30 s). */
  firstSyncLimitMs?: number;
  /** How long both trees get to become equal after the work (default 4 s). */
  agreeLimitMs?: number;
  /** Makes what has to be there from the start, besides the files that are always there. */
  prepare(trees: Trees, scale: Scale): void | Promise<void>;
  run(session: Session, scale: Scale): Promise<Reading[]>;
}

/** Size of each of many files. */
export const smallFileBytes = 1024;

/** The time from `start` to the moment that a wait returned, which would have gone on for `limitMs`. */
export function timeReading(title: string, start: number, seen: number | string, limitMs: number): Reading {
  if (typeof seen === "number") return { key: "time", title, unit: "ms", value: seen - start };
  const reached = performance.now() - start >= limitMs;
  return {
    key: "time",
    title,
    unit: "ms",
    value: null,
    text: seen,
    ...(reached ? { atLeast: limitMs } : {}),
  };
}

/** What went over the link; without a value if the work was not done in the end. */
export async function bytesReading(title: string, session: Session, seen: number | string): Promise<Reading> {
  return typeof seen === "number"
    ? { key: "bytes", title, unit: "bytes", value: await session.bytes() }
    : { key: "bytes", title, unit: "bytes", value: null, text: "-" };
}
