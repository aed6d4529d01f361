/** `tsync watch` and `tsync sync`: from checked arguments to running mirrors. */
import { dirname, join, resolve } from "node:path";
import { makeRuntimeFolder, runtimeFolder } from "../control/runtime-folder.ts";
import type { ControlServer } from "../control/server.ts";
import { type Fault, Faults, isFault } from "../core/fault.ts";
import { dryRun } from "../engine/dry-run.ts";
import { UserAsker } from "../ssh/auth/user-asker.ts";
import { onStopSignals } from "../system/signals.ts";
import { Terminal } from "../system/terminal.ts";
import { type Arguments, hasFlag, isOn, textOf } from "./arguments.ts";
import { Starter } from "./background.ts";
import { daemonCommand } from "./daemon-command.ts";
import { exitOk } from "./exit-codes.ts";
import { findLogInSource } from "./log-in-source.ts";
import { Monitor } from "./monitor.ts";
import { Onlookers, type OnlookersOptions } from "./onlookers.ts";
import { printPlan } from "./plan-printer.ts";
import { type Prepared, Resources } from "./prepare.ts";
import { Printer } from "./printer.ts";
import { type MirrorRequest, prepareAll, readRequests, takePriority } from "./requests.ts";
import { findOutputContradiction, logPath, openLines, writePidFile } from "./run-output.ts";
import { RunningMirrors, socketName } from "./running.ts";
import { canShowView, LiveView } from "./view/live-view.ts";

/** How long after a stop signal the connections are cut. */
const stopMaxMs = 2_000;

/** Runs `tsync watch` or `tsync sync`; returns the exit code. */
export async function mirrorCommand(once: boolean, args: Arguments): Promise<number> {
  const [verbose, quiet, json] = [hasFlag(args, "verbose"), hasFlag(args, "quiet"), hasFlag(args, "json")];
  const wishes = { verbose, quiet, json };
  const contradiction = findOutputContradiction(args);
  if (contradiction !== null) return new Printer(wishes).faults(new Faults([contradiction]));
  const starter = Starter.find(process.env);
  const terminal = new Terminal();
  const lines = openLines(args, terminal, starter);
  if (lines instanceof Faults) return new Printer(wishes).faults(lines);
  if (hasFlag(args, "daemon") && starter === null)
    return await daemonCommand(logPath(args)!, new Printer(wishes));
  const printer = new Printer({ ...wishes, lines });
  // Whoever rotates logs may signal a tsync that has none, too.
  process.on("SIGUSR1", () => {
    const problem = lines.reopenLog();
    if (problem !== null)
      printer.report({ event: "warning", reason: problem, hint: "the old one is used on" });
  });
  const unwritten = writePidFile(args);
  if (unwritten !== null) return printer.faults(new Faults([unwritten]));
  const requests = await readRequests(args);
  if (requests instanceof Faults) return printer.faults(requests);
  takePriority(requests, printer);
  const asker = new UserAsker(terminal, (line) => printer.info(line), process.env);
  const resources = new Resources({
    dryRun: hasFlag(args, "dry-run"),
    warn: (reason, hint) => printer.report({ event: "warning", reason, hint }),
    asker,
    say: (mirror, target, line) =>
      printer.of(mirror, requests.length > 1).report({ event: "said", target, line }),
  });
  const monitor = new Monitor();
  const prepared = (await monitor.listen(args)) ?? (await prepareAll(requests, resources));
  const endless = prepared instanceof Faults ? null : findLogInSource(logPath(args), prepared);
  const mirrors = endless === null ? prepared : new Faults([endless]);
  const code =
    mirrors instanceof Faults
      ? printer.faults(mirrors)
      : hasFlag(args, "dry-run")
        ? await printPlans(mirrors, json)
        : await run(requests, mirrors, {
            once,
            args,
            resources,
            printer,
            lines,
            starter,
            asker,
            terminal,
            monitor,
          });
  monitor.close();
  await resources.close();
  return code;
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

/** What the mirrors of one process share. */
interface Shared extends OnlookersOptions {
  readonly once: boolean;
  readonly args: Arguments;
  readonly resources: Resources;
  readonly asker: UserAsker;
  readonly terminal: Terminal;
  readonly monitor: Monitor;
}

async function run(
  requests: readonly MirrorRequest[],
  prepared: readonly Prepared[],
  shared: Shared,
): Promise<number> {
  const { once, args, resources, printer, lines, asker, terminal } = shared;
  const onlookers = once ? null : new Onlookers(prepared, shared);
  const hasFile = requests.some(({ spec }) => spec.name !== null);
  const view = shared.starter === null && wantsView(args) ? new LiveView(terminal, process.env) : null;
  const running = new RunningMirrors({
    once,
    view,
    printer,
    resources,
    read: hasFile && !once ? () => readRequests(args) : null,
    onReport: (mirror, report) => onlookers?.report(mirror, report),
    onReload: (done) => onlookers?.reloading(done),
    onStop: () => {
      onlookers?.stopping();
      asker.stop();
      // A connection that is being made has no safe point to wait for.
      setTimeout(() => void resources.closeConnections(), stopMaxMs);
    },
  });
  const control = await openControl(requests, running, textOf(args, "socket"), printer);
  if (isFault(control)) {
    view?.close();
    return printer.faults(new Faults([control]));
  }
  const reload = hasFile && !once ? () => void running.reload() : null;
  onStopSignals(
    () => running.stop(),
    reload,
    () => lines.hasTerminal,
  );
  shared.monitor.show(() => running.status());
  for (const place of shared.monitor.places) printer.info(place);
  onlookers?.begin(running);
  // (A bug must not leave half of it on the terminal.)
  const code = await running.run(requests, prepared).finally(() => view?.close());
  control?.stop();
  return code;
}

/** True if there is to be a live view. */
function wantsView(args: Arguments): boolean {
  const hasLines = !hasFlag(args, "quiet") && !hasFlag(args, "json");
  return hasLines && isOn(args, "view") && canShowView(process.env);
}

/** Opens the control socket; null if there is to be none, or it cannot be made where nobody asked for it. */
async function openControl(
  requests: readonly MirrorRequest[],
  running: RunningMirrors,
  wanted: string | null,
  printer: Printer,
): Promise<ControlServer | null | Fault> {
  if (wanted === "none") return null;
  const { serveControl } = await import("../control/server.ts");
  if (wanted !== null) return await serveControl(resolve(wanted), running);
  const socket = join(runtimeFolder(process.env), socketName(requests));
  const served = makeRuntimeFolder(dirname(socket)) ?? (await serveControl(socket, running));
  if (!isFault(served) || served.code === "locked") return served;
  const { message: reason, hint } = served;
  printer.report({ event: "warning", reason, hint: hint || "going on without it: tsync status cannot tell" });
  return null;
}
