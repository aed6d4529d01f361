/** What `watch` and `sync` are told about their output: checked, and the log file opened, before anything else. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { Fault, Faults } from "../core/fault.ts";
import { stateFolder } from "../ledger/location.ts";
import { LogFile } from "../system/log-file.ts";
import { type PidFileProblem, takePidFile } from "../system/pid-file.ts";
import type { Terminal } from "../system/terminal.ts";
import { type Arguments, hasFlag, textOf } from "./arguments.ts";
import type { Starter } from "./background.ts";
import { Lines, logFormats } from "./lines.ts";

/** How large the log file gets that nobody named; one more of this size is kept. */
const ownLogBytesMax = 10 * 1024 * 1024;

/** What cannot go together; null if nothing does. */
export function findOutputContradiction(args: Arguments): Fault | null {
  const has = (name: string) => hasFlag(args, name);
  if (has("verbose") && has("quiet"))
    return new Fault("usage", "--verbose and --quiet contradict each other");
  if (has("daemon") && has("dry-run"))
    return new Fault(
      "usage",
      "--daemon and --dry-run contradict each other",
      "what would be done is printed",
    );
  if (has("daemon") && has("json"))
    return new Fault(
      "usage",
      "--daemon and --json contradict each other: in the background there is no standard output",
      "--log-format json writes the same to the log file",
    );
  if (textOf(args, "log-format") !== null && logPath(args) === null)
    return new Fault(
      "usage",
      "--log-format is given without --log-file",
      "--json prints events on standard output",
    );
  return null;
}

/** The log file, absolute; null if there is none. In the background there is always one. */
export function logPath(args: Arguments): string | null {
  const named = textOf(args, "log-file");
  if (named !== null) return resolve(named);
  return hasFlag(args, "daemon") ? ownLogPath(args) : null;
}

/** Opens what the lines go to. What else is written by the second process (see background.ts) goes to its log, too. */
export function openLines(args: Arguments, terminal: Terminal, starter: Starter | null): Lines | Faults {
  const json = hasFlag(args, "json");
  const logFormat = logFormats.find((format) => format === textOf(args, "log-format")) ?? "text";
  const log = openLog(args, starter !== null);
  if (log instanceof Faults) return log;
  return new Lines({
    json,
    terminal,
    log,
    logFormat,
    ...(starter === null ? {} : { errors: starter.errors }),
  });
}

/** Writes the pid file, if one is wanted, or says why that cannot be. */
export function writePidFile(args: Arguments): Fault | null {
  const named = textOf(args, "pid-file");
  const problem = named === null ? null : takePidFile(resolve(named));
  return problem === null ? null : pidFileFault(named!, problem);
}

function openLog(args: Arguments, takesAll: boolean): LogFile | Faults | null {
  const path = logPath(args);
  if (path === null) return null;
  const isOwn = textOf(args, "log-file") === null;
  const isJson = textOf(args, "log-format") === "json";
  const log = LogFile.open(path, {
    takesAll,
    missing: (count, why) => missingLine(count, why, isJson),
    ...(isOwn ? { bytesMax: ownLogBytesMax, makeFolder: true } : {}),
  });
  if (typeof log !== "string") return log;
  const hint = isOwn ? "name another one with --log-file" : "check the path, and the rights of its folder";
  return new Faults([new Fault("usage", `cannot write to the log file ${path}: ${log}`, hint)]);
}

function missingLine(count: number, why: string, isJson: boolean): string {
  const time = new Date().toISOString();
  const reason = `${count} ${count === 1 ? "line is" : "lines are"} missing here: ${why}`;
  if (isJson) return JSON.stringify({ time, event: "warning", reason, hint: "" });
  return `${time} tsync: warning: ${reason}`;
}

/** The same for the same command line in the same directory, and another for each other one. */
function ownLogPath(args: Arguments): string {
  const config = textOf(args, "config");
  const words = [...(config === null ? [] : [config]), ...args.positionals];
  const key = JSON.stringify([process.cwd(), config, args.positionals]);
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 8);
  const readable = (words.join("-to-") || "tsync").replace(/[^A-Za-z0-9._-]+/g, "_").slice(0, 80);
  return join(stateFolder(process.env), "logs", `${readable}-${digest}.log`);
}

function pidFileFault(file: string, problem: PidFileProblem): Fault {
  if ("livePid" in problem)
    return new Fault(
      "locked",
      `another tsync (process ${problem.livePid}) has the pid file ${file}`,
      "stop it first, or name another file",
    );
  return new Fault("usage", `cannot use the pid file ${file}: ${problem.reason}`, "name another file");
}
