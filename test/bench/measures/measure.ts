/** What is measured: a piece of work on the source, and how long the destination takes to show it. */
import type { Reading } from "../result.ts";

/** How much work there is. */
export interface Scale {
  saves: number;
  renameFiles: number;
  burstFiles: number;
}

/** A tool that mirrors `source` to `destination` and has caught up. */
export interface Session {
  source: string;
  destination: string;
  /** How long the tool took for that from its start. */
  firstSyncMs: number;
  /** As `poll` of wait.ts; gives up when the tool has ended. */
  wait(check: () => boolean, limitMs: number): Promise<number | string>;
  /** Bytes on the link in both directions since the tool had caught up, once the link is quiet. */
  bytes(): Promise<number>;
}

export interface Measure {
  name: string;
  /** Makes what has to be in the source from the start, besides the files that are always there. */
  prepare(source: string, scale: Scale): void;
  run(session: Session, scale: Scale): Promise<Reading[]>;
}

/** How long a tool has for a lot of work. */
export const bulkLimitMs = 60_000;
/** Size of each of many files. */
export const smallFileBytes = 1024;

/** The time from `start` to the moment that a wait returned. */
export function timeReading(title: string, start: number, seen: number | string): Reading {
  return typeof seen === "number"
    ? { title, unit: "ms", value: seen - start }
    : { title, unit: "ms", value: null, text: seen };
}

/** What went over the link; without a value if the work was not done in the end. */
export async function bytesReading(title: string, session: Session, seen: number | string): Promise<Reading> {
  return typeof seen === "number"
    ? { title, unit: "bytes", value: await session.bytes() }
    : { title, unit: "bytes", value: null, text: "-" };
}
