/** Lists directories of a host over a connection that is open already, for completion. Never connects, never asks. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { isFault } from "../core/fault.ts";
import { toText } from "../core/path.ts";
import type { HostQuery } from "../ssh/config/config.ts";
import { flagsOf } from "../ssh/config/openssh-config.ts";
import { readSettings } from "../ssh/config/settings.ts";
import type { Executor } from "../ssh/connection.ts";
import { loginCommand, markScript } from "./login-command.ts";
import { startScript } from "./remote-command.ts";
import { shellQuote, tildeQuote } from "./shell-quote.ts";

/** More names than this are no help. */
const outputBytesMax = 256 * 1024;

/** Keeps ssh from doing anything but what it is told to, and from connecting if there is no master after all. */
const settings = [
  "BatchMode=yes",
  "ControlMaster=no",
  "ProxyCommand=false",
  "ClearAllForwardings=yes",
  "RemoteCommand=none",
  "RequestTTY=no",
  "PermitLocalCommand=no",
];

/**
 * The directories (byte strings, with a slash at the end) whose path begins with `path`, a byte string without NUL:
 * absolute, below the home directory, or with `~` at its start. Over tsync's own connection, if that has room for it.
 * Empty if anything goes wrong.
 */
export async function listDirectories(connection: Executor, path: string): Promise<string[]> {
  const command = await startScript(connection, listScript(path), { isSpare: true });
  if (isFault(command)) return [];
  command.errors.resume();
  let output = "";
  for await (const piece of command.output) {
    output += (piece as Buffer).toString("latin1");
    if (output.length > outputBytesMax) break;
  }
  command.close();
  return pathsIn(output, path);
}

/** The same over the connection of an OpenSSH master (ControlMaster), if there is one. */
export async function listThroughMaster(
  query: HostQuery,
  path: string,
  signal: AbortSignal,
): Promise<string[]> {
  const flags = flagsOf(query);
  const config = await outputOf(["ssh", "-G", ...flags, "--", query.host], signal);
  const socket = toText(readSettings(config).get("controlpath")?.[0] ?? "none");
  if (socket === "none" || !existsSync(socket)) return [];
  const mark = `tsync-${randomBytes(12).toString("hex")}`;
  const command = loginCommand(`${markScript(mark)}${listScript(path)}`);
  // A percent sign in the path of the socket would be read as a token.
  const master = ["-S", socket.replaceAll("%", "%%"), ...settings.flatMap((setting) => ["-o", setting])];
  const output = await outputOf(["ssh", ...flags, ...master, "--", query.host, command], signal);
  const begin = output.indexOf(`${mark}\n`);
  if (begin < 0) return [];
  return pathsIn(output.slice(begin + mark.length + 1), path);
}

/** What stands in front of the names that are listed: all up to the last slash. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** Prints the names of the directories in that folder that begin with the rest of `path`, each with NUL behind it. */
function listScript(path: string): string {
  const folder = folderOf(path);
  const enter = folder === "" ? "" : `unset CDPATH; cd ${tildeQuote(folder)} && `;
  const beginning = shellQuote(path.slice(folder.length));
  return `${enter}for name in ${beginning}*/; do [ -d "$name" ] && printf '%s\\0' "$name"; done`;
}

function pathsIn(output: string, path: string): string[] {
  // What has no end was cut off.
  const names = output.split("\0").slice(0, -1);
  return names.map((name) => folderOf(path) + name);
}

/** What `argv` prints, as a byte string; empty if it cannot be run. */
async function outputOf(argv: string[], signal: AbortSignal): Promise<string> {
  try {
    const child = Bun.spawn(argv, {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      signal,
      maxBuffer: outputBytesMax,
    });
    return Buffer.from(await child.stdout.bytes()).toString("latin1");
  } catch {
    return "";
  }
}
