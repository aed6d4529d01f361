/** Carries out a plan on a target and records what it acknowledges. */
import { acknowledgeRecord, acknowledgeSend, acknowledgeStep, announceSend } from "../core/acknowledge.ts";
import { type Entry, sameIdentity } from "../core/entry.ts";
import { type Fault, isFault } from "../core/fault.ts";
import type { Doubt } from "../core/held.ts";
import { isBuiltOn, type Outcome, pathOf, type Send, type Step, wasDone } from "../core/operation.ts";
import { isWithin, type Path, parentOf } from "../core/path.ts";
import type { Plan } from "../core/plan.ts";
import { segments } from "../core/segments.ts";
import { transfers } from "../core/transfers.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../system/clock.ts";
import type { Target } from "../target/target.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import { withOtherNames } from "./other-names.ts";
import type { WorkProgress } from "./progress.ts";
import { type BatchCounts, type Done, noCounts } from "./report.ts";

/** A change this recent may be followed by one with the same time stamp. */
const racyMs = 50;
/** The same on a file system with coarse time stamps (whole seconds). */
const racyCoarseMs = 2_000;

/** What came of a plan. */
export interface Result {
  readonly counts: BatchCounts;
  /** What failed, with the reason. */
  readonly failed: Map<Path, string>;
  /** Destinations that must be sent because a move could not reach them. */
  readonly unmovable: Path[];
  /** To be looked at again: not tried, or otherwise than it was held. */
  readonly again: Path[];
  /** To be looked at again: it changed while it was sent, and arrived as it was then. */
  readonly changed: Path[];
  /** To be tried again soon: the source changed just when it was to be sent. */
  readonly missed: Path[];
  /** What worked. */
  readonly done: Done[];
  /** Directories whose times on the target are not the source's any more. */
  readonly stale: Set<Path>;
  /** See `SendReport.unfinished`. */
  readonly unfinished: Set<Path>;
  /** True if an entry was recorded whose time stamp another change may share. */
  racy: boolean;
  /** What broke the work off; null if nothing did. */
  fault: Fault | null;
  /** False if part of the plan was not tried. */
  complete: boolean;
}

/** How content is sent. */
export interface Sending {
  /** How many transfers run at the same time, where there is much to send. */
  readonly parallel: number;
  /** True if all names of a file are one file on the target too. */
  readonly hardLinks: boolean;
}

/** One plan under way. */
export class CarryOut {
  readonly result: Result = {
    counts: { ...noCounts },
    failed: new Map(),
    unmovable: [],
    again: [],
    changed: [],
    missed: [],
    done: [],
    stale: new Set(),
    unfinished: new Set(),
    racy: false,
    fault: null,
    complete: false,
  };

  constructor(
    private readonly target: Target,
    private readonly ledger: Ledger,
    private readonly source: SourceTree,
    /** By the time of day, as the times of files are. */
    private readonly clock: Pick<Clock, "nowMs">,
    private readonly sending: Sending,
    private readonly progress: WorkProgress | null = null,
  ) {}

  /** Carries out steps, sends and closing steps; the attributes of directories are left to the caller. */
  async plan(plan: Plan): Promise<Result> {
    // Without a transfer between them both lists go out in the same round trip.
    const first = plan.sends.length === 0 ? [...plan.steps, ...plan.closing] : plan.steps;
    if (!(await this.steps(first))) return this.result;
    if (plan.sends.length > 0) {
      this.progress?.add(plan.sends);
      if (!(await this.sends(plan.sends)) || !(await this.steps(plan.closing))) return this.result;
    }
    this.ledger.transaction(() => {
      for (const { path, entry } of plan.records) acknowledgeRecord(this.ledger, path, entry);
    });
    this.result.complete = true;
    return this.result;
  }

