/** `tsync watch` and `tsync sync`: from checked arguments to a running mirror. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { type Destination, parseDestination } from "../config/destination.ts";
import { parseDurationMs } from "../config/duration.ts";
import { destinationFor, parseSource, type WrittenSource } from "../config/source.ts";
import { Fault, isFault } from "../core/fault.ts";
import { fromText, root } from "../core/path.ts";
import type { DeleteMode } from "../core/plan.ts";
import { dryRun } from "../engine/dry-run.ts";
import { Mirror } from "../engine/mirror.ts";
import type { WorkerOptions } from "../engine/worker.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger, readLedger, stateFolder } from "../ledger/location.ts";
import type { SshOptions } from "../ssh/config.ts";
import { ConnectionPool } from "../ssh/pool.ts";
import { onStopSignals } from "../system/signals.ts";
import { daemonTarget } from "../target/daemon.ts";
import { LocalTarget } from "../target/local.ts";
import { SshTarget } from "../target/ssh.ts";
import type { Target } from "../target/target.ts";
import { Source } from "../watch/source.ts";
import type { Arguments } from "./arguments.ts";
import { exitCodes, exitOk, exitPartial } from "./exit-codes.ts";
import { findPassword } from "./password.ts";
import { printPlan } from "./plan-printer.ts";
import { Printer } from "./printer.ts";

/** How long after a stop signal the connections are cut. */
const stopMaxMs = 2_000;

/** How long a path that never goes quiet waits at most. */
const delayMaxMs = 1_000;

/** Runs `tsync watch` or `tsync sync`; returns the exit code. */
export async function mirrorCommand(once: boolean, args: Arguments): Promise<number> {
  const flag = (name: string) => args.options.has(name);
  const value = (name: string) => args.options.get(name)?.[0] as string | undefined;
  const printer = new Printer({ verbose: flag("verbose"), quiet: flag("quiet"), json: flag("json") });
  const fail = (fault: Fault) => {
    printer.fault(fault);
    return exitCodes[fault.code];
  };

  const settleMs = parseDurationMs(value("settle") ?? "10ms");
  if (settleMs === null)
    return fail(new Fault("usage", `--settle is "${value("settle")}"`, "use a time like 10ms or 2s"));
  if (flag("verbose") && flag("quiet"))
    return fail(new Fault("usage", "--verbose and --quiet contradict each other"));
  const ssh = sshOptions(args);
  if (isFault(ssh)) return fail(ssh);
  const [sourceText, ...destinationTexts] = args.positionals;
  if (sourceText === undefined)
    return fail(new Fault("usage", "SRC and DEST are missing", "see tsync --help"));
  if (destinationTexts.length === 0) return fail(new Fault("usage", "DEST is missing", "see tsync --help"));
  const written = parseSource(sourceText);
  if (isFault(written)) return fail(written);
  const sourcePath = checkSource(written.path);
  if (isFault(sourcePath)) return fail(sourcePath);
  const destinations = checkDestinations(destinationTexts, written, sourcePath);
  if (isFault(destinations)) return fail(destinations);
  const password = findPassword(value("password-file"), process.env);
  if (isFault(password)) return fail(password);

  const source = new Source(sourcePath === "/" ? "" : fromText(sourcePath));
  const mode = (value("delete") ?? "tracked") as DeleteMode;
  const state = stateFolder(process.env);
  const open = flag("dry-run") ? readLedger : openLedger;
  const ledgers: Ledger[] = [];
  const release = () => {
    for (const ledger of ledgers) ledger.close();
  };
  for (const destination of destinations) {
    const ledger = open(state, sourcePath, ledgerName(destination, ssh));
    if (isFault(ledger)) {
      release();
      return fail(ledger);
    }
    ledgers.push(ledger);
  }
  if (flag("dry-run")) {
    for (const [at, { name, kind }] of destinations.entries()) {
      printPlan(await dryRun(source, ledgers[at]!, mode, kind !== "daemon"), name, flag("json"));
    }
    release();
    return exitOk;
  }

  const pool = new ConnectionPool(ssh);
  const workers = destinations.map(
    (destination, at): Omit<WorkerOptions, "source" | "report" | "barrier" | "rewatch"> => ({
      name: destination.name,
      ledger: ledgers[at]!,
      target: makeTarget(destination, { pool, password, base: source.base, mode }),
      delete: mode,
      acceptDeletes: flag("accept-deletes"),
      settleMs,
      delayMaxMs: Math.max(delayMaxMs, settleMs),
    }),
  );
  const mirror = new Mirror({ source, workers, report: (report) => printer.report(report) });
  onStopSignals(() => {
    printer.info("stopping");
    mirror.stop();
    // A connection that is being made has no safe point to wait for.
    setTimeout(() => void pool.closeAll(), stopMaxMs);
  });
  const end = once ? await mirror.sync() : await mirror.watch();
  await pool.closeAll();
  release();
  for (const fault of end.faults) printer.fault(fault);
  if (end.faults.length > 0) return exitCodes[end.faults[0]!.code];
  return once && end.failing > 0 ? exitPartial : exitOk;
}

