/** Asks OpenSSH itself (`ssh -G`) what the configuration says, so that everything works as it does for ssh. */
import { Fault, isFault } from "../../core/fault.ts";
import type { HostAnswer, HostQuery } from "./config.ts";
import { runProgram } from "./run-program.ts";
import { readSettings } from "./settings.ts";

const systemConfigFile = "/etc/ssh/ssh_config";

/** Faults: "usage" (what ssh does not accept), "missing-program" (no ssh, or another one), "connection" (a hang). */
export async function askOpenSsh(query: HostQuery): Promise<HostAnswer | Fault> {
  const { host } = query;
  const version = await runProgram(["ssh", "-V"]);
  if (isFault(version)) return version;
  // Dropbear's client would not know -G, and connect.
  if (!version.stderr.includes("OpenSSH")) return new Fault("missing-program", "ssh is not that of OpenSSH");
  const [answer, bare] = await Promise.all([printConfig(query), printConfig({ host, configFile: "none" })]);
  if (isFault(answer)) return answer;
  if (isFault(bare)) return bare;
  const defaults = new Map(readSettings(bare));
  // Systems switch this one on for everybody: a warning would be about nobody's wish.
  const gssapi = "gssapiauthentication";
  if (query.configFile === undefined && readSettings(answer).get(gssapi)?.[0] === "yes") {
    const system = await printConfig({ host, configFile: systemConfigFile });
    if (!isFault(system)) defaults.set(gssapi, readSettings(system).get(gssapi) ?? []);
  }
  return { text: answer, defaults, warnings: [] };
}

async function printConfig(query: HostQuery): Promise<string | Fault> {
  const result = await runProgram(["ssh", "-G", ...flagsOf(query), "--", query.host]);
  if (isFault(result)) return result;
  const complaint = result.stderr.trim();
  if (result.code !== 0)
    return new Fault("usage", `ssh cannot resolve the host "${query.host}": ${complaint}`);
  const missingKey = /Identity file .* not accessible.*/.exec(complaint);
  return missingKey === null ? result.stdout : new Fault("usage", missingKey[0].replace(/\.$/, ""));
}

/** The command line that connects to the host, for a shell. */
export function commandLine(query: HostQuery): string {
  return ["ssh", ...flagsOf(query), query.host].map(quoteForShell).join(" ");
}

/** The options of ssh for what `query` says besides the host. */
export function flagsOf({ configFile, identityFiles = [], port, user, jump }: HostQuery): string[] {
  return [
    ...(configFile === undefined ? [] : ["-F", configFile]),
    ...identityFiles.flatMap((file) => ["-i", file]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(jump === undefined ? [] : ["-J", jump]),
  ];
}

function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
