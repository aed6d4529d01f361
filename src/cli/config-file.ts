/** Finds the configuration file and reads it. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { ConfigFile } from "../config/file.ts";
import type { Place } from "../config/file-paths.ts";
import { Fault, Faults, isFault } from "../core/fault.ts";
import { isAbsence, reasonOf } from "../system/file-error.ts";
import { isProgram, loadProgram } from "./config-module.ts";

/** Larger than any configuration. */
const bytesMax = 1024 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/** What the file `named` on the command line says. */
export async function namedConfig(named: string): Promise<ConfigFile | Faults> {
  const text = readText(named);
  if (text === null) return fault(`the configuration file ${named} does not exist`, "check the path");
  if (isFault(text)) return new Faults([text]);
  return isProgram(named) ? await run(named) : parse(text, named);
}

/** What the first of the usual files that exists says; null if there is none. */
export async function usualConfig(env: Environment): Promise<ConfigFile | Faults | null> {
  for (const file of usualFiles(env)) {
    const text = readText(file);
    if (text !== null) return isFault(text) ? new Faults([text]) : parse(text, file);
  }
  return null;
}

/** Where a configuration file is searched for, in order. */
export function usualFiles(env: Environment): readonly string[] {
  const named = env.XDG_CONFIG_HOME ?? "";
  // A relative path is not to be used, says the standard.
  const folder = isAbsolute(named) ? named : join(homedir(), ".config");
  return [join(folder, "tsync/config.toml"), "/etc/tsync/config.toml"];
}

/** Loaded only where it is needed: it takes as long as the rest of the start. */
async function parse(text: string, file: string): Promise<ConfigFile | Faults> {
  const { readConfigFile } = await import("../config/file.ts");
  return readConfigFile(text, placeOf(file));
}

async function run(file: string): Promise<ConfigFile | Faults> {
  const loaded = await loadProgram(resolve(file), file);
  if (loaded instanceof Faults) return loaded;
  const { readConfigModule } = await import("../config/file.ts");
  return readConfigModule(loaded.exported, placeOf(file));
}

function placeOf(file: string): Place {
  return { file, folder: resolve(dirname(file)), home: homedir() };
}

/** The text of `file`; null if it does not exist. */
function readText(file: string): string | Fault | null {
  const wrong = (why: string, hint = "") =>
    new Fault("usage", `cannot read the configuration file ${file}: ${why}`, hint);
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    return isAbsence(error) ? null : wrong(reasonOf(error));
  }
  try {
    // It may name programs to run.
    const stats = fstatSync(descriptor);
    if (stats.isFile() && (stats.mode & 0o002) !== 0)
      return wrong("everybody may write to it, and it can make tsync run programs", `chmod o-w ${file}`);
    const bytes = readAtMost(descriptor, bytesMax + 1);
    if (bytes.length > bytesMax) return wrong("it is larger than 1 MiB", "is it the right file?");
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    return wrong(error instanceof TypeError ? "it is not UTF-8" : reasonOf(error));
  } finally {
    closeSync(descriptor);
  }
}

/** The beginning of a file, which may be a pipe or a device without an end. */
function readAtMost(descriptor: number, most: number): Uint8Array {
  const bytes = new Uint8Array(most);
  let length = 0;
  while (length < most) {
    const count = readSync(descriptor, bytes, length, most - length, null);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

function fault(message: string, hint: string): Faults {
  return new Faults([new Fault("usage", message, hint)]);
}
