/** One simulation: random work and faults by a seed, then quiet, and what must be true then. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { type Fault, isFault } from "../../src/core/fault.ts";
import { fromText, type Path, root } from "../../src/core/path.ts";
import type { DeletionLimit } from "../../src/core/safety.ts";
import { Pulse } from "../../src/engine/pulse.ts";
import type { Report } from "../../src/engine/report.ts";
import { Worker } from "../../src/engine/worker.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { Random, show } from "../helpers/trees.ts";
import { type FaultRates, noFaults } from "./faults.ts";
import { falseClaims, finalDifferences, neighbour, theirs, untouched } from "./invariants.ts";
import { SimSource, type SourceEvent } from "./sim-source.ts";
import { SimTarget, type Trace } from "./sim-target.ts";
import { type ReadFault, SimTree } from "./sim-tree.ts";
import { VirtualTime } from "./virtual-time.ts";

/** What a simulation is about. */
export interface Scenario {
  readonly seed: number;
  /** Number of steps; each is some work, some time, a fault. */
  readonly steps: number;
  readonly rates: FaultRates;
}

/** What came of it. */
export interface Outcome {
  /** What was not as it must be; empty if all was. */
  readonly wrong: readonly string[];
  readonly trace: Trace;
  readonly crashes: number;
  readonly moved: number;
  readonly contentBytes: number;
}

/** A file system in memory, if there is one. */
const folder = mkdtempSync(
  `${readdirSync("/").includes("dev") && readdirSync("/dev").includes("shm") ? "/dev/shm" : tmpdir()}/tsync-sim-`,
);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** How long the targets may take to become equal once there are no more faults. */
const quietMaxMs = 3_600_000;

/** The longest wait of an engine that is idle, but for what it does after a race. */
const idleMs = 5_000;

/** How long it takes at most to hear of all that happened. */
const barrierMaxMs = 20;

/** How tsync is started. */
export interface LifeOptions {
  /** Until the targets hold all of the source, and no longer (`tsync sync`). */
  readonly once?: boolean;
  readonly deletionLimit?: DeletionLimit;
  readonly acceptDeletes?: boolean;
}

/** A life of tsync. */
interface Life {
  readonly worker: Worker;
  readonly target: SimTarget;
}

/** The parts of one simulation. */
export class Simulation {
  readonly trace: Trace = [];
  readonly random: Random;
  readonly time: VirtualTime;
  readonly source: SimSource;
  /** What of the source cannot be read now. */
  readonly readFaults = new Map<Path, ReadFault>();
  /** Called after each path that was sent, while the next ones wait. */
  onSent: (path: Path) => void = () => {};
  readonly #place: string;
  readonly #ledger: Ledger;
  #life: Life | null = null;
  /** Events that are under way, in order. */
  #events: SourceEvent[] = [];
  #isOverflowed = false;
  moved = 0;
  crashes = 0;
  halted: string | null = null;
  #contentBytes = 0;

  constructor(readonly scenario: Scenario) {
    this.random = new Random(scenario.seed);
    this.time = new VirtualTime(this.random);
    this.#place = mkdtempSync(`${folder}/`);
    for (const name of ["source", "target"]) mkdirSync(`${this.#place}/${name}`);
    writeFileSync(`${this.#place}/${neighbour}`, neighbour);
    writeFileSync(`${this.#place}/target/${theirs}`, "theirs");
    const ledger = Ledger.open(":memory:");
    if (isFault(ledger) || !(ledger instanceof Ledger)) throw new Error("no ledger");
    this.#ledger = ledger;
    this.source = new SimSource(fromText(`${this.#place}/source`), this.random);
  }

  get target(): Path {
    return fromText(`${this.#place}/target`);
  }

  get place(): string {
    return this.#place;
  }

  /** How many entries the ledger holds. */
  get held(): number {
    return this.#ledger.count();
  }

  get contentBytes(): number {
    return this.#contentBytes + (this.#life?.target.contentBytes ?? 0);
  }

  /** Starts tsync, as at a first start or after an end; resolves once it ends by itself. */
  start({ once = false, ...options }: LifeOptions = {}): Promise<Fault | null> {
    const { time, random, trace } = this;
    const target = new SimTarget({
      directory: this.target,
      base: this.source.directory,
      time,
      random,
      trace,
      onSent: (path) => this.onSent(path),
    });
    target.rates = this.scenario.rates;
    const pulse = new Pulse(time);
    const worker = new Worker({
      clock: pulse.clock,
      pulse,
      onNewAddress: () => () => {},
      name: "target",
      source: new SimTree(this.source.directory, this.readFaults),
      ledger: this.#ledger,
      target,
      delete: "tracked",
      deleteExcluded: false,
      sending: { parallel: 1, hardLinks: false },
      unseenAttributes: false,
      acceptDeletes: false,
      deletionLimit: { count: Number.POSITIVE_INFINITY, share: 1 },
      settleMs: 10,
      delayMaxMs: 1_000,
      delayMs: 0,
      countMax: Number.POSITIVE_INFINITY,
      follow: null,
      initialSync: true,
      insist: true,
      report: (report) => this.#told(report),
      barrier: once ? null : () => this.#barrier(),
      rewatch: async () => {},
      ...options,
    });
    this.#events = [];
    this.#isOverflowed = false;
    this.#life = { worker, target };
    return worker.run(once);
  }

