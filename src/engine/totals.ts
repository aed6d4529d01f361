/** Counts what happens on one target, from what its worker tells. */
import type { Clock } from "../system/clock.ts";
import { addCounts, type BatchCounts, noCounts, type Report, total } from "./report.ts";
import type { TargetTotals } from "./status.ts";

/** Over how many seconds rates are counted. */
const windowSeconds = 60;

type Writable<T> = { -readonly [key in keyof T]: T[key] };

/** See above. */
export class Totals {
  readonly #totals: Writable<TargetTotals> = {
    ...noCounts,
    batches: 0,
    connections: 0,
    disconnections: 0,
    halts: 0,
    failures: 0,
  };
  /** Operations and bytes by second, of the last minute. */
  readonly #bySecond = new Map<number, { operations: number; bytes: number }>();
  #inSyncMs: number | null = null;

  constructor(private readonly clock: Pick<Clock, "nowMs" | "steadyMs">) {}

  get totals(): TargetTotals {
    return { ...this.#totals };
  }

  /** When the target was in sync last, in milliseconds since 1970; null if it never was. */
  get inSyncMs(): number | null {
    return this.#inSyncMs;
  }

  /** A second, over the last minute. */
  get rates(): { readonly operations: number; readonly bytes: number } {
    this.#forgetOld();
    const sum = { operations: 0, bytes: 0 };
    for (const { operations, bytes } of this.#bySecond.values()) {
      sum.operations += operations;
      sum.bytes += bytes;
    }
    return { operations: sum.operations / windowSeconds, bytes: sum.bytes / windowSeconds };
  }

  take(report: Report): void {
    const totals = this.#totals;
    switch (report.event) {
      case "connected":
        totals.connections++;
        break;
      case "disconnected":
        totals.disconnections++;
        break;
      case "halted":
        totals.halts++;
        break;
      case "failing":
        totals.failures++;
        break;
      case "in-sync":
        this.#inSyncMs = this.clock.nowMs();
        break;
      case "batch":
        totals.batches++;
        this.#count(report);
        break;
    }
  }

  #count(counts: Readonly<BatchCounts>): void {
    Object.assign(this.#totals, addCounts(this.#totals, counts));
    this.#forgetOld();
    const second = Math.floor(this.clock.steadyMs() / 1000);
    const now = this.#bySecond.get(second) ?? { operations: 0, bytes: 0 };
    now.operations += total(counts);
    now.bytes += counts.contentBytes;
    this.#bySecond.set(second, now);
  }

  #forgetOld(): void {
    const first = Math.floor(this.clock.steadyMs() / 1000) - windowSeconds;
    for (const second of this.#bySecond.keys()) if (second <= first) this.#bySecond.delete(second);
  }
}
