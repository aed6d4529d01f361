/** `tsync verify`: says how targets differ from their sources, and mends that if it is told to. */
import type { Finding } from "../core/drift.ts";
import { Fault, Faults, isFault } from "../core/fault.ts";
import { display } from "../core/path.ts";
import { type DeleteMode, deleteModeOf } from "../core/plan.ts";
import { Mirror, type MirrorEnd } from "../engine/mirror.ts";
import { type Verified, verify } from "../engine/verify.ts";
import { UserAsker } from "../ssh/auth/user-asker.ts";
import { onStopSignals } from "../system/signals.ts";
import { Terminal } from "../system/terminal.ts";
import { type Arguments, hasFlag } from "./arguments.ts";
import { driftLine, driftObject } from "./drift-printer.ts";
import { exitCodes, exitDifferent, exitOk, exitPartial } from "./exit-codes.ts";
import { type Prepared, Resources } from "./prepare.ts";
import { Printer } from "./printer.ts";
import { readMirrors } from "./requests.ts";

/** How often a repair is tried: what is in the way of something is removed after all else. */
const repairsMax = 2;

/** How a mirror is compared. */
interface Job {
  readonly repair: boolean;
  readonly json: boolean;
  /** The mirror's name in the configuration file. */
  readonly mirror: string | null;
  /** True if more than one target is compared. */
  readonly isOneOfMany: boolean;
  /** Says what a stop signal does from now on. */
  readonly onStop: (how: () => void) => void;
}

/** What only looks ends at once. */
const endAtOnce = () => process.exit(exitCodes.interrupted);

/** Runs `tsync verify`; returns the exit code. */
export async function verifyCommand(args: Arguments): Promise<number> {
  const [repair, json] = [hasFlag(args, "repair"), hasFlag(args, "json")];
  const terminal = new Terminal();
  const printer = new Printer({ verbose: false, quiet: hasFlag(args, "quiet"), json, terminal });
  const resources = new Resources({
    dryRun: !repair,
    warn: (reason, hint) => printer.report({ event: "warning", reason, hint }),
    asker: new UserAsker(terminal, (line) => printer.info(line), process.env),
    mayMake: false,
  });
  const mirrors = await readMirrors(args, resources, printer);
  if (mirrors instanceof Faults) {
    await resources.close();
    return printer.faults(new Faults(mirrors.list.map(withWayOut)));
  }
  let stop: () => void = endAtOnce;
  onStopSignals(() => stop());
  const onStop = (how: () => void) => {
    stop = how;
  };
  const targets = mirrors.flatMap(({ workers }) => workers);
  const opaque = targets.filter(({ target }) => target.isOpaque === true).map(cannotVerify);
  if (opaque.length === targets.length) {
    await resources.close();
    return printer.faults(new Faults(opaque));
  }
  for (const { message, hint } of opaque) printer.report({ event: "warning", reason: message, hint });
  const isOneOfMany = targets.length > 1;
  const codes: number[] = opaque.length > 0 ? [exitPartial] : [];
  for (const mirror of mirrors.map(withoutOpaque)) {
    const own = printer.of(mirror.name, mirrors.length > 1);
    const job = { repair, json, isOneOfMany, mirror: mirror.name, onStop };
    codes.push(await verifyMirror(mirror, job, own));
  }
  await resources.close();
  return worst(codes);
}

function cannotVerify({ name }: Prepared["workers"][number]): Fault {
  const hint = "the ledger holds what it has acknowledged; all else only the command knows";
  return new Fault(
    "usage",
    `${name} cannot be verified: a command keeps it, and nobody else can look at it`,
    hint,
  );
}

/** What of `mirror` can be compared. */
function withoutOpaque(mirror: Prepared): Prepared {
  const isSeen = mirror.workers.map(({ target }) => target.isOpaque !== true);
  const workers = mirror.workers.filter((_, at) => isSeen[at]);
  return { ...mirror, workers, inUse: mirror.inUse.filter((_, at) => isSeen[at]) };
}

