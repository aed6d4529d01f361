/** What a running tsync tells of itself, as metrics for Prometheus. */
import type { TargetState } from "../engine/state.ts";
import type { MirrorStatus, ProgramStatus, TargetStatus } from "../engine/status.ts";
import type { ProcessUsage } from "../system/process-usage.ts";
import { exposition, type Metric, type Sample } from "./exposition.ts";

/** What is told of each `Of`: a value, or several that differ in the labels given. */
interface Told<Of> extends Omit<Metric, "samples"> {
  readonly value: (of: Of) => number | readonly Sample[];
}

/** All states, so that each has a value. */
const states: Readonly<Record<TargetState["state"], true>> = {
  connecting: true,
  idle: true,
  syncing: true,
  paused: true,
  "backing-off": true,
  halted: true,
  stopped: true,
};

const ofMirror: readonly Told<MirrorStatus>[] = [
  {
    name: "tsync_mirror_watches",
    type: "gauge",
    help: "Directories of the source that are watched.",
    value: ({ watches }) => watches,
  },
  {
    name: "tsync_mirror_unwatched_directories",
    type: "gauge",
    help: "Directories of the source that are not watched, because the limit is reached.",
    value: ({ unwatched }) => unwatched,
  },
  {
    name: "tsync_mirror_event_overflows_total",
    type: "counter",
    help: "How often the kernel dropped file events, and the whole source was looked at again.",
    value: ({ overflows }) => overflows,
  },
];

const ofTarget: readonly Told<TargetStatus>[] = [
  {
    name: "tsync_target_state",
    type: "gauge",
    help: "1 for the state that the target is in, 0 for all others.",
    value: ({ state: { state: now } }) =>
      Object.keys(states).map((state) => ({ labels: { state }, value: state === now ? 1 : 0 })),
  },
  {
    name: "tsync_target_lag_seconds",
    type: "gauge",
    help: "Age of the oldest change that is not on the target yet; 0 if all are.",
    value: ({ lagMs }) => lagMs / 1000,
  },
  {
    name: "tsync_target_pending_paths",
    type: "gauge",
    help: "Paths that wait to be looked at, or are being worked on; what fails is not counted.",
    value: ({ pending }) => pending,
  },
  {
    name: "tsync_target_failing_paths",
    type: "gauge",
    help: "Paths that could not be mirrored and are tried again and again.",
    value: ({ failing }) => failing,
  },
  {
    name: "tsync_target_entries",
    type: "gauge",
    help: "Files, directories and so on that the target holds.",
    value: ({ entries }) => entries,
  },
  {
    name: "tsync_target_in_sync_timestamp_seconds",
    type: "gauge",
    help: "When the target was found to hold all of the source last, after a change; 0 if it was not since tsync started.",
    value: ({ inSyncMs }) => (inSyncMs ?? 0) / 1000,
  },
  {
    name: "tsync_target_operations_total",
    type: "counter",
    help: "What was done on the target, by kind.",
    value: ({ totals }) =>
      Object.entries({
        move: totals.moved,
        remove: totals.removed,
        "make-directory": totals.directories,
        "set-mode": totals.modes,
        send: totals.sent,
      }).map(([kind, value]) => ({ labels: { kind }, value })),
  },
  {
    name: "tsync_target_content_bytes_total",
    type: "counter",
    help: "Bytes of content that travelled.",
    value: ({ totals }) => totals.contentBytes,
  },
  {
    name: "tsync_target_transfers_total",
    type: "counter",
    help: "How often content was transferred: runs of rsync.",
    value: ({ totals }) => totals.transfers,
  },
  {
    name: "tsync_target_batches_total",
    type: "counter",
    help: "How often changes were carried out, together as they had gathered.",
    value: ({ totals }) => totals.batches,
  },
  {
    name: "tsync_target_connections_total",
    type: "counter",
    help: "How often the target was connected.",
    value: ({ totals }) => totals.connections,
  },
  {
    name: "tsync_target_disconnections_total",
    type: "counter",
    help: "How often the connection was lost, or could not be made.",
    value: ({ totals }) => totals.disconnections,
  },
  {
    name: "tsync_target_halts_total",
    type: "counter",
    help: "How often a guard halted the target before anything was removed.",
    value: ({ totals }) => totals.halts,
  },
  {
    name: "tsync_target_failures_total",
    type: "counter",
    help: "How often a path began to fail.",
    value: ({ totals }) => totals.failures,
  },
];

/** `status` in Prometheus' text format (see `expositionType`). */
export function metricsText(status: ProgramStatus, usage: ProcessUsage): string {
  const { mirrors } = status;
  const targets = mirrors.flatMap(({ name: mirror, targets }) =>
    targets.map((of) => ({ of, labels: { mirror, target: of.name } })),
  );
  return exposition([
    ...ofProgram(status, usage),
    ...metricsOf(
      ofMirror,
      mirrors.map((of) => ({ of, labels: { mirror: of.name } })),
    ),
    ...metricsOf(ofTarget, targets),
  ]);
}

function ofProgram({ version, startedMs, mirrors }: ProgramStatus, usage: ProcessUsage): Metric[] {
  const gauge = { type: "gauge" } as const;
  const only = (value: number) => [{ labels: {}, value }];
  // All mirrors have the same.
  const watchesMax = mirrors[0]?.watchesMax ?? null;
  return [
    {
      ...gauge,
      name: "tsync_build_info",
      help: "1, with the version of tsync.",
      samples: [{ labels: { version }, value: 1 }],
    },
    {
      ...gauge,
      name: "tsync_watches_allowed",
      help: "How many directories this user may watch, by all programs together.",
      samples: watchesMax === null ? [] : only(watchesMax),
    },
    {
      ...gauge,
      name: "process_start_time_seconds",
      help: "When tsync started.",
      samples: only(startedMs / 1000),
    },
    {
      ...gauge,
      name: "process_resident_memory_bytes",
      help: "Memory that is resident.",
      samples: only(usage.residentBytes),
    },
    {
      type: "counter",
      name: "process_cpu_seconds_total",
      help: "Time of processors, without that of rsync.",
      samples: only(usage.cpuSeconds),
    },
  ];
}

/** The metrics of a table, with a sample for each of `all`. */
function metricsOf<Of>(
  table: readonly Told<Of>[],
  all: readonly { readonly of: Of; readonly labels: Sample["labels"] }[],
): Metric[] {
  return table.map(({ value, ...metric }) => ({
    ...metric,
    samples: all.flatMap(({ of, labels }) => {
      const told = value(of);
      const samples = typeof told === "number" ? [{ labels: {}, value: told }] : told;
      return samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }));
    }),
  }));
}
