/** `tsync watch` and `tsync sync`: from checked arguments to running mirrors. */
import type { Settings } from "../config/options.ts";
import { Fault, Faults, isFault } from "../core/fault.ts";
import { dryRun } from "../engine/dry-run.ts";
import { Mirror } from "../engine/mirror.ts";
import { UserAsker } from "../ssh/auth/user-asker.ts";
import { lowerPriority, type Priority } from "../system/priority.ts";
import { onStopSignals } from "../system/signals.ts";
import { Terminal } from "../system/terminal.ts";
import { type Arguments, hasFlag } from "./arguments.ts";
import { checkPlaces } from "./check-places.ts";
import { exitCodes, exitOk, exitPartial } from "./exit-codes.ts";
import { mirrorSpecs } from "./mirror-spec.ts";
import { printPlan } from "./plan-printer.ts";
import { type Prepared, prepare, Resources, readWishes, type Wishes } from "./prepare.ts";
import { Printer } from "./printer.ts";

/** How long after a stop signal the connections are cut. */
const stopMaxMs = 2_000;

/** Runs `tsync watch` or `tsync sync`; returns the exit code. */
export async function mirrorCommand(once: boolean, args: Arguments): Promise<number> {
  const [verbose, quiet, json] = [hasFlag(args, "verbose"), hasFlag(args, "quiet"), hasFlag(args, "json")];
  const terminal = new Terminal();
  const printer = new Printer({ verbose, quiet, json, terminal });
  const asker = new UserAsker(terminal, (line) => printer.info(line), process.env);
  const resources = new Resources({
    dryRun: hasFlag(args, "dry-run"),
    warn: (reason, hint) => printer.report({ event: "warning", reason, hint }),
    asker,
  });
  const mirrors = verbose && quiet ? contradiction : await readMirrors(args, resources, printer);
  if (mirrors instanceof Faults) {
    await resources.close();
    return printer.faults(mirrors);
  }
  const code = hasFlag(args, "dry-run")
    ? await printPlans(mirrors, json)
    : await run(mirrors, once, { resources, printer, asker });
  await resources.close();
  return code;
}

const contradiction = new Faults([new Fault("usage", "--verbose and --quiet contradict each other")]);

/** Everything is checked, of all mirrors, before anything is made for one. */
export async function readMirrors(
  args: Arguments,
  resources: Resources,
  printer: Printer,
): Promise<readonly Prepared[] | Faults> {
  const specs = await mirrorSpecs(args, process.env);
  if (specs instanceof Faults) return specs;
  const places = checkPlaces(specs);
  if (places instanceof Faults) return places;
  const wishes: Wishes[][] = [];
  for (const [at, { targets }] of specs.entries()) {
    const read = targets.map(({ resolved }, to) => readWishes(resolved, places[at]!.destinations[to]!));
    const faults = read.filter(isFault);
    if (faults.length > 0) return new Faults(faults);
    wishes.push(read.filter((one): one is Wishes => !isFault(one)));
  }
  const settings = specs.flatMap(({ targets }) => targets.map(({ resolved }) => resolved.settings));
  for (const reason of lowerPriority(lowestPriority(settings)))
    printer.report({ event: "warning", reason, hint: "going on without it" });
  const mirrors: Prepared[] = [];
  for (const [at, spec] of specs.entries()) {
    const prepared = await prepare(spec, places[at]!, wishes[at]!, resources);
    if (isFault(prepared)) return new Faults([prepared]);
    mirrors.push(prepared);
  }
  return mirrors;
}

/** One process serves all mirrors: the lowest priority that any of them asks for. */
function lowestPriority(settings: readonly Settings[]): Priority {
  const nices = settings.flatMap(({ nice }) => (nice === undefined ? [] : [nice]));
  const disks = settings.map(({ ionice }) => ionice);
  return {
    nice: nices.length === 0 ? null : Math.max(...nices),
    disk: disks.includes("idle") ? "idle" : disks.includes("best-effort") ? "best-effort" : null,
  };
}

async function printPlans(mirrors: readonly Prepared[], json: boolean): Promise<number> {
  for (const { name, workers } of mirrors) {
    for (const worker of workers) {
      const mirror = json || mirrors.length > 1 ? name : null;
      printPlan(await dryRun(worker), { mirror, target: worker.name, json });
    }
  }
  return exitOk;
}

async function run(
  prepared: readonly Prepared[],
  once: boolean,
  { resources, printer, asker }: { resources: Resources; printer: Printer; asker: UserAsker },
): Promise<number> {
  const printers = prepared.map(({ name }) => printer.of(name, prepared.length > 1));
  const mirrors = prepared.map(
    (parts, at) => new Mirror({ ...parts, report: (report) => printers[at]!.report(report) }),
  );
  onStopSignals(() => {
    printer.info("stopping");
    for (const mirror of mirrors) mirror.stop();
    asker.stop();
    // A connection that is being made has no safe point to wait for.
    setTimeout(() => void resources.closeConnections(), stopMaxMs);
  });
  const ends = await Promise.all(mirrors.map((mirror) => (once ? mirror.sync() : mirror.watch())));
  const faults = ends.flatMap((end) => end.faults);
  for (const [at, end] of ends.entries()) {
    printers[at]!.flush();
    for (const fault of end.faults) printers[at]!.fault(fault);
  }
  if (faults.length > 0) return exitCodes[faults[0]!.code];
  return once && ends.some((end) => end.failing > 0) ? exitPartial : exitOk;
}
