/**
 * Keeps one target equal to the source: waits for dirty paths, looks, plans, carries out, and starts over. Every
 * failure ends in the same question, "how does the disk differ from the ledger?", asked again later.
 */
import type { Scope } from "../core/aggregate.ts";
import { Fault, isFault } from "../core/fault.ts";
import { followed, followedMode } from "../core/follow.ts";
import { pathOf } from "../core/operation.ts";
import { type Path, root } from "../core/path.ts";
import { type DeleteMode, deleteModeOf, isEmpty, makePlan, removalsIn } from "../core/plan.ts";
import type { Halt } from "../core/safety.ts";
import { type Seen, vacatesSomething } from "../core/seen.ts";
import { Sleeper } from "../system/sleeper.ts";
import { Backlog } from "./backlog.ts";
import { CarryOut, type Result } from "./carry-out.ts";
import { Connecting } from "./connecting.ts";
import { DriftWatch } from "./drift-watch.ts";
import { Flushes } from "./flushes.ts";
import { Guard } from "./guard.ts";
import { IdleWork } from "./idle-work.ts";
import { forget, Look } from "./look.ts";
import { WorkProgress } from "./progress.ts";
import { Races } from "./races.ts";
import { batchOf, total } from "./report.ts";
import { Retry } from "./retry.ts";
import { States, type TargetState } from "./state.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How long a target must be idle before the times of its directories are set. */
const lateMs = 300;

/** How long a batch may take to its end after a stop. What was not acknowledged is done at the next start. */
const stopMaxMs = 1_500;

/** How soon a path is tried again that was not there when it was to be sent. */
const missedMs = 250;

/** How often a halted mirror looks whether it can go on. */
const haltCheckMs = 1_000;

/** See above. `run` is called once. */
export class Worker {
  /** What waits for a look, and what fails. */
  readonly backlog: Backlog;
  readonly progress: WorkProgress;
  readonly #unmovable = new Set<Path>();
  readonly #sleeper: Sleeper;
  #stopped = false;
  #connected = false;
  #wasConnected = false;
  #hasWorked = false;
  readonly #guard: Guard;
  readonly #drift: DriftWatch;
  readonly #races: Races;
  #lastLookMs = 0;
  #inSync = false;
  readonly #idle: IdleWork;
  /** True once the first comparison is over. */
  #isLive = false;
  readonly #connecting: Connecting;
  readonly #states: States;
  readonly #retry: Retry;
  readonly #flushes = new Flushes();
  #isPaused = false;

  constructor(private readonly options: WorkerOptions) {
    this.#sleeper = new Sleeper(options.clock);
    this.backlog = new Backlog(options);
    this.#connecting = new Connecting(options, () => this.#sleeper.wake());
    this.#states = new States(options);
    this.#retry = new Retry(options, this.#sleeper, this.#states);
    this.#guard = new Guard(options);
    this.progress = new WorkProgress(options);
    this.#idle = new IdleWork(options, this.#guard);
    this.#drift = new DriftWatch(options);
    this.#races = new Races(options);
  }

  /** What it is doing; null before it runs. */
  get state(): TargetState | null {
    return this.#states.now;
  }

