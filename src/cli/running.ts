/** The mirrors of this process: starts them, steers them, and takes over another configuration while they run. */
import { createHash } from "node:crypto";
import packageJson from "../../package.json" with { type: "json" };
import type { Controlled, HostWanted } from "../control/controlled.ts";
import { RecentChanges } from "../control/recent-changes.ts";
import { Fault, Faults } from "../core/fault.ts";
import type { Path } from "../core/path.ts";
import { Mirror, type MirrorEnd } from "../engine/mirror.ts";
import type { Report } from "../engine/report.ts";
import type { ProgramStatus } from "../engine/status.ts";
import { exitCodes, exitOk, exitPartial } from "./exit-codes.ts";
import { MirrorHooks } from "./mirror-hooks.ts";
import type { Prepared, Resources } from "./prepare.ts";
import type { Printer } from "./printer.ts";
import { type MirrorRequest, prepareAll } from "./requests.ts";
import type { LiveView } from "./view/live-view.ts";
import { ProgressLog } from "./view/progress-log.ts";

/** What mirrors are run with. */
export interface RunningOptions {
  /** True if each is brought up to date once; else they are kept so. */
  readonly once: boolean;
  readonly printer: Printer;
  /** Shows what they are doing, where there is a terminal. */
  readonly view: LiveView | null;
  readonly resources: Resources;
  /** Reads again what is to be mirrored; null if there is no file that says so. */
  readonly read: (() => Promise<readonly MirrorRequest[] | Faults>) | null;
  /** Called when the program is to end. */
  readonly onStop: () => void;
  /** Gets what is reported of the mirror with this name. */
  readonly onReport: (mirror: string | null, report: Report) => void;
  /** Called when another configuration is taken over; `done` resolves when that is over. */
  readonly onReload: (done: Promise<unknown>) => void;
}

/** One mirror that runs. */
interface Running {
  readonly request: MirrorRequest;
  readonly prepared: Prepared;
  readonly mirror: Mirror;
  /** Ends the work at the next safe point, and its hooks soon. */
  readonly stop: () => void;
  /** When its hooks have ended, too. */
  readonly ended: Promise<MirrorEnd>;
}

/** See above. */
export class RunningMirrors implements Controlled {
  readonly recent = new RecentChanges();
  readonly #startedMs = Date.now();
  #running: readonly Running[] = [];
  #isStopping = false;
  #reloading: Promise<Fault | null> | null = null;
  #code = exitOk;
  /** What was broken off: told at the end, unless there is another reason for that. */
  #brokenOff: Fault | null = null;

  constructor(private readonly options: RunningOptions) {}

  get mirrors(): readonly Mirror[] {
    return this.#running.map(({ mirror }) => mirror);
  }

  status(): ProgramStatus {
    return {
      version: packageJson.version,
      pid: process.pid,
      startedMs: this.#startedMs,
      nowMs: Date.now(),
      mirrors: this.mirrors.map((mirror) => mirror.status()),
    };
  }

  async directories({ host, user, port, configFile }: HostWanted, path: Path): Promise<readonly Path[]> {
    const connected = await this.options.resources.connected(
      { host, ...(user === undefined ? {} : { user }) },
      { ...(port === undefined ? {} : { port }), ...(configFile === undefined ? {} : { configFile }) },
    );
    if (connected === null) return [];
    const { listDirectories } = await import("../target/list-directories.ts");
    return await listDirectories(connected, path);
  }

  /** Runs the mirrors until all have ended, or were told to; returns the exit code. */
  async run(requests: readonly MirrorRequest[], prepared: readonly Prepared[]): Promise<number> {
    this.#running = prepared.map((parts, at) => this.#start(requests[at]!, parts, prepared.length > 1));
    // A reload puts others in the place of those that it ends.
    for (let before: readonly Running[] | null = null; before !== this.#running; ) {
      before = this.#running;
      await Promise.all(before.map(({ ended }) => ended));
      await this.#reloading;
    }
    if (this.#code === exitOk && this.#brokenOff !== null) {
      this.options.printer.fault(this.#brokenOff);
      this.#code = exitCodes[this.#brokenOff.code];
    }
    return this.#code;
  }

  /** True if the work for a target does not advance any more. */
  get isStuck(): boolean {
    return this.mirrors.some((mirror) => mirror.isStuck);
  }

  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.options.printer.info("stopping");
    for (const { stop } of this.#running) stop();
    this.options.onStop();
  }

  /** Takes over the configuration as it is now. What is wrong with it is told, and the one before stays in force. */
  async reload(): Promise<Fault | null> {
    if (this.#reloading === null) {
      this.#reloading = this.#reload().finally(() => {
        this.#reloading = null;
      });
      this.options.onReload(this.#reloading);
    }
    return await this.#reloading;
  }