/** Says what to do where another tsync has the mirror. */
function withWayOut(fault: Fault): Fault {
  if (fault.code !== "locked") return fault;
  return new Fault(
    "locked",
    fault.message,
    "leave out --repair to only look, start that one with --verify-every to have it repair as it goes, or stop it first",
  );
}

/** What went wrong is worse than any difference. */
function worst(codes: readonly number[]): number {
  const wrong = codes.find((code) => code > exitDifferent);
  return wrong ?? [exitDifferent, exitPartial].find((code) => codes.includes(code)) ?? exitOk;
}

async function verifyMirror(mirror: Prepared, job: Job, printer: Printer): Promise<number> {
  const codes: number[] = [];
  const compared: Prepared["workers"][number][] = [];
  let extras = 0;
  for (const [at, worker] of mirror.workers.entries()) {
    const startMs = performance.now();
    const result = await verify(worker, {
      isLive: mirror.inUse[at]! && !job.repair,
      learn: job.repair,
      found: (finding) => printFinding(finding, worker.name, job),
      unreadable: (path, reason) =>
        printer.report({ event: "warning", reason: `${worker.name}: ${display(path)}: ${reason}`, hint: "" }),
    });
    if (isFault(result)) {
      printer.fault(new Fault(result.code, `${worker.name}: ${result.message}`, result.hint));
      codes.push(exitCodes[result.code]);
      continue;
    }
    compared.push(worker);
    report(result, worker.name, Math.round(performance.now() - startMs), printer);
    codes.push(codeOf(result, job.repair));
    extras += leftBy(deleteModeOf(worker.delete, false), result);
  }
  if (job.repair && compared.length > 0) {
    codes.push(await repair({ source: mirror.source, workers: compared }, job.onStop, printer));
    if (extras > 0) codes.push(exitDifferent);
  }
  await Promise.all(mirror.workers.map(({ target }) => target.close()));
  return worst(codes);
}

/** With a repair, what can be mended counts no longer. */
function codeOf(result: Verified, repair: boolean): number {
  if (!repair && result.missing + result.different + result.extra > 0) return exitDifferent;
  return result.unreadable > 0 ? exitPartial : exitOk;
}

/** How much that is extra stays after a repair. */
function leftBy(mode: DeleteMode, { extra, foreign }: Verified): number {
  return mode === "exact" ? 0 : mode === "never" ? extra : foreign;
}

function report(result: Verified, target: string, elapsedMs: number, printer: Printer): void {
  const { changing, foreign: _, ...counts } = result;
  if (changing > 0) {
    const reason = `${target}: ${changing} changed whenever they were compared`;
    printer.report({ event: "warning", reason, hint: "nothing is said of them" });
  }
  printer.report({ event: "verified", target, elapsedMs, ...counts });
}

function printFinding(finding: Finding, target: string, job: Job): void {
  const { json, mirror, isOneOfMany } = job;
  const of = mirror === null ? { target } : { mirror, target };
  const line = json
    ? JSON.stringify({ event: "drift", ...of, ...driftObject(finding) })
    : `${isOneOfMany ? `${target}  ` : ""}${driftLine(finding)}`;
  process.stdout.write(`${line}\n`);
}

/** Has the engine do what it would do at a start, with all that the ledgers have learnt. */
async function repair(
  { source, workers }: Pick<Prepared, "source" | "workers">,
  onStop: Job["onStop"],
  printer: Printer,
): Promise<number> {
  // The ledgers know better than to take anything for held.
  const parts = { name: null, source, workers: workers.map((worker) => ({ ...worker, initialSync: true })) };
  let end: MirrorEnd = { faults: [], failing: 0 };
  for (let tries = 0; tries < repairsMax; tries++) {
    const work = new Mirror({ ...parts, report: (event) => printer.report(event) });
    onStop(() => work.stop());
    end = await work.sync();
    onStop(endAtOnce);
    if (end.faults.length > 0 || end.failing === 0) break;
  }
  for (const fault of end.faults) printer.fault(fault);
  if (end.faults.length > 0) return exitCodes[end.faults[0]!.code];
  return end.failing > 0 ? exitPartial : exitOk;
}