  /** tsync is killed: what it was told is in the ledger, all else is lost. */
  crash(): void {
    this.halted = null;
    this.crashes++;
    this.trace.push("crash");
    this.#contentBytes += this.#life!.target.contentBytes;
    this.#life!.target.die();
    this.time.clear();
    this.#life = null;
  }

  /** Sets the chances of faults from now on. */
  set rates(rates: FaultRates) {
    if (this.#life !== null) this.#life.target.rates = rates;
  }

  /** The network is away for a while. */
  cutOff(durationMs: number): void {
    if (this.#life !== null) this.#life.target.awayUntilMs = this.time.elapsedMs + durationMs;
  }

  /** Events come in, some of them twice, in another order, or never. */
  happen(events: readonly SourceEvent[], rates: FaultRates): void {
    for (const event of events) {
      if (this.random.chance(rates.event)) {
        this.#isOverflowed = true;
        continue;
      }
      this.#events.push(event);
      if (this.random.chance(0.1)) this.#events.push(event);
    }
    if (this.random.chance(0.3)) shuffle(this.#events, this.random);
  }

  /** tsync hears of what happened so far: of each event with probability `share`; the others come later. */
  deliver(share = 1): void {
    for (const event of this.#events.splice(0)) {
      if (share < 1 && !this.random.chance(share)) this.#events.push(event);
      else this.#life?.worker.dirty(event.path, event.scope);
    }
    if (this.#isOverflowed) this.#life?.worker.dirty(root, "tree");
    this.#isOverflowed = false;
  }

  /**
   * Whether the ledger claims what is not so; only between two calls, for in the middle of one it cannot know, and only
   * if no steps wait to be repeated, for then it does not claim to know.
   */
  check(): string[] {
    const claims =
      this.#ledger.journal().length === 0 && this.#life?.target.underWay === 0
        ? falseClaims(this.#ledger, this.target)
        : [];
    return [...claims.map((claim) => `the ledger is wrong: ${show(claim)}`), ...untouched(this.target)];
  }

  /** Lets time go by until there is nothing more to be done; false if that does not come. */
  async quiet(): Promise<boolean> {
    const endMs = this.time.elapsedMs + quietMaxMs;
    while (this.time.elapsedMs < endMs) {
      await this.time.advance(idleMs);
      const { worker, target } = this.#life!;
      if (worker.state?.state === "idle" && worker.backlog.failing === 0 && target.underWay === 0)
        return true;
    }
    return false;
  }

  differences(): string[] {
    return finalDifferences(this.source.directory, this.target);
  }

  end(): void {
    this.#life?.target.die();
    this.time.clear();
    this.#ledger.close();
    rmSync(this.#place, { recursive: true, force: true });
  }

  async #barrier(): Promise<void> {
    await this.time.sleep(this.random.int(barrierMaxMs));
    this.deliver();
  }

  #told(report: Report): void {
    if (report.event === "batch") this.moved += report.moved;
    if (process.env.SIM_TELL)
      console.log(Math.round(this.time.elapsedMs), JSON.stringify(report).slice(0, 300));
    if (report.event === "halted") this.halted = report.reason;
    if (report.event === "resumed") this.halted = null;
    if (report.event === "batch" || report.event === "failing") this.trace.push(report.event);
  }
}

function shuffle<T>(list: T[], random: Random): void {
  for (let at = list.length - 1; at > 0; at--) {
    const other = random.int(at + 1);
    [list[at], list[other]] = [list[other]!, list[at]!];
  }
}

/** Runs `scenario` on a clock of its own. */
export async function simulate(
  scenario: Scenario,
  play: (simulation: Simulation) => Promise<string[]> = chaos,
): Promise<Outcome> {
  const simulation = new Simulation(scenario);
  const { trace } = simulation;
  try {
    const wrong = await play(simulation);
    return {
      wrong,
      trace,
      crashes: simulation.crashes,
      moved: simulation.moved,
      contentBytes: simulation.contentBytes,
    };
  } finally {
    simulation.end();
  }
}

/** Work and faults, then quiet. */
async function chaos(simulation: Simulation): Promise<string[]> {
  const { time, random } = simulation;
  const { rates, steps } = simulation.scenario;
  await simulation.source.work(10 + random.int(20));
  void simulation.start();
  for (let step = 0; step < steps; step++) {
    simulation.happen(await simulation.source.work(1 + random.int(6)), rates);
    await time.advance(random.int(random.chance(0.2) ? 5_000 : 100));
    if (random.chance(0.8)) simulation.deliver();
    if (random.chance(rates.call / 4)) simulation.cutOff(random.int(20_000));
    await time.advance(random.int(random.chance(0.2) ? 5_000 : 100));
    const wrong = simulation.check();
    if (wrong.length > 0) return wrong;
    if (random.chance(rates.crash)) {
      simulation.crash();
      if (random.chance(0.5)) await simulation.source.work(1 + random.int(10));
      void simulation.start();
    }
  }
  simulation.rates = noFaults;
  simulation.cutOff(0);
  simulation.deliver();
  const isQuiet = await simulation.quiet();
  const wrong = [...simulation.check(), ...simulation.differences()];
  return isQuiet ? wrong : [`it never comes to rest`, ...wrong];
}
