/**
 * What goes over the control socket: HTTP, with JSON bodies. Paths in it are text (see `display`), never bytes.
 *
 *     GET  /v1/status                                       ProgramStatus
 *     GET  /metrics                                         text for Prometheus
 *     GET  /v1/why?path=ABSOLUTE                            Explanation[]
 *     GET  /v1/directories?host=H&user=U&port=N&config=F&path=P   string[]
 *     GET  /v1/log?mirror=NAME&count=N&follow               Change, one a line
 *     POST /v1/pause?mirror=NAME                            {}
 *     POST /v1/resume?mirror=NAME&accept-deletes            {}
 *     POST /v1/flush?mirror=NAME&timeout=MILLISECONDS       Flushed
 *     POST /v1/reload, /v1/stop                             {}
 *
 * `mirror` may be given several times, and stands for all mirrors if it is missing. A failure is `{"error": …}` with the
 * code, the message and the hint of a fault.
 */
import { Fault, type FaultCode } from "../core/fault.ts";
import { display } from "../core/path.ts";
import { printable } from "../core/printable.ts";
import type { TargetState } from "../engine/state.ts";
import type { MirrorStatus, ProgramStatus } from "../engine/status.ts";
import type { RecentChange } from "./recent-changes.ts";

/** What became of a flush. */
export interface Flushed {
  /** How many paths fail: all else that had changed is on every target. */
  readonly failing: number;
}

/** A failure. */
export interface ErrorBody {
  readonly error: { readonly code: FaultCode; readonly message: string; readonly hint: string };
}

/** `fault` as it goes over the socket. */
export function errorBody({ code, message, hint }: Fault): ErrorBody {
  return { error: { code, message, hint } };
}

/** The fault in an answer; null if it has none. */
export function faultIn(body: unknown): Fault | null {
  const error = (body as Partial<ErrorBody> | null)?.error;
  return error === undefined ? null : new Fault(error.code, error.message, error.hint);
}

/** `status` with paths as text, and nothing of what a server said that a terminal obeys. */
export function withText(status: ProgramStatus): ProgramStatus {
  return { ...status, mirrors: status.mirrors.map(mirrorWithText) };
}

function mirrorWithText(mirror: MirrorStatus): MirrorStatus {
  const targets = mirror.targets.map((target) => ({
    ...target,
    state: stateWithText(target.state),
    failingPaths: target.failingPaths.map((failing) => ({
      ...failing,
      path: display(failing.path),
      reason: printable(failing.reason),
    })),
  }));
  return { ...mirror, source: display(mirror.source), targets };
}

function stateWithText(state: TargetState): TargetState {
  if (!("reason" in state)) return state;
  return { ...state, reason: printable(state.reason), hint: printable(state.hint) };
}

/** `change` with paths as text. */
export function changeWithText(change: RecentChange): RecentChange {
  const { path, from } = change;
  return { ...change, path: display(path), ...(from === undefined ? {} : { from: display(from) }) };
}
