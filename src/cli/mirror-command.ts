/** `tsync watch` and `tsync sync`: from checked arguments to running mirrors. */
import { dirname, join, resolve } from "node:path";
import { makeRuntimeFolder, runtimeFolder } from "../control/runtime-folder.ts";
import type { ControlServer } from "../control/server.ts";
import { Fault, Faults, isFault } from "../core/fault.ts";
import { dryRun } from "../engine/dry-run.ts";
import { UserAsker } from "../ssh/auth/user-asker.ts";
import { onStopSignals } from "../system/signals.ts";
import { Terminal } from "../system/terminal.ts";
import { type Arguments, hasFlag, textOf } from "./arguments.ts";
import { exitOk } from "./exit-codes.ts";
import { printPlan } from "./plan-printer.ts";
import { type Prepared, Resources } from "./prepare.ts";
import { Printer } from "./printer.ts";
import { type MirrorRequest, prepareAll, readRequests, takePriority } from "./requests.ts";
import { RunningMirrors, socketName } from "./running.ts";

/** How long after a stop signal the connections are cut. */
const stopMaxMs = 2_000;

/** Runs `tsync watch` or `tsync sync`; returns the exit code. */
export async function mirrorCommand(once: boolean, args: Arguments): Promise<number> {
  const [verbose, quiet, json] = [hasFlag(args, "verbose"), hasFlag(args, "quiet"), hasFlag(args, "json")];
  const terminal = new Terminal();
  const printer = new Printer({ verbose, quiet, json, terminal });
  if (verbose && quiet) return printer.faults(contradiction);
  const requests = await readRequests(args);
  if (requests instanceof Faults) return printer.faults(requests);
  takePriority(requests, printer);
  const asker = new UserAsker(terminal, (line) => printer.info(line), process.env);
  const resources = new Resources({
    dryRun: hasFlag(args, "dry-run"),
    warn: (reason, hint) => printer.report({ event: "warning", reason, hint }),
    asker,
  });
  const mirrors = await prepareAll(requests, resources);
  const code =
    mirrors instanceof Faults
      ? printer.faults(mirrors)
      : hasFlag(args, "dry-run")
        ? await printPlans(mirrors, json)
        : await run(requests, mirrors, { once, args, resources, printer, asker });
  await resources.close();
  return code;
}

const contradiction = new Faults([new Fault("usage", "--verbose and --quiet contradict each other")]);

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
interface Shared {
  readonly once: boolean;
  readonly args: Arguments;
  readonly resources: Resources;
  readonly printer: Printer;
  readonly asker: UserAsker;
}

async function run(
  requests: readonly MirrorRequest[],
  prepared: readonly Prepared[],
  { once, args, resources, printer, asker }: Shared,
): Promise<number> {
  const hasFile = requests.some(({ spec }) => spec.name !== null);
  const running = new RunningMirrors({
    once,
    printer,
    resources,
    read: hasFile && !once ? () => readRequests(args) : null,
    onStop: () => {
      asker.stop();
      // A connection that is being made has no safe point to wait for.
      setTimeout(() => void resources.closeConnections(), stopMaxMs);
    },
  });
  const control = await openControl(requests, running, textOf(args, "socket"), printer);
  if (isFault(control)) return printer.faults(new Faults([control]));
  onStopSignals(() => running.stop(), hasFile && !once ? () => void running.reload() : null);
  const code = await running.run(requests, prepared);
  control?.stop();
  return code;
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
