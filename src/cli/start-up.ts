/** Finds out when the start of mirrors is over: every target was connected, or one gave up. */
import type { Report } from "../engine/report.ts";

/** A target that is waited for. */
export interface Awaited {
  /** Name of the mirror that it is a target of, if it has one. */
  readonly mirror: string | null;
  readonly target: string;
  /** True if it may as well fail to be connected: then it is only tried once. */
  readonly mayFail: boolean;
}

/** See above. Exactly one of `ready` and `failed` is called, once. */
export class StartUp {
  readonly #waiting: Map<string, Awaited>;
  #isOver = false;

  constructor(
    awaited: readonly Awaited[],
    private readonly on: { readonly ready: () => void; readonly failed: () => void },
  ) {
    this.#waiting = new Map(awaited.map((one) => [keyOf(one.mirror, one.target), one]));
  }

  /** True once one of them was called. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The mirrors begin. */
  begin(): void {
    this.#look();
  }

  /** Takes a report of a mirror. */
  report(mirror: string | null, report: Report): void {
    if (this.#isOver || !("target" in report)) return;
    const key = keyOf(mirror, report.target);
    const one = this.#waiting.get(key);
    if (one === undefined) return;
    if (report.event === "state" && report.state === "stopped") {
      this.#isOver = true;
      this.on.failed();
      return;
    }
    if (report.event === "connected" || (report.event === "disconnected" && one.mayFail)) {
      this.#waiting.delete(key);
      this.#look();
    }
  }

  #look(): void {
    if (this.#isOver || this.#waiting.size > 0) return;
    this.#isOver = true;
    this.on.ready();
  }
}

function keyOf(mirror: string | null, target: string): string {
  return `${mirror ?? ""}\0${target}`;
}
