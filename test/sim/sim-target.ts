/**
 * A target in memory (a directory of a file system in memory) that answers late, breaks off and dies as told. Steps are
 * done by the real local target; content is sent as rsync sends it, without rsync.
 */
import {
  chmodSync,
  lstatSync,
  lutimesSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { Fault } from "../../src/core/fault.ts";
import { isBuiltOn, type Outcome, type Send, type Step } from "../../src/core/operation.ts";
import { type Path, toFs } from "../../src/core/path.ts";
import { LocalTarget } from "../../src/target/local.ts";
import type { Comparison, Inspection, SendReport, Target } from "../../src/target/target.ts";
import type { Random } from "../helpers/trees.ts";
import { type FaultRates, nextFault, noFaults } from "./faults.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What the target did, in words: the same seed must give the same list. */
export type Trace = string[];

export interface SimTargetOptions {
  readonly directory: Path;
  readonly base: Path;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly trace: Trace;
  /** Called after each path that was sent. */
  readonly onSent: (path: Path) => void;
}

const lost = () => new Fault("connection", "the connection was lost", "", true);

/** How long an answer takes at most. */
const answerMaxMs = 40;

/** See above. One for each life of tsync. */
export class SimTarget implements Target {
  readonly canMove = true;
  rates: FaultRates = noFaults;
  /** Until this time it cannot be reached. */
  awayUntilMs = 0;
  /** Bytes of content that travelled. */
  contentBytes = 0;
  /** Calls that have begun and not ended. */
  underWay = 0;
  #isDead = false;
  #temporaries = 0;
  readonly #inner: LocalTarget;

  constructor(private readonly options: SimTargetOptions) {
    this.#inner = new LocalTarget(options.directory, options.base, true);
  }

  /** tsync is no more: nobody hears another answer. */
  die(): void {
    this.#isDead = true;
  }

  get identity(): string {
    return this.#inner.identity;
  }

  get isEmpty(): boolean {
    return this.#inner.isEmpty;
  }

  connect(): Promise<Fault | null> {
    return this.#call("connect", async () => {
      if (this.options.time.elapsedMs < this.awayUntilMs || this.options.random.chance(this.rates.call))
        return lost();
      return await this.options.time.hold(this.#inner.connect());
    });
  }

  run(
    steps: readonly Step[],
    report: (index: number, outcome: Outcome) => void,
    replay = false,
  ): Promise<Fault | null> {
    return this.#call("run", async () => {
      const { random, trace, time } = this.options;
      const fault = nextFault(this.rates, random);
      if (fault === "cut-before") return lost();
      const isCut = fault === "cut-half" || fault === "cut-after";
      const done = fault === "cut-half" ? steps.slice(0, random.int(steps.length + 1)) : steps;
      const heard = fault === "cut-after" ? 0 : random.int(done.length + 1);
      for (const step of done)
        trace.push(`${step.do} ${step.do === "move" ? `${step.from} -> ${step.to}` : step.path}`);
      const hear = (index: number, outcome: Outcome) => {
        if (!isCut || index < heard) report(index, outcome);
      };
      // What is repeated may be done already: a target does not refuse that.
      const isRefused = fault === "fail-some" && !replay;
      const run = isRefused
        ? this.#runBut(random.int(done.length), done, hear)
        : this.#inner.run(done, hear, replay);
      const broken = await time.hold(run);
      return isCut ? lost() : broken;
    });
  }

  /** As a target does that refuses the step at `refused`: what is built on it is not tried. */
  async #runBut(
    refused: number,
    steps: readonly Step[],
    report: (index: number, outcome: Outcome) => void,
  ): Promise<Fault | null> {
    let tried = 0;
    const broken = await this.#inner.run(steps.slice(0, refused), (index, outcome) => {
      tried++;
      report(index, outcome);
    });
    if (broken !== null || tried < refused) return broken;
    report(refused, { is: "failed", reason: "not now" });
    if (isBuiltOn(steps[refused]!)) return null;
    const next = refused + 1;
    return await this.#inner.run(steps.slice(next), (index, outcome) => report(next + index, outcome));
  }

  send(sends: readonly Send[]): Promise<SendReport | Fault> {
    return this.#call("send", async () => {
      const { random } = this.options;
      const fault = nextFault(this.rates, random);
      if (fault === "cut-before") return lost();
      const failed = new Map<Path, string>();
      const missed = new Set<Path>();
      let contentBytes = 0;
      const part = fault === "cut-half" ? sends.slice(0, random.int(sends.length + 1)) : sends;
      for (const send of part) {
        if (fault === "fail-some" && random.chance(0.3)) failed.set(send.path, "not now");
        else contentBytes += this.#sendOne(send, failed, missed);
        // The source may change while the rest is sent.
        this.options.onSent(send.path);
        await this.options.time.sleep(random.int(5));
        if (this.#isDead) return lost();
      }
      this.contentBytes += contentBytes;
      return fault === "cut-half" || fault === "cut-after" ? lost() : { failed, missed, contentBytes };
    });
  }

  list(isWanted?: (path: Path) => boolean): Promise<Path[] | Fault> {
    return this.#call("list", () => this.options.time.hold(this.#inner.list(isWanted)));
  }

  temporaries(directories: readonly Path[]): Promise<Path[] | Fault> {
    return this.#call("temporaries", () => this.options.time.hold(this.#inner.temporaries(directories)));
  }

  compare(_sends: readonly Send[]): Promise<Comparison | Fault> {
    throw new Error("nothing is compared here");
  }

  inspect(): Promise<Inspection | Fault> {
    throw new Error("nothing is inspected here");
  }

  async close(): Promise<void> {}

  /** Answers after a while, unless tsync has died meanwhile. */
  async #call<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { time, random, trace } = this.options;
    if (this.#isDead) return await new Promise<never>(() => {});
    this.underWay++;
    await time.sleep(random.int(answerMaxMs));
    if (this.#isDead) return await new Promise<never>(() => {});
    trace.push(`${Math.round(time.elapsedMs)} ${name}`);
    const answer = await work();
    await time.sleep(random.int(answerMaxMs));
    this.underWay--;
    if (this.#isDead) return await new Promise<never>(() => {});
    return answer;
  }

  /** As rsync: what is there now goes, under a temporary name first; returns the bytes of content that went. */
  #sendOne({ path, compare }: Send, failed: Map<Path, string>, missed: Set<Path>): number {
    const { base, directory, trace } = this.options;
    const [from, to] = [toFs(`${base}/${path}`), toFs(`${directory}/${path}`)];
    const source = lookAt(from);
    if (source === undefined) {
      missed.add(path);
      return 0;
    }
    const there = lookAt(to);
    trace.push(`send ${path}`);
    try {
      if (source.isDirectory()) {
        if (there?.isDirectory() !== true) throw new Error("it is no directory there");
        chmodSync(to, source.mode & 0o7777);
        utimesSync(to, source.mtimeMs / 1000, source.mtimeMs / 1000);
        return 0;
      }
      if (there?.isDirectory()) throw new Error("a directory is in its place");
      const temporary = toFs(
        `${directory}/${parentPrefix(path)}.sim.${String(this.#temporaries++).padStart(6, "0")}`,
      );
      if (source.isSymbolicLink()) {
        symlinkSync(readlinkSync(from, { encoding: "buffer" }), temporary);
        lutimesSync(temporary, source.mtimeMs / 1000, source.mtimeMs / 1000);
        renameSync(temporary, to);
        return 0;
      }
      const isEqual = there?.isFile() && there.size === source.size && there.mtimeMs === source.mtimeMs;
      if (compare === "unless-equal" && isEqual) {
        chmodSync(to, source.mode & 0o7777);
        return 0;
      }
      const content = readFileSync(from);
      writeFileSync(temporary, content);
      chmodSync(temporary, source.mode & 0o7777);
      utimesSync(temporary, source.mtimeMs / 1000, source.mtimeMs / 1000);
      renameSync(temporary, to);
      return content.length;
    } catch (error) {
      failed.set(path, (error as Error).message);
      return 0;
    }
  }
}

function parentPrefix(path: Path): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
}

/** What is at `path`; undefined also if something above it is no directory. */
function lookAt(path: Parameters<typeof lstatSync>[0]) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
