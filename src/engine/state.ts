/** What a target's worker is doing, as data: for a status, and for programs that read the events. */
import { isDeepStrictEqual } from "node:util";
import type { WorkerOptions } from "./worker-options.ts";

/** See above. */
export type TargetState =
  /**
   * It is being connected; `idle`: it holds what the source holds; `syncing`: it does not yet, or it is not known;
   * `paused`: somebody said so.
   */
  | { readonly state: "connecting" | "idle" | "syncing" | "paused" | "stopped" }
  /** Something failed that may work later: tried again at `untilMs`, in milliseconds since 1970. */
  | {
      readonly state: "backing-off";
      readonly untilMs: number;
      readonly reason: string;
      readonly hint: string;
    }
  /** A guard holds the mirror until the source is as it was, or somebody decides. */
  | { readonly state: "halted"; readonly reason: string; readonly hint: string };

/** The state of one target. */
export class States {
  #now: TargetState | null = null;

  constructor(private readonly options: Pick<WorkerOptions, "name" | "report">) {}

  /** The state now; null before the first one. */
  get now(): TargetState | null {
    return this.#now;
  }

  /** Takes over a state, and tells it if it is another one. */
  become(state: TargetState): void {
    if (isDeepStrictEqual(state, this.#now)) return;
    this.#now = state;
    this.options.report({ event: "state", target: this.options.name, ...state });
  }
}
