/** Statuses as a running tsync tells them, made up. */
import type { TargetState } from "../../src/engine/state.ts";
import type { MirrorStatus, ProgramStatus, TargetStatus } from "../../src/engine/status.ts";

/** The time of day at which they are told, in milliseconds since 1970. */
export const nowMs = 1_800_000_000_000;

/** Every state that a target can be in. */
export const allStates: readonly TargetState[] = [
  { state: "idle" },
  { state: "syncing" },
  { state: "connecting" },
  {
    state: "backing-off",
    untilMs: nowMs + 12_000,
    reason: "web2 cannot be reached: connection refused",
    hint: "is sshd running there?",
  },
  {
    state: "halted",
    reason: "the source is empty",
    hint: "put it back, or go on with --accept-deletes",
  },
  { state: "paused" },
  { state: "stopped" },
];

export function targetOf(name: string, change: Partial<TargetStatus> = {}): TargetStatus {
  return {
    name,
    state: { state: "idle" },
    entries: 12_345,
    pending: 0,
    lagMs: 0,
    inSyncMs: nowMs - 3_600_000,
    failing: 0,
    failingPaths: [],
    progress: null,
    totals: {
      batches: 2,
      moved: 3,
      removed: 4,
      directories: 5,
      modes: 6,
      sent: 7,
      contentBytes: 8_192,
      transfers: 9,
      connections: 10,
      disconnections: 11,
      halts: 12,
      failures: 13,
    },
    rates: { operations: 0, bytes: 0 },
    ...change,
  };
}

export function mirrorOf(
  name: string,
  targets: readonly TargetStatus[],
  change: Partial<MirrorStatus> = {},
): MirrorStatus {
  return {
    name,
    source: "/srv/site",
    watches: 210,
    unwatched: 0,
    watchesMax: 65_536,
    overflows: 0,
    targets,
    ...change,
  };
}

export function statusOf(mirrors: readonly MirrorStatus[]): ProgramStatus {
  return { version: "1.2.3", pid: 4711, startedMs: nowMs - 90_000_000, nowMs, mirrors };
}
