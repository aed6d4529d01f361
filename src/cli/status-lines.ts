/** What running tsyncs do, in one line a target. */
import type { MirrorStatus, ProgramStatus, TargetStatus } from "../engine/status.ts";
import { bytes, count, counted, duration } from "./amounts.ts";
import { doneText } from "./view/progress-text.ts";

/** How many failing paths are named under a target. */
const failingMax = 5;

/** The lines for all that run. */
export function statusLines(programs: readonly ProgramStatus[]): string[] {
  const rows = programs.flatMap(({ mirrors, nowMs }) =>
    mirrors.flatMap((mirror) => mirror.targets.map((target) => ({ mirror, target, nowMs }))),
  );
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => Bun.stringWidth(text)));
  const nameWidth = widest(rows.map(({ mirror }) => mirror.name));
  const targetWidth = widest(rows.map(({ target }) => target.name));
  return rows.flatMap(({ mirror, target, nowMs }) => [
    `${pad(mirror.name, nameWidth)}  ${pad(target.name, targetWidth)}  ${stateText(target, nowMs)}`,
    ...details(mirror, target, nowMs).map((line) => `    ${line}`),
  ]);
}

function pad(text: string, width: number): string {
  return text + " ".repeat(width - Bun.stringWidth(text));
}

function stateText(target: TargetStatus, nowMs: number): string {
  const { state, pending, progress, lagMs, entries, inSyncMs, failing, rates } = target;
  const parts = [
    state.state === "idle"
      ? `in sync, ${counted(entries, "entry", "entries")}`
      : state.state === "backing-off"
        ? `no connection, next try in ${duration(Math.max(0, state.untilMs - nowMs))}`
        : state.state,
    progress !== null && doneText(progress),
    pending > 0 && `${count(pending)} pending`,
    lagMs >= 1_000 && `${duration(lagMs)} behind`,
    rates.bytes >= 1 && `${bytes(rates.bytes)}/s`,
    failing > 0 && `${counted(failing, "path")} failing`,
    state.state !== "idle" && inSyncMs !== null && `last in sync ${duration(nowMs - inSyncMs)} ago`,
  ];
  return parts.filter((part) => part !== false).join(", ");
}

function details(mirror: MirrorStatus, target: TargetStatus, nowMs: number): string[] {
  const { state, failing, failingPaths } = target;
  const lines: string[] = [];
  if (state.state === "halted" || state.state === "backing-off") lines.push(state.reason);
  if (state.state === "halted") lines.push(state.hint);
  for (const { path, reason, nextMs } of failingPaths.slice(0, failingMax))
    lines.push(`${path}: ${reason}; next try in ${duration(Math.max(0, nextMs - nowMs))}`);
  const more = failing - Math.min(failingMax, failingPaths.length);
  if (more > 0) lines.push(`… and ${counted(more, "more path")}: tsync status --json`);
  if (mirror.unwatched > 0)
    lines.push(
      `${counted(mirror.unwatched, "directory", "directories")} not watched: looked at once a minute`,
    );
  return lines;
}