  /** Carries out steps, segment by segment. False if the rest of the plan must not be tried. */
  async steps(steps: readonly Step[]): Promise<boolean> {
    const parts = segments(steps);
    for (const segment of parts) {
      this.ledger.openJournal(segment);
      if (!(await this.#segment(segment, false))) return false;
    }
    return true;
  }

  /** Repeats the steps whose acknowledgements were lost. */
  async replay(): Promise<Fault | null> {
    const steps = this.ledger.journal();
    // Written anew, because their positions count from the first one that is left.
    this.ledger.openJournal(steps);
    if (steps.length > 0) await this.#segment(steps, true);
    return this.result.fault;
  }

  /** Sends content or attributes. False if the rest of the plan must not be tried. */
  async sends(sends: readonly Send[]): Promise<boolean> {
    // A directory that was to make way, and could not: the steps have told why.
    const ready = sends.filter((send) => {
      if (send.entry.kind === "directory" || this.ledger.get(send.path)?.kind !== "directory") return true;
      this.result.failed.set(send.path, "a directory that could not be removed is in its place");
      return false;
    });
    const { parallel, hardLinks } = this.sending;
    // While files arrive in a directory its times cannot be set.
    const isLate = (send: Send) => parallel > 1 && send.entry.kind === "directory";
    for (const list of [ready.filter((send) => !isLate(send)), ready.filter(isLate)]) {
      const parts = transfers(
        hardLinks ? withOtherNames(list, this.ledger, this.source) : list,
        parallel,
        hardLinks,
        this.target.sendsMax,
      );
      if (!(await this.#transferAll(parts))) return false;
    }
    return true;
  }

  /** Several at the same time; after a fault, what is under way comes to its end, and nothing else begins. */
  async #transferAll(parts: readonly Send[][]): Promise<boolean> {
    const waiting = [...parts];
    const share = Math.min(this.sending.parallel, parts.length);
    const work = async () => {
      for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
        if (!(await this.#transfer(part, share))) waiting.length = 0;
      }
    };
    await Promise.all(Array.from({ length: share }, work));
    return this.result.fault === null;
  }

  async #transfer(part: readonly Send[], share: number): Promise<boolean> {
    this.ledger.transaction(() => {
      for (const send of part) announceSend(this.ledger, send);
    });
    this.result.counts.transfers++;
    const progress = this.progress?.follow(part);
    const startMs = this.clock.nowMs();
    const report = await this.target.send(part, share, progress?.sent);
    progress?.end();
    if (isFault(report)) {
      this.result.fault ??= report;
      return false;
    }
    this.result.counts.contentBytes += report.contentBytes;
    for (const path of report.unfinished ?? []) this.result.unfinished.add(path);
    this.ledger.transaction(() => {
      for (const send of part) {
        if (report.missed.has(send.path)) this.result.missed.push(send.path);
        else this.#settleSend(send, report.failed.get(send.path), startMs);
      }
    });
    return true;
  }

  async #segment(steps: readonly Step[], replayed: boolean): Promise<boolean> {
    const outcomes: (Outcome | undefined)[] = [];
    const note = (index: number, outcome: Outcome) => {
      outcomes[index] = outcome;
    };
    const fault = await this.target.run(steps, note, replayed);
    let complete = true;
    this.ledger.transaction(() => {
      for (const [index, step] of steps.entries()) {
        const outcome = outcomes[index];
        // After a lost connection it is not known what became of the rest: the journal keeps it.
        if (outcome === undefined && fault !== null) continue;
        this.#settle(step, outcome ?? { is: "skipped" }, replayed);
        complete &&= outcome !== undefined && (wasDone(outcome, replayed) || !isBuiltOn(step));
        this.ledger.closeJournal(index);
      }
    });
    this.result.fault ??= fault;
    return complete && fault === null;
  }

  #settle(step: Step, outcome: Outcome, replayed: boolean): void {
    const path = pathOf(step);
    acknowledgeStep(this.ledger, step, outcome, replayed);
    if (outcome.is === "kept" && this.ledger.get(path) !== null) {
      this.#settleKept(path);
      return;
    }
    switch (outcome.is) {
      case "failed":
        this.result.failed.set(path, outcome.reason);
        return;
      case "occupied":
        if (step.do === "move") this.result.unmovable.push(path);
        else this.result.failed.set(path, "something that must not be deleted is in its place");
        this.result.again.push(path);
        return;
      case "skipped":
        return;
      case "missing":
      case "already":
        if (!replayed || outcome.is === "missing") this.result.again.push(path);
        break;
      default:
        this.result.done.push(
          step.do === "move" ? { do: step.do, path, from: step.from } : { do: step.do, path },
        );
    }
    this.result.stale.add(parentOf(path));
    if (step.do === "move") this.result.stale.add(parentOf(step.from));
    if (step.do === "make-directory") this.result.stale.add(path);
    this.#count(step);
  }

  /** A directory that could not be removed because something that is held is still in it. */
  #settleKept(path: Path): void {
    const isRefused = [...this.result.failed.keys()].some((failed) => isWithin(failed, path));
    if (isRefused) this.result.failed.set(path, "something in it could not be removed");
    // Or it was seen to be gone in the middle of a change.
    else this.result.missed.push(path);
  }

  #count(step: Step): void {
    const { counts } = this.result;
    if (step.do === "move") counts.moved++;
    else if (step.do === "make-directory") counts.directories++;
    else if (step.do === "set-mode") counts.modes++;
    else counts.removed++;
  }

  /** Records what became of a send whose transfer began at `startMs`; `failure` is why it failed, if it did. */
  #settleSend(send: Send, failure: string | undefined, startMs: number): void {
    const now = this.source.look(send.path);
    const changed = now === null || !sameAttributes(now, send.entry);
    if (changed) this.result.changed.push(send.path);
    // What became another file meanwhile may have been sent as such: the doubt about it stays.
    if (now === null || !sameIdentity(now, send.entry)) return;
    if (failure !== undefined) {
      if (!changed) this.result.failed.set(send.path, failure);
      return;
    }
    // Which of the two states arrived is not known.
    const doubt = changed && send.entry.kind === "file" ? "racy" : doubtAbout(send.entry, startMs);
    if (doubt !== "none") this.result.racy = true;
    acknowledgeSend(this.ledger, send, doubt);
    this.result.done.push({ do: "send", path: send.path });
    if (send.entry.kind === "directory") return;
    this.result.stale.add(parentOf(send.path));
    this.result.counts.sent++;
  }
}

/**
 * What is not certain of an entry whose transfer began at `startMs`. The content was read after that: only if the time
 * stamp was as good as new then can a later change bear it too.
 */
function doubtAbout(entry: Entry, startMs: number): Doubt {
  if (entry.kind !== "file") return "none";
  const windowMs = entry.mtimeMs % 1000 === 0 ? racyCoarseMs : racyMs;
  return Math.abs(startMs - entry.mtimeMs) < windowMs ? "racy" : "none";
}

function sameAttributes(a: Entry, b: Entry): boolean {
  return (
    a.kind === b.kind &&
    a.ino === b.ino &&
    a.size === b.size &&
    a.mtimeMs === b.mtimeMs &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.link === b.link
  );
}
