/** Compares a target with the source again and again while it is kept in sync: what somebody else changed is found. */
import { acknowledgeFinding } from "../core/acknowledge.ts";
import { difference } from "../core/diff.ts";
import { countFindings, type Finding, type FindingCounts, isSameFinding } from "../core/drift.ts";
import { type Fault, isFault } from "../core/fault.ts";
import type { Path } from "../core/path.ts";
import { lookAgain, Verification } from "./verification.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How much is compared in one step: whatever happens meanwhile waits for its end. */
const stepMax = { entries: 2_000, contentBytes: 128 * 1024 * 1024 };

/** How long the rest after a step is, at least, and as a multiple of the step. */
const restMs = 50;
const restShare = 2;

/** How long a step waits for the target to be idle, which it may never be. */
const patienceMs = 2_000;

/** How many differences are reported one by one each time. */
const reportsMax = 100;

/** What a step means for the worker. */
export interface Drifted {
  /** To be looked at: the ledger has learnt that something else is there. */
  readonly paths: readonly Path[];
  /** True if everything was compared now, and something is on the target that the source does not have. */
  readonly isCluttered: boolean;
}

/** A comparison under way. */
interface Round {
  readonly verification: Verification;
  readonly startMs: number;
  readonly counts: FindingCounts;
  entries: number;
  unreadable: number;
}

/** See above. */
export class DriftWatch {
  #round: Round | null = null;
  /** When the next step is due, in milliseconds since 1970; null before that is known. */
  #nextMs: number | null = null;

  constructor(
    private readonly options: Pick<
      WorkerOptions,
      | "name"
      | "source"
      | "ledger"
      | "target"
      | "deleteExcluded"
      | "comparesContent"
      | "verifyEveryMs"
      | "clock"
      | "report"
    >,
  ) {}

  /** How long it is to the next step; infinity if there is none. `isIdle`: there is nothing else to be done. */
  waitMs(nowMs: number, isIdle: boolean): number {
    const { ledger, verifyEveryMs } = this.options;
    if (verifyEveryMs == null) return Number.POSITIVE_INFINITY;
    // The first sync has compared everything.
    this.#nextMs ??= Date.parse(ledger.meta("verified") ?? this.#note(nowMs)) + verifyEveryMs;
    return this.#nextMs + (isIdle ? 0 : patienceMs) - nowMs;
  }

  /** True if the next step is the first one: it should find the target newly connected. */
  get begins(): boolean {
    return this.#round === null;
  }

  /** Gets ready for a comparison from the start. */
  begin(): void {
    const counts = { missing: 0, different: 0, extra: 0 };
    const verification = new Verification(this.options, stepMax);
    this.#round = { verification, startMs: this.options.clock.steadyMs(), counts, entries: 0, unreadable: 0 };
  }

  /** Takes one step; nothing else works on the target meanwhile. */
  async step(): Promise<Drifted | Fault> {
    const round = this.#round!;
    const startMs = this.options.clock.steadyMs();
    const step = await round.verification.next();
    if (isFault(step)) {
      // The same step is tried again, unless it never works.
      if (!step.retry) this.#giveUp(step);
      return step.retry ? step : { paths: [], isCluttered: false };
    }
    const now = this.options.clock.steadyMs();
    if (step === null) return this.#end(round, now);
    this.#nextMs = now + Math.max(restMs, restShare * (this.options.clock.steadyMs() - startMs));
    round.entries += step.entries;
    round.unreadable += step.unreadable.length;
    const drift = await this.#confirm(step.findings.filter((finding) => this.#isDrift(finding)));
    if (isFault(drift)) return drift;
    this.#report(round, drift);
    countFindings(round.counts, drift);
    this.options.ledger.transaction(() => {
      for (const finding of drift) acknowledgeFinding(this.options.ledger, finding);
    });
    // What is no drift is a change that the next look finds.
    return { paths: step.findings.map(({ path }) => path), isCluttered: false };
  }

  /** True if the target is not as the ledger says; else the source changed, and that is for the next look. */
  #isDrift({ is, path }: Finding): boolean {
    const { ledger, source } = this.options;
    const [held, entry] = [ledger.get(path), source.look(path)];
    if (is === "extra") return held === null && entry === null;
    return held !== null && entry !== null && difference(held, entry) === "same";
  }

  /** Those that are still so: the target was listed in an earlier step, and has been worked on since. */
  async #confirm(findings: readonly Finding[]): Promise<readonly Finding[] | Fault> {
    if (findings.length === 0) return findings;
    const now = await lookAgain(this.options, findings);
    if (isFault(now)) return now;
    return findings.filter((before) => {
      const found = now.get(before.path);
      return found !== undefined && isSameFinding(before, found);
    });
  }

  #report({ counts }: Round, drift: readonly Finding[]): void {
    const { name: target, report } = this.options;
    const told = counts.missing + counts.different + counts.extra;
    for (const finding of drift.slice(0, Math.max(0, reportsMax - told)))
      report({ event: "drift", target, ...finding });
  }

  #end({ startMs, counts, entries, unreadable }: Round, nowMs: number): Drifted {
    const { name: target, report } = this.options;
    const elapsedMs = this.options.clock.steadyMs() - startMs;
    report({ event: "verified", target, entries, unreadable, elapsedMs, ...counts });
    this.#rest(nowMs);
    return { paths: [], isCluttered: counts.extra > 0 };
  }

  #giveUp(fault: Fault): void {
    const reason = `${this.options.name}: cannot be compared with the source: ${fault.message}`;
    this.options.report({ event: "warning", reason, hint: fault.hint });
    this.#rest(this.options.clock.steadyMs());
  }

  #rest(nowMs: number): void {
    this.#round = null;
    this.#nextMs = nowMs + this.options.verifyEveryMs!;
    this.#note(nowMs);
  }

  #note(nowMs: number): string {
    const now = new Date(nowMs).toISOString();
    this.options.ledger.setMeta("verified", now);
    return now;
  }
}