  /** Something may have changed at `path`. */
  dirty(path: Path, scope: Scope): void {
    this.backlog.changed(path, scope);
    // A storm of events must not wake the loop each time: it wakes by itself before these are ready.
    const readyMs = this.options.clock.steadyMs() + this.options.settleMs;
    if (readyMs < this.#sleeper.untilMs) this.#sleeper.wake();
  }

  /** Does nothing from the next safe point on, until `resume`; what changes meanwhile is gathered. */
  pause(): void {
    this.#isPaused = true;
    this.#sleeper.wake();
  }

  /** Goes on after `pause`; with `acceptDeletes` also after a guard halted the mirror. */
  resume(acceptDeletes: boolean): void {
    if (acceptDeletes) this.#guard.accept();
    this.#isPaused = false;
    this.#sleeper.wake();
  }

  /**
   * Resolves with null once everything that has been told by now is on the target, or when `signal` aborts; else with
   * what prevents it.
   */
  flush(signal: AbortSignal): Promise<Fault | null> {
    const end = this.#flushes.wait(this.options.clock.steadyMs(), signal);
    this.#sleeper.wake();
    return end;
  }

  /** Ends the work: at the next safe point, or, if that is far, in the middle of a transfer. */
  stop(): void {
    this.#stopped = true;
    this.#sleeper.wake();
    this.options.clock.after(stopMaxMs, () => void this.options.target.close());
  }

  /**
   * Works until stopped, or, with `once`, until the target holds all of the source that can be sent. Returns what
   * made it give up: only what happens before the first connection, or with `once`, does.
   */
  async run(once: boolean): Promise<Fault | null> {
    this.backlog.unknown(root);
    const end = await this.#work(once);
    this.#states.become({ state: "stopped" });
    this.#flushes.refuse(end ?? new Fault("interrupted", "tsync is stopping"));
    return end;
  }

  async #work(once: boolean): Promise<Fault | null> {
    while (!this.#stopped) {
      if (this.#isPaused) {
        await this.#rest();
        continue;
      }
      if (!this.#connected) {
        const fault = await this.#connect();
        if (fault !== null) {
          if (this.#stopped) break;
          if (once || !(this.#wasConnected || this.options.insist)) return fault;
          await this.#backOff(fault);
          continue;
        }
      }
      const halt = this.#checkRoot();
      if (halt !== null) {
        if (once) return halt;
        await this.#sleep(haltCheckMs);
        continue;
      }
      if (this.#guard.isHalted) {
        if (once) return this.#guard.fault;
        await this.#sleep(this.#guard.restMs);
        if (this.#guard.restMs > 0) continue;
        await this.#resume();
      }
      if (once && this.#isDone()) break;
      const fault = await this.#turn(once);
      if (this.#stopped) break;
      if (fault !== null) {
        // What no other try can mend is told at once, as long as nothing has worked yet.
        if (once || (!fault.retry && !this.#hasWorked)) return fault;
        this.#connected = false;
        await this.#backOff(fault);
      }
    }
    return this.#stopped && (once ? !this.#isDone() : !this.#wasConnected)
      ? new Fault("interrupted", "stopped before the end")
      : null;
  }

  /** Nothing is done until somebody says so. */
  async #rest(): Promise<void> {
    this.#inSync = false;
    this.#states.become({ state: "paused" });
    this.#flushes.refuse(new Fault("halted", "the mirror is paused", "tsync resume"));
    await this.#sleep(Number.POSITIVE_INFINITY);
    if (!this.#isPaused) this.#states.become({ state: "syncing" });
  }

  /** One round of the loop: a batch, what can wait until it is quiet, or a rest. */
  async #turn(once: boolean): Promise<Fault | null> {
    const lost = this.#connecting.takeLoss();
    if (lost !== null) return lost;
    if (!this.#flushes.isEmpty) {
      const sinceMs = this.backlog.sinceMs();
      if (this.#flushes.isDue(sinceMs) && this.#idle.hasStaleTimes) return await this.#setStaleTimes();
      this.#flushes.settle(sinceMs);
    }
    const now = this.options.clock.steadyMs();
    const nextMs = this.backlog.nextMs();
    // (After a hold the source is checked again.)
    if (nextMs <= now) return await (this.options.hold?.() ?? this.#batch());
    const quietMs = once || !this.#idle.hasStaleTimes ? 0 : this.#lastLookMs + lateMs - now;
    const pending = this.backlog.isPending;
    if (!pending && quietMs <= 0) {
      if (this.#connecting.isUntidy) return await this.#afterwards(this.#connecting.tidyUp());
      if (this.#idle.hasStaleTimes) return await this.#setStaleTimes();
      if (!this.#idle.isTidy) return await this.#afterwards(this.#idle.cleanUp(this.#deleteMode === "exact"));
      this.#becomeInSync();
      if (once) return null;
    }
    const driftMs = this.#isLive && !once ? this.#drift.waitMs(now, !pending && quietMs <= 0) : Infinity;
    if (driftMs <= 0) return await this.#checkDrift();
    const raceMs = this.#races.waitMs(this.#lastLookMs, now);
    // (What happens meanwhile may be due before what is known now.)
    if (raceMs <= 0 && !pending) return await this.#races.end(() => this.backlog.isPending);
    const timers = [nextMs - now, driftMs, Math.max(50, raceMs)];
    if (!pending && (this.#idle.hasStaleTimes || !this.#idle.isTidy || !this.#inSync))
      timers.push(Math.max(1, quietMs));
    await this.#sleep(Math.min(...timers));
    return null;
  }

  #isDone(): boolean {
    return this.#inSync && !this.backlog.isPending;
  }

  async #connect(): Promise<Fault | null> {
    this.#states.become({ state: "connecting" });
    const startMs = this.options.clock.steadyMs();
    const { fault, isUnknown, replayed } = await this.options.pulse.outside(this.#connecting.connect());
    if (isUnknown) {
      this.#idle.clutter();
      this.backlog.unknown(root);
    }
    if (replayed !== null) this.#absorb(replayed);
    if (replayed !== null) this.#reportWork(replayed, startMs);
    if (fault !== null) return fault;
    this.#connected = true;
    this.#wasConnected = true;
    this.#retry.connected();
    this.options.report({ event: "connected", target: this.options.name });
    this.#states.become({ state: this.#inSync ? "idle" : "syncing" });
    return null;
  }

  async #backOff(fault: Fault): Promise<void> {
    await this.options.pulse.outside(this.options.target.close());
    this.#inSync = false;
    await this.options.pulse.outside(this.#retry.wait(fault, () => this.#stopped));
  }

  /** The fault that halts the mirror; null if the source is as it should be. */
  #checkRoot(): Fault | null {
    const halt = this.#guard.check();
    return halt === null ? null : this.#halt(halt);
  }

  #halt(halt: Halt): Fault {
    this.#inSync = false;
    const fault = this.#guard.halt(halt);
    this.#states.become({ state: "halted", reason: fault.message, hint: fault.hint });
    this.#flushes.refuse(fault);
    return fault;
  }

  async #resume(): Promise<void> {
    this.#guard.isHalted = false;
    this.options.source.refreshRoot();
    await this.options.rewatch();
    this.backlog.unknown(root);
  }

  /** Looks at what is ready, plans, and carries out. */
  async #batch(): Promise<Fault | null> {
    const { source, ledger, target, barrier } = this.options;
    this.#lastLookMs = this.options.clock.steadyMs();
    const due = this.backlog.take();
    this.progress.begin(ledger.isEmpty() ? source : null);
    let fault: Fault | null = null;
    const look = new Look(
      source,
      ledger,
      async (seen) => {
        fault = await this.#carryOut(seen);
        return fault === null && !this.#stopped;
      },
      (path) => this.backlog.waits(path),
      { fresh: ledger.isEmpty(), canMove: target.canMove },
      this.options,
    );
    await look.at(due.dirty);
    forget(ledger, look.forgotten);
    let seen = look.finish();
    if (fault === null && barrier !== null && vacatesSomething(seen)) {
      await barrier();
      await look.addUnsettledMoves(this.backlog.paths());
      forget(ledger, look.forgotten);
      seen = look.finish();
    }
    // What vanished may have vanished with the root itself.
    if (fault === null && vacatesSomething(seen)) fault = this.#checkRoot();
    if (fault === null && this.#guard.wouldEmpty(seen)) fault = this.#halt("source-empty");
    for (const path of look.remounted) this.backlog.foundAt(path);
    for (const path of this.#guard.withoutReturned(seen)) this.backlog.undone(path);
    this.progress.close();
    if (fault === null && !this.#stopped) fault = await this.#carryOut(seen);
    this.progress.end();
    if (fault !== null || this.#stopped) this.backlog.putBack(due, seen.keys());
    else this.backlog.finish(due);
    this.#lastLookMs = this.options.clock.steadyMs();
    return this.#guard.isHalted ? null : fault;
  }

  async #carryOut(seen: ReadonlyMap<Path, Seen>): Promise<Fault | null> {
    const { ledger, source, target, clock, sending } = this.options;
    const follow = this.#isLive ? this.options.follow : null;
    const wanted = follow === null ? seen : followed(ledger, seen, follow);
    const plan = makePlan(ledger, wanted, {
      delete: follow === null ? this.#deleteMode : followedMode(this.#deleteMode, follow),
      canMove: target.canMove && (follow === null || follow.has("move")),
      adopt: ledger.meta("complete") === null && !target.isEmpty,
      unmovable: this.#unmovable,
      unseenAttributes: this.options.unseenAttributes,
    });
    const unseen = this.backlog.unseenAmong(removalsIn(plan));
    if (this.#guard.areTooMany(unseen)) return this.#halt("too-many-deletes");
    if (this.#guard.pass()) this.#states.become({ state: "syncing" });
    for (const { path, reason } of plan.problems) this.backlog.fail(path, reason);
    for (const path of plan.blocked)
      this.backlog.fail(path, "something that must not be deleted is in its place");
    // Without anything to do it was seen in the middle of a change; or what it needs is not followed, and never comes.
    const restMs = isEmpty(plan) ? missedMs : Math.min(missedMs, this.options.settleMs);
    if (follow === null || !isEmpty(plan))
      for (const path of plan.lookAgain) this.backlog.again(path, restMs);
    for (const { path } of plan.attributes) this.#idle.addStale(path);
    if (follow?.has("attributes") === false) this.#idle.forgetStale();
    if (isEmpty(plan)) return null;
    if (plan.steps.length + plan.sends.length + plan.closing.length > 0) {
      this.#inSync = false;
      this.#states.become({ state: "syncing" });
    }
    const startMs = clock.steadyMs();
    const work = new CarryOut(target, ledger, source, clock, sending, this.progress);
    const result = await this.options.pulse.outside(work.plan(plan));
    this.#absorb(result);
    this.#guard.count(unseen);
    if (!result.complete) {
      for (const path of seen.keys()) this.backlog.undone(path);
      for (const step of plan.steps) this.backlog.undone(pathOf(step));
    }
    this.#reportWork(result, startMs);
    return result.fault;
  }

  /** Takes over what a result means for what is to be done next. */
  #absorb(result: Result): void {
    for (const path of result.stale) this.#idle.addStale(path);
    this.#connecting.addUnfinished(result.unfinished);
    for (const { path } of result.done) this.#unmovable.delete(path);
    for (const path of result.unmovable) this.#unmovable.add(path);
    this.backlog.settle(result, missedMs);
    if (result.racy) this.#races.open();
  }

  /** Compares a part of the target with the source; the first one on a new connection, which finds the target itself. */
  async #checkDrift(): Promise<Fault | null> {
    if (this.#drift.begins) {
      this.#drift.begin();
      await this.options.target.close();
      this.#connected = false;
      return null;
    }
    const found = await this.options.pulse.outside(this.#drift.step());
    if (isFault(found)) return found;
    for (const path of found.paths) this.backlog.undone(path);
    if (found.isCluttered && this.#deleteMode === "exact") this.#idle.clutter();
    return null;
  }

  /** Takes over what work on an idle target did. */
  async #afterwards(work: Promise<Result | Fault | null>): Promise<Fault | null> {
    const startMs = this.options.clock.steadyMs();
    const result = await this.options.pulse.outside(work);
    if (isFault(result)) return this.#guard.isHalted ? null : result;
    if (result === null) return null;
    this.#absorb(result);
    if (result.counts.removed > 0) this.#reportWork(result, startMs);
    return result.fault;
  }

  #setStaleTimes(): Promise<Fault | null> {
    return this.#afterwards(this.#idle.setStaleTimes());
  }

  get #deleteMode(): DeleteMode {
    return deleteModeOf(this.options.delete, this.#isLive);
  }

  /** Something worked, if it did: that is told, and the next failure is a first one again. */
  #reportWork(result: Result, startMs: number): void {
    if (total(result.counts) === 0) return;
    this.#hasWorked = true;
    this.#retry.reset();
    const elapsedMs = this.options.clock.steadyMs() - startMs;
    this.options.report(batchOf(this.options.name, result, elapsedMs));
  }

  #becomeInSync(): void {
    if (this.#inSync) return;
    const { name, ledger, report } = this.options;
    this.#inSync = true;
    this.#isLive = true;
    this.#hasWorked = true;
    this.#retry.reset();
    this.#guard.forgetAcceptance();
    this.#states.become({ state: "idle" });
    report({ event: "in-sync", target: name, entries: ledger.count(), failing: this.backlog.failing });
  }

  /** Waits until something is dirty, tsync is stopped, or the time is over. */
  async #sleep(durationMs: number): Promise<void> {
    if (!this.#stopped) await this.options.pulse.outside(this.#sleeper.sleep(durationMs));
  }
}