  async #reload(): Promise<Fault | null> {
    const { read, printer, resources } = this.options;
    if (read === null || this.#isStopping) {
      const reason = this.#isStopping ? "tsync is stopping" : "no configuration file is in use";
      return new Fault("usage", `nothing is read again: ${reason}`);
    }
    const requests = await read();
    if (requests instanceof Faults) return this.#refuse(requests);
    const kept = this.#running.filter(({ request }) => requests.some((one) => isSame(one, request)));
    const ended = this.#running.filter((one) => !kept.includes(one));
    const added = requests.filter((one) => !kept.some(({ request }) => isSame(one, request)));
    // What has the same ledger cannot run twice.
    for (const { stop } of ended) stop();
    await Promise.all(ended.map((one) => one.ended));
    for (const { prepared } of ended) resources.release(prepared);
    const prepared = await prepareAll(added, resources);
    if (prepared instanceof Faults) {
      this.#running = kept;
      return this.#refuse(prepared);
    }
    const several = kept.length + prepared.length > 1;
    this.#running = [...kept, ...prepared.map((parts, at) => this.#start(added[at]!, parts, several))];
    const counts = `${added.length} started, ${ended.length} ended, ${kept.length} as before`;
    printer.info(`configuration read again: ${counts}`);
    return null;
  }

  #refuse({ list }: Faults): Fault {
    for (const fault of list) this.options.printer.fault(fault);
    return list[0]!;
  }

  #start(request: MirrorRequest, prepared: Prepared, several: boolean): Running {
    const { once, printer, view, onReport } = this.options;
    const own = printer.of(prepared.name, several);
    const targets = prepared.workers.map(({ name }) => name);
    const shown = view?.add(several ? prepared.name : null, targets) ?? null;
    const log = shown ?? new ProgressLog((line) => own.info(line));
    const hooks = new MirrorHooks(prepared, (report) => own.report(report));
    const mirror = new Mirror({
      ...prepared,
      workers: prepared.workers.map((worker) => hooks.awaitedBy(worker)),
      report: (report) => {
        this.recent.take(mirror.name, report);
        own.report(report);
        log.report(report);
        onReport(prepared.name, report);
        hooks.report(report);
      },
    });
    const stop = () => {
      mirror.stop();
      hooks.stop();
    };
    const ended = (once ? mirror.sync() : mirror.watch()).then(async (end) => {
      own.flush();
      shown?.remove();
      const faults = end.faults.filter(({ code }) => code !== "interrupted");
      for (const fault of faults) own.fault(fault);
      if (this.#code === exitOk && faults.length > 0) this.#code = exitCodes[faults[0]!.code];
      if (faults.length < end.faults.length && this.#isStopping)
        this.#brokenOff ??= new Fault("interrupted", "stopped before the end");
      if (this.#code === exitOk && once && end.failing > 0) this.#code = exitPartial;
      await hooks.finish();
      return end;
    });
    return { request, prepared, mirror, stop, ended };
  }
}

/** The name of the control socket of a process that serves `prepared`: the same for the same mirrors. */
export function socketName(requests: readonly MirrorRequest[]): string {
  const places = requests.map(({ places: { source, destinations } }) => [
    source,
    destinations.map(({ name }) => name),
  ]);
  const hash = createHash("sha256").update(JSON.stringify(places)).digest("hex").slice(0, 8);
  const first = requests[0]!;
  const label = first.spec.name ?? first.places.source.split("/").at(-1) ?? "";
  return `${label.replaceAll(/[^\w.-]/g, "_").slice(0, 32)}-${hash}.sock`;
}

function hasFunctions({ spec, wishes }: MirrorRequest): boolean {
  return (
    spec.targets.some(({ resolved }) => resolved.filters.length > 0) ||
    wishes.some(({ hooks }) => hooks.some(({ run }) => typeof run === "function"))
  );
}

function isSame(a: MirrorRequest, b: MirrorRequest): boolean {
  // Functions cannot be compared.
  if ([a, b].some(hasFunctions)) return false;
  const facts = ({ spec, places, wishes }: MirrorRequest) => [
    spec.name,
    places,
    spec.targets.map(({ resolved }) => resolved.settings),
    wishes.map(({ selection }) => selection),
  ];
  return JSON.stringify(facts(a)) === JSON.stringify(facts(b));
}
