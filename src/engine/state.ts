/** What a target's worker is doing, as data: for a status, and for programs that read the events. */
import { isDeepStrictEqual } from "node:util";
import type { Reporter } from "./report.ts";

/** See above. */
export type TargetState =
  /** It is being connected; `idle`: it holds what the source holds; `syncing`: it does not yet, or it is not known. */
  | { readonly state: "connecting" | "idle" | "syncing" | "stopped" }
  /** Something failed that may work later: tried again at `untilMs`, in milliseconds since 1970. */
  | {
      readonly state: "backing-off";
      readonly untilMs: number;
      readonly reason: string;
      readonly hint: string;
    }
  /** A guard holds the mirror until the source is as it was, or somebody decides. */
  | { readonly state: "halted"; readonly reason: string; readonly hint: string };

/** Keeps the state of the target called `target`, and tells it when it is another one. */
export class StateKeeper {
  #state: TargetState | null = null;

  constructor(
    private readonly target: string,
    private readonly report: Reporter,
  ) {}

  /** Null before anything was done. */
  get current(): TargetState | null {
    return this.#state;
  }

  become(state: TargetState): void {
    if (isDeepStrictEqual(state, this.#state)) return;
    this.#state = state;
    this.report({ event: "state", target: this.target, ...state });
  }
}
