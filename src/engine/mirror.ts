/** One source and its targets: watches the source once, and lets each target work at its own pace. */
import type { Fault } from "../core/fault.ts";
import { display, root } from "../core/path.ts";
import { watchLimit } from "../system/watch-limit.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import { Ground } from "./ground.ts";
import { Pulse } from "./pulse.ts";
import type { Reporter } from "./report.ts";
import type { MirrorStatus } from "./status.ts";
import { type Surroundings, thisMachine, type Watching } from "./surroundings.ts";
import { targetStatus } from "./target-status.ts";
import { Totals } from "./totals.ts";
import { type Explanation, explain } from "./why.ts";
import { Worker } from "./worker.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How often links that are followed are looked at: nothing tells of changes behind them. */
const behindLinksMs = 60_000;

/** How often it is asked whether the source must be watched anew. */
const groundMs = 10_000;

/** What workers get of the mirror that they are part of. */
type Parts = Pick<WorkerOptions, "clock" | "pulse" | "onNewAddress" | "barrier" | "rewatch">;

/** What a mirror is made of. */
export interface MirrorOptions {
  /** Its name in the configuration file; null if it has none. */
  readonly name: string | null;
  /** What is watched: at least all that goes to one of the targets, as it is; each worker looks at it in its own way. */
  readonly source: SourceTree;
  /** One for each target. */
  readonly workers: readonly Omit<WorkerOptions, keyof Parts | "report">[];
  readonly report: Reporter;
  /** How often links that are followed are looked at, in milliseconds. */
  readonly behindLinksMs?: number;
  /** How often it is asked whether the source must be watched anew, in milliseconds. */
  readonly groundMs?: number;
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
  #pulses: Pulse[] = [];
  readonly #totals: readonly Totals[];
  #watching: Watching | null = null;
  #overflows = 0;
  #stopped = false;
  #rewatching: Promise<void> | null = null;
  readonly #machine: Surroundings;
  #callOffLook = () => {};
  readonly #ground: Ground;
  #callOffGround = () => {};
  #onSetBack: (() => void) | null = null;
  #callOffSetBack = () => {};

  constructor(private readonly options: MirrorOptions) {
    this.#machine = options.surroundings ?? thisMachine;
    this.#totals = options.workers.map(() => new Totals(this.#machine.clock));
    this.#ground = new Ground(options.source, this.#machine.clock);
  }

  /** Its name in the configuration file, else the path of its source. */
  get name(): string {
    const { name, source } = this.options;
    return name ?? display(source.base === "" ? "/" : source.base);
  }

  /** What it is doing. */
  status(): MirrorStatus {
    const { source, workers } = this.options;
    const { watched = 0, unwatched = 0 } = this.#watching?.counts ?? {};
    return {
      name: this.name,
      source: source.base === "" ? "/" : source.base,
      watches: watched,
      unwatched,
      watchesMax: watchLimit(),
      overflows: this.#overflows,
      targets: this.#workers.map((worker, at) =>
        targetStatus(worker, workers[at]!, this.#totals[at]!, this.#machine.clock),
      ),
    };
  }

  /** What is known of the path `absolute` (a byte string) on each target; null if it is not below the source. */
  why(absolute: string): readonly Explanation[] | null {
    const { source, workers } = this.options;
    if (absolute !== source.base && !absolute.startsWith(`${source.base}/`)) return null;
    const path = absolute.slice(source.base.length + 1);
    const { clock } = this.#machine;
    return this.#workers.map((worker, at) => explain(this.name, { ...workers[at]!, clock }, worker, path));
  }

