/** `tsync doctor`: connects to a host and says, as a checklist, what tsync finds there and how it could be better. */
import { parseDestination } from "../config/destination.ts";
import type { Settings } from "../config/options.ts";
import { environmentLayer } from "../config/settings.ts";
import { Fault, Faults, isFault } from "../core/fault.ts";
import type { Asker } from "../ssh/auth/asker.ts";
import { UserAsker } from "../ssh/auth/user-asker.ts";
import type { HostConfig, HostRequest } from "../ssh/config/config.ts";
import type { ConnectionFacts } from "../ssh/connection.ts";
import { Terminal } from "../system/terminal.ts";
import type { HostProbe } from "../target/probe.ts";
import { type Arguments, hasFlag } from "./arguments.ts";
import * as diagnosis from "./diagnosis.ts";
import { exitCodes, exitOk } from "./exit-codes.ts";
import { commandLineLayer, resolve } from "./mirror-spec.ts";
import { sshOptions } from "./prepare.ts";
import { Printer } from "./printer.ts";

/** Runs `tsync doctor`; returns the exit code: that of the first error. */
export async function doctorCommand(args: Arguments): Promise<number> {
  const json = hasFlag(args, "json");
  const terminal = new Terminal();
  const printer = new Printer({ verbose: false, quiet: false, json: false, terminal });
  const asker = new UserAsker(terminal, (line) => printer.info(line), process.env);
  const place = readPlace(args);
  const resolved = resolve([commandLineLayer(args), environmentLayer(process.env)]);
  const wrong = [place, resolved].filter(isFault);
  if (isFault(place) || isFault(resolved)) return printer.faults(new Faults(wrong));

  const findings: diagnosis.Diagnosis[] = [];
  const tell = (items: readonly diagnosis.Diagnosis[]) => {
    findings.push(...items);
    if (!json) for (const item of items) process.stdout.write(`${textLines(item)}\n`);
  };
  const { facts, fault } = await examine(place, resolved.settings, asker, tell);
  if (json) {
    const error = fault && { code: fault.code, message: fault.message, hint: fault.hint };
    process.stdout.write(`${JSON.stringify({ ...facts, findings, error })}\n`);
  }
  if (fault !== null) return printer.faults(new Faults([fault]));
  const bad = findings.find(({ level }) => level === "error");
  return bad === undefined ? exitOk : exitCodes[errorCodes[bad.what] ?? "target"];
}

/** All that was found, for programs; what could not be looked at is missing. */
interface Facts {
  configuration?: HostConfig;
  connection?: ConnectionFacts;
  host?: HostProbe;
}

/** Looks at one thing after the other, as far as it gets, and tells what each means. */
async function examine(
  place: HostRequest & { directory: string },
  settings: Settings,
  asker: Asker,
  tell: (items: readonly diagnosis.Diagnosis[]) => void,
): Promise<{ facts: Facts; fault: Fault | null }> {
  const { connect } = await import("../ssh/connect.ts");
  const { resolveHost } = await import("../ssh/config/config.ts");
  const { probeHost } = await import("../target/probe.ts");
  const facts: Facts = {};
  const configuration = await resolveHost(place, sshOptions(settings));
  if (isFault(configuration)) return { facts, fault: configuration };
  facts.configuration = configuration;
  tell(diagnosis.diagnoseConfig(configuration));
  const connection = await connect(configuration, { asker });
  if (isFault(connection)) return { facts, fault: connection };
  facts.connection = connection.facts;
  tell(diagnosis.diagnoseConnection(connection.facts));
  try {
    const rsync = settings["rsync-path"] ?? "rsync";
    const host = await probeHost(connection, { directory: place.directory, rsync });
    if (isFault(host)) {
      if (host.code !== "missing-program" || !connection.alive) return { facts, fault: host };
      tell([diagnosis.diagnoseNoShell(host.message)]);
      return { facts, fault: null };
    }
    facts.host = host;
    tell(diagnosis.diagnoseHost(host, await versionHere(settings.rsync ?? "rsync"), connection.facts.server));
    return { facts, fault: null };
  } finally {
    connection.close();
  }
}

/** What an error about something means for the exit code. */
const errorCodes: Readonly<Record<string, Fault["code"]>> = {
  "rsync here": "missing-program",
  "rsync there": "missing-program",
};

/** The host, and the directory there; without one, the home directory. */
function readPlace({ positionals }: Arguments) {
  const [text, ...more] = positionals;
  const usage = "tsync doctor [USER@]HOST:PATH";
  if (text === undefined) return new Fault("usage", "HOST:PATH is missing", usage);
  if (more.length > 0) return new Fault("usage", "the doctor sees one host at a time", usage);
  const destination = parseDestination(text);
  if (isFault(destination)) return destination;
  if (destination.kind === "ssh") return { ...destination, directory: destination.path ?? "" };
  const what = destination.kind === "local" ? "a directory here" : "an rsync daemon";
  return new Fault(
    "usage",
    `${text} is ${what}; the doctor sees hosts that are reached through ssh`,
    "tsync check SRC DEST looks at any target",
  );
}

/** The version of the rsync that `program` is; empty if there is none. */
async function versionHere(program: string): Promise<string> {
  if (Bun.which(program) === null) return "";
  const child = Bun.spawn([program, "--version"], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  return /version v?(\d[\w.]*)/.exec(await child.stdout.text())?.[1] ?? "unknown";
}

/** `ok       round trip      12 ms`, and the advice indented below it. */
function textLines({ level, what, found, advice }: diagnosis.Diagnosis): string {
  const line = `${level.padEnd(9)}${what.padEnd(16)}${found}`;
  return advice === "" ? line : `${line}\n${" ".repeat(25)}${advice}`;
}
