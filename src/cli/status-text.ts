/** One line that says how the targets are, for a service manager. */
import type { TargetState } from "../engine/state.ts";
import type { ProgramStatus } from "../engine/status.ts";

/** What needs somebody comes first. */
const words: Record<TargetState["state"], string> = {
  halted: "halted",
  "backing-off": "not reached",
  paused: "paused",
  connecting: "connecting",
  syncing: "syncing",
  idle: "in sync",
  stopped: "stopped",
};

const order = Object.keys(words) as TargetState["state"][];

/** `3 targets: 1 halted, 2 in sync (host:/www: the source is empty)`. */
export function statusText({ mirrors }: Pick<ProgramStatus, "mirrors">): string {
  const all = mirrors.flatMap(({ targets }) => targets);
  if (all.length === 0) return "starting";
  const groups = order
    .map((name) => ({ name, those: all.filter(({ state }) => state.state === name) }))
    .filter(({ those }) => those.length > 0);
  const { name, state } = groups[0]!.those[0]!;
  const why = "reason" in state ? ` (${name}: ${state.reason})` : "";
  if (all.length === 1) return `${words[state.state]}${why}`;
  const counts = groups.map((group) => `${group.those.length} ${words[group.name]}`);
  return `${all.length} targets: ${counts.join(", ")}${why}`;
}
