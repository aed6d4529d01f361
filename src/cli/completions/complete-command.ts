/**
 * `tsync __complete KIND WORD [LINE…]`: what the completion scripts ask for while somebody types. WORD is what is to be
 * completed, LINE the words before it, both without quotes. Prints candidates for the whole of WORD, one a line; nothing
 * if anything goes wrong, and never an error: it would stand in the middle of what is typed.
 */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { parseDestination } from "../../config/destination.ts";
import { ask, listInstances, socketsIn } from "../../control/client.ts";
import { runtimeFolder } from "../../control/runtime-folder.ts";
import { Faults, isFault } from "../../core/fault.ts";
import { fromText, toText } from "../../core/path.ts";
import type { HostQuery } from "../../ssh/config/config.ts";
import { hostNames } from "../../ssh/host-names.ts";
import { listThroughMaster } from "../../target/list-directories.ts";
import { namedConfig } from "../config-file.ts";
import { exitOk } from "../exit-codes.ts";

/** Nobody waits longer for a key to do something. */
const waitMaxMs = 1_000;
/** How long somebody else may take to answer, so that there is time left to print it. */
const answerMaxMs = 900;
const candidatesMax = 1_000;

type Finder = (word: string, line: readonly string[], signal: AbortSignal) => Promise<readonly string[]>;

const finders: Readonly<Record<string, Finder>> = { hosts, directories, mirrors };

/** Runs it; returns the exit code, which says nothing. */
export async function completeCommand([kind = "", word = "", ...line]: readonly string[]): Promise<number> {
  setTimeout(() => process.exit(exitOk), waitMaxMs);
  const find = Object.hasOwn(finders, kind) ? finders[kind]! : null;
  if (find === null) return exitOk;
  const found = await find(word, line, AbortSignal.timeout(answerMaxMs)).catch(() => []);
  const fitting = found.filter(
    (candidate) => candidate.startsWith(word) && !/[\0-\x1f\x7f\ufffd]/.test(candidate),
  );
  process.stdout.write(
    fitting
      .slice(0, candidatesMax)
      .map((candidate) => `${candidate}\n`)
      .join(""),
  );
  return exitOk;
}

/** `host:` for each host that is known by name; a `user@` in front stays. */
async function hosts(word: string, line: readonly string[]): Promise<readonly string[]> {
  const user = /^[^@:/]+@/.exec(word)?.[0] ?? "";
  const names = await hostNames(givenIn(line, "ssh-config", "F"));
  return names.map((name) => `${user}${name}:`);
}

/**
 * `host:path/` for the directories there whose path begins with what is typed, if a connection is at hand: one of a
 * running tsync, or that of an OpenSSH master.
 */
async function directories(
  word: string,
  line: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [, place, path] = /^([^:/]+:|[^[/]*\[[^\]/]+\]:)(?!:)(.*)$/s.exec(word) ?? [];
  if (place === undefined || path === undefined) return [];
  const destination = parseDestination(place);
  if (isFault(destination) || destination.kind !== "ssh") return [];
  const { host, user } = destination;
  const configFile = givenIn(line, "ssh-config", "F");
  const port = /^\d{1,5}$/.exec(givenIn(line, "port", "p") ?? "")?.[0];
  const identity = givenIn(line, "identity", "i");
  const query = {
    host,
    ...(user === undefined ? {} : { user }),
    ...(configFile === undefined ? {} : { configFile: resolve(configFile) }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(identity === undefined ? {} : { identityFiles: [identity] }),
  };
  const found = await Promise.all([
    askRunning(query, path, signal),
    listThroughMaster(query, fromText(path), signal).then((paths) => paths.map(toText)),
  ]);
  return [...new Set(found.flat())].sort().map((each) => `${place}${each}`);
}

/** What the running tsyncs know of directories on a host. */
async function askRunning(query: HostQuery, path: string, signal: AbortSignal): Promise<string[]> {
  const { host, user, port, configFile } = query;
  const parts = Object.entries({ host, user, port, config: configFile, path });
  const given = parts.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, `${value}`]],
  );
  const route = `/v1/directories?${new URLSearchParams(given)}`;
  const sockets = socketsIn(runtimeFolder(process.env));
  const answers = await Promise.all(sockets.map((socket) => ask<string[]>(socket, "GET", route, signal)));
  return answers.flatMap((answer) => (isFault(answer) ? [] : answer));
}

/** The names of mirrors in the configuration file that the line names; without one, those of running mirrors. */
async function mirrors(_word: string, line: readonly string[]): Promise<readonly string[]> {
  const file = givenIn(line, "config");
  if (file === undefined) {
    const instances = await listInstances(runtimeFolder(process.env), answerMaxMs);
    return instances.flatMap(({ status }) => status.mirrors.map(({ name }) => name)).sort();
  }
  // To read from a pipe or a terminal could take for ever, and would take away what somebody else is to read.
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return [];
  const config = await namedConfig(file);
  return config instanceof Faults ? [] : config.mirrors.map(({ name }) => name);
}

/** The value of an option on a line that may be wrong or not finished yet; `~/` is resolved. */
function givenIn(line: readonly string[], long: string, short?: string): string | undefined {
  for (const [at, word] of line.entries()) {
    const attached = word.startsWith(`--${long}=`)
      ? word.slice(long.length + 3)
      : short !== undefined && word.startsWith(`-${short}`)
        ? word.slice(2)
        : "";
    const value = attached || (word === `--${long}` || word === `-${short}` ? line[at + 1] : undefined);
    if (value !== undefined && value !== "") return value.replace(/^~(?=\/)/, homedir());
  }
  return undefined;
}
