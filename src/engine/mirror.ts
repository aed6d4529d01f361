/** One source and its targets: watches the source once, and lets each target work at its own pace. */
import type { Fault } from "../core/fault.ts";
import { root } from "../core/path.ts";
import { watchLimit } from "../system/watch-limit.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import type { Reporter } from "./report.ts";
import { type Surroundings, thisMachine } from "./surroundings.ts";
import { Worker } from "./worker.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How often links that are followed are looked at: nothing tells of changes behind them. */
const behindLinksMs = 60_000;

/** What workers get of the mirror that they are part of. */
type Parts = Pick<WorkerOptions, "clock" | "onNewAddress" | "barrier" | "rewatch">;

/** What a mirror is made of. */
export interface MirrorOptions {
  /** What is watched: at least all that goes to one of the targets, as it is; each worker looks at it in its own way. */
  readonly source: SourceTree;
  /** One for each target. */
  readonly workers: readonly Omit<WorkerOptions, keyof Parts | "report">[];
  readonly report: Reporter;
  /** How often links that are followed are looked at, in milliseconds. */
  readonly behindLinksMs?: number;
  /** What it runs on: without it, this machine. */
  readonly surroundings?: Surroundings;
}

/** How a mirror ended. */
export interface MirrorEnd {
  /** What made targets give up. */
  readonly faults: readonly Fault[];
  /** Number of paths that fail on some target. */
  readonly failing: number;
}

/** See above. Either `watch` or `sync` is called, once. */
export class Mirror {
  #workers: Worker[] = [];
  #stopped = false;
  #rewatching: Promise<void> | null = null;
  readonly #machine: Surroundings;
  #callOffLook = () => {};

  constructor(private readonly options: MirrorOptions) {
    this.#machine = options.surroundings ?? thisMachine;
  }

  /** Keeps the targets equal to the source until `stop` is called. */
  async watch(): Promise<MirrorEnd> {
    const { source, report } = this.options;
    const watcher = this.#machine.watcher(source, {
      dirty: (path, scope) => {
        for (const worker of this.#workers) worker.dirty(path, scope);
      },
      overflow: () =>
        report({
          event: "warning",
          reason: "the kernel dropped file events; the whole tree is looked at again, nothing is lost",
          hint: "raise fs.inotify.max_queued_events if this happens often",
        }),
      outOfWatches: (watched, unwatched) => report(outOfWatches(watched, unwatched)),
      rootChanged: () => {
        for (const worker of this.#workers) worker.dirty(root, "tree");
      },
    });
    // Watched first, then looked at: what happens between the two is seen.
    await watcher.start();
    const rewatch = () => {
      source.refreshRoot();
      this.#rewatching ??= watcher.start().finally(() => {
        this.#rewatching = null;
      });
      return this.#rewatching;
    };
    this.#lookBehindLinks();
    const end = await this.#run({ barrier: () => watcher.barrier(), rewatch }, false);
    this.#callOffLook();
    watcher.stop();
    return end;
  }

  /** Brings the targets up to date once. */
  sync(): Promise<MirrorEnd> {
    return this.#run({ barrier: null, rewatch: async () => {} }, true);
  }

  /** Ends the work at the next safe point. */
  stop(): void {
    this.#stopped = true;
    for (const worker of this.#workers) worker.stop();
  }

  /** Looks at what links lead to, now and from now on. */
  #lookBehindLinks(): void {
    const everyMs = this.options.behindLinksMs ?? behindLinksMs;
    this.#callOffLook = this.#machine.clock.after(everyMs, () => this.#lookBehindLinks());
    for (const [at, { source }] of this.options.workers.entries()) {
      for (const path of source.followed) this.#workers[at]?.dirty(path, "tree");
    }
  }

  async #run(parts: Pick<Parts, "barrier" | "rewatch">, once: boolean): Promise<MirrorEnd> {
    const { report, workers } = this.options;
    const { clock, onNewAddress } = this.#machine;
    this.#workers = workers.map(
      (options) => new Worker({ ...options, ...parts, clock, onNewAddress, report }),
    );
    if (this.#stopped) this.stop();
    const ends = this.#workers.map(async (worker, at) => {
      const fault = await worker.run(once);
      await workers[at]!.target.close();
      return fault;
    });
    const faults = (await Promise.all(ends)).filter((fault) => fault !== null);
    const failing = this.#workers.reduce((sum, worker) => sum + worker.failing, 0);
    return { faults, failing };
  }
}

function outOfWatches(watched: number, unwatched: number): Parameters<Reporter>[0] {
  const needed = Math.ceil(((watched + unwatched) * 1.25) / 1024) * 1024;
  return {
    event: "warning",
    reason:
      `only ${watched} of ${watched + unwatched} directories can be watched (the limit for this user is ${watchLimit() ?? "unknown"} inotify watches); ` +
      "the others are looked at once a minute",
    hint: `raise the limit: sysctl fs.inotify.max_user_watches=${Math.max(needed, 65_536)}`,
  };
}