  /** Does nothing from the next safe point on, until `resume`; what changes meanwhile is gathered. */
  pause(): void {
    for (const worker of this.#workers) worker.pause();
  }

  /** Goes on after `pause`; with `acceptDeletes` also after a guard halted the mirror. */
  resume(acceptDeletes: boolean): void {
    for (const worker of this.#workers) worker.resume(acceptDeletes);
  }

  /**
   * Resolves with null once every change made before the call is on every target (but for what fails), or when `signal`
   * aborts; else with what prevents it.
   */
  async flush(signal: AbortSignal): Promise<Fault | null> {
    await this.#watching?.settled();
    const ends = await Promise.all(this.#workers.map((worker) => worker.flush(signal)));
    return ends.find((end) => end !== null) ?? null;
  }

  /** Keeps the targets equal to the source until `stop` is called. */
  async watch(): Promise<MirrorEnd> {
    const { source, report } = this.options;
    const watcher = this.#machine.watcher(source, {
      dirty: (path, scope) => {
        for (const worker of this.#workers) worker.dirty(path, scope);
        // Not at once: the watcher is in the middle of the event.
        if (this.#ground.isSetBack() && this.#onSetBack !== null) {
          this.#callOffSetBack();
          this.#callOffSetBack = this.#machine.clock.after(1, this.#onSetBack);
        }
      },
      overflow: () => {
        this.#overflows++;
        report({
          event: "warning",
          reason: "the kernel dropped file events; the whole tree is looked at again, nothing is lost",
          hint: "raise fs.inotify.max_queued_events if this happens often",
        });
      },
      outOfWatches: (watched, unwatched) => report(outOfWatches(watched, unwatched)),
      rootChanged: () => {
        for (const worker of this.#workers) worker.dirty(root, "tree");
      },
    });
    this.#watching = watcher;
    this.#ground.stand();
    // Watched first, then looked at: what happens between the two is seen.
    await watcher.start();
    const rewatch = () => {
      source.refreshRoot();
      if (this.#rewatching === null) {
        this.#ground.stand();
        this.#rewatching = watcher.start().finally(() => {
          this.#rewatching = null;
        });
      }
      return this.#rewatching;
    };
    this.#lookBehindLinks();
    this.#onSetBack = () => this.#mindGround(watcher, rewatch);
    this.#mindGround(watcher, rewatch);
    const end = await this.#run({ barrier: () => watcher.barrier(), rewatch }, false);
    this.#callOffLook();
    this.#callOffGround();
    this.#onSetBack = null;
    this.#callOffSetBack();
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

  /** True if the work for one of its targets does not advance any more. */
  get isStuck(): boolean {
    return this.#pulses.some((pulse) => pulse.isStuck);
  }

  /** Looks at what links lead to, now and from now on. */
  #lookBehindLinks(): void {
    const everyMs = this.options.behindLinksMs ?? behindLinksMs;
    this.#callOffLook = this.#machine.clock.after(everyMs, () => this.#lookBehindLinks());
    for (const [at, { source }] of this.options.workers.entries()) {
      for (const path of source.followed) this.#workers[at]?.dirty(path, "tree");
    }
  }

  /** Has everything watched and looked at anew if events may be missing that nothing told of. */
  #mindGround(watching: Watching, rewatch: () => Promise<void>): void {
    this.#callOffGround();
    const everyMs = this.options.groundMs ?? groundMs;
    this.#callOffGround = this.#machine.clock.after(everyMs, () => this.#mindGround(watching, rewatch));
    const change = this.#ground.change(watching);
    if (change === null) return;
    this.options.report({
      event: "warning",
      reason: `${change === "mounts" ? "what is mounted in or above the source changed" : "the clock was set back"}; the whole tree is watched anew and looked at, nothing is lost`,
      hint: "",
    });
    void rewatch().then(() => {
      for (const worker of this.#workers) worker.dirty(root, "tree");
    });
  }

  async #run(parts: Pick<Parts, "barrier" | "rewatch">, once: boolean): Promise<MirrorEnd> {
    const { report, workers } = this.options;
    const { clock, onNewAddress } = this.#machine;
    this.#workers = workers.map((options, at) => {
      const tell: Reporter = (told) => {
        this.#totals[at]!.take(told);
        report(told);
      };
      const pulse = new Pulse(clock);
      this.#pulses.push(pulse);
      return new Worker({ ...options, ...parts, clock: pulse.clock, pulse, onNewAddress, report: tell });
    });
    if (this.#stopped) this.stop();
    let others = this.#workers.length;
    const ends = this.#workers.map(async (worker, at) => {
      const fault = await worker.run(once);
      others--;
      await workers[at]!.target.close();
      if (fault !== null) this.#tell(fault, workers[at]!.name, others);
      return fault;
    });
    const faults = (await Promise.all(ends)).filter((fault) => fault !== null);
    const failing = this.#workers.reduce((sum, worker) => sum + worker.backlog.failing, 0);
    return { faults, failing };
  }

  #tell({ code, message: reason, hint }: Fault, target: string, others: number): void {
    if (code !== "halted" && code !== "interrupted")
      this.options.report({ event: "gave-up", target, reason, hint, others });
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