function makeTarget(
  destination: Destination,
  by: { pool: ConnectionPool; password: string; base: string; mode: DeleteMode },
): Target {
  const { base } = by;
  const [mayReplace, mustList] = [by.mode !== "never", by.mode === "exact"];
  if (destination.kind === "local") return new LocalTarget(fromText(destination.path), base, mayReplace);
  const { path: directory, ...where } = destination;
  if (where.kind === "ssh")
    return new SshTarget(by.pool, { host: where, directory, base, mayReplace, mustList });
  return daemonTarget({ ...where, directory, password: by.password, base, mayReplace, mustList });
}

/** What tells one target from another in the ledger's name. */
function ledgerName(destination: Destination, ssh: SshOptions): string {
  if (destination.kind === "local") return destination.path;
  const portNumber = destination.port ?? (destination.kind === "ssh" ? ssh.port : undefined);
  const port = portNumber === undefined ? "" : `:${portNumber}`;
  const user = destination.user === undefined ? "" : `${destination.user}@`;
  if (destination.kind === "ssh") return `ssh://${user}${destination.host}${port}/${destination.path}`;
  return `rsync://${user}${destination.host}${port}/${destination.module}/${destination.path}`;
}

function sshOptions(args: Arguments): SshOptions | Fault {
  const [configFile] = (args.options.get("ssh-config") ?? []) as string[];
  const [port] = (args.options.get("port") ?? []) as string[];
  const identityFiles = (args.options.get("identity") ?? []) as string[];
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536)) {
    return new Fault("usage", `--port is "${port}"`, "use a number from 1 to 65535");
  }
  return {
    ...(configFile === undefined ? {} : { configFile }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(identityFiles.length === 0 ? {} : { identityFiles }),
  };
}

/** The real path of the source, or what is wrong with it. */
function checkSource(text: string): string | Fault {
  let path: string;
  try {
    path = realpathSync(text);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "ENOENT")
      return new Fault("source", `the source ${text} does not exist`, "check the path, or mount it");
    return new Fault("source", `cannot read the source ${text}: ${(error as Error).message}`);
  }
  const source = new Source(fromText(path === "/" ? "" : path));
  if (source.look(root)?.kind !== "directory") {
    return new Fault(
      "source",
      `the source ${text} is not a directory`,
      "tsync mirrors directories; give the one that holds it",
    );
  }
  const listing = source.list(root);
  if (listing === null) return new Fault("source", `the source ${text} does not exist`);
  if (!Array.isArray(listing)) return new Fault("source", `cannot list the source ${text}: ${listing.link}`);
  return path;
}

function checkDestinations(
  texts: readonly string[],
  source: WrittenSource,
  sourcePath: string,
): Destination[] | Fault {
  const found: Destination[] = [];
  for (const text of texts) {
    const written = parseDestination(text);
    if (isFault(written)) return written;
    const parsed = destinationFor(written, source, resolve(source.path));
    const destination =
      parsed.kind === "local" ? { ...parsed, path: realPathOf(resolve(parsed.path)) } : parsed;
    if (destination.kind === "local") {
      if (destination.path === sourcePath)
        return new Fault("usage", `SRC and DEST are the same directory (${text})`);
      if (isInside(destination.path, sourcePath)) {
        return new Fault(
          "usage",
          `the destination ${text} is inside the source`,
          "it would mirror itself; choose another place",
        );
      }
      if (isInside(sourcePath, destination.path)) {
        return new Fault("usage", `the source is inside the destination ${text}`, "choose another place");
      }
    }
    const same = found.find((other) => sameTarget(other, destination));
    if (same !== undefined) return new Fault("usage", `the destination ${text} is given twice`);
    found.push(destination);
  }
  return found;
}

function sameTarget(a: Destination, b: Destination): boolean {
  return a.kind === b.kind && ledgerName(a, {}) === ledgerName(b, {});
}

/** The real path of what exists of `path`, with the rest as it is. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const slash = path.lastIndexOf("/");
    return slash <= 0 ? path : `${realPathOf(path.slice(0, slash))}${path.slice(slash)}`;
  }
}

function isInside(path: string, directory: string): boolean {
  return path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
