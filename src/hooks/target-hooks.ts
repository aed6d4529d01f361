/** The hooks of one target: fed with what the engine reports, they run beside it. */
import type { Report } from "../engine/report.ts";
import type { Hook } from "./command-hook.ts";
import { type Facts, type HookName, joinFacts } from "./facts.ts";
import { type About, Gatherer } from "./gather.ts";
import { OwedHook } from "./owed-hook.ts";
import { CoalescingQueue } from "./queue.ts";

/** A hook, and how it is run. */
export interface PlannedHook {
  readonly name: HookName;
  readonly hook: Hook | OwedHook;
  /** True if the next batch of the target waits for its end. */
  readonly waits: boolean;
}

/** Which event runs which hooks. */
const eventHooks: Readonly<Record<Facts["event"], readonly HookName[]>> = {
  change: ["on-change"],
  synced: ["on-synced", "on-synced-remote"],
  error: ["on-error"],
  halt: ["on-halt"],
  recover: ["on-recover"],
};

/** How long what runs may go on after a stop. */
const stopGraceMs = 1_500;

/** See above. */
export class TargetHooks {
  readonly #gatherer: Gatherer;
  readonly #queues: readonly (PlannedHook & { readonly queue: CoalescingQueue<Facts> })[];

  constructor(about: About, hooks: readonly PlannedHook[]) {
    this.#gatherer = new Gatherer(about);
    this.#queues = hooks.map((planned) => {
      const { hook } = planned;
      return {
        ...planned,
        queue: new CoalescingQueue(hook instanceof OwedHook ? hook.run : hook, joinFacts),
      };
    });
  }

  /** Something happened on the target. */
  report(report: Report): void {
    if (this.#queues.length === 0) return;
    for (const { hook } of this.#queues) if (report.event === "batch" && hook instanceof OwedHook) hook.owe();
    for (const facts of this.#gatherer.take(report, new Date().toISOString())) {
      for (const { name, hook, queue } of this.#queues) {
        const isDue = !(hook instanceof OwedHook) || hook.isOwed;
        if (isDue && eventHooks[facts.event].includes(name)) queue.offer(facts);
      }
    }
  }

  /** Resolves when none runs any more that the next batch must wait for; null if none does. */
  get hold(): Promise<null> | null {
    const awaited = this.#queues.filter(({ waits, queue }) => waits && queue.isBusy);
    return awaited.length === 0 ? null : Promise.all(awaited.map(({ queue }) => queue.idle)).then(() => null);
  }

  /** Resolves when none runs or waits. */
  async finish(): Promise<void> {
    await Promise.all(this.#queues.map(({ queue }) => queue.idle));
  }

  /** Lets what runs go on for a moment, then ends it. */
  async stop(): Promise<void> {
    await Promise.all(this.#queues.map(({ queue }) => queue.stop(stopGraceMs)));
  }
}
