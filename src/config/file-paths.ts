/** Paths in the configuration file are relative to the folder it is in. */
import { posix } from "node:path";
import type { RawCommand } from "./command.ts";
import { type OptionDef, type SettingName, settingOptions } from "./options.ts";
import type { RawValue } from "./values.ts";

/** Where a configuration file is. */
export interface Place {
  /** Its path as it is shown. */
  readonly file: string;
  /** The folder it is in, absolute. */
  readonly folder: string;
  /** The home directory of the user, absolute. */
  readonly home: string;
}

/** `path` as the file at `place` means it, absolute: `~/` is the home directory. */
export function absolutePath(path: string, { folder, home }: Place): string {
  if (path === "~" || path.startsWith("~/")) return posix.join(home, path.slice(1));
  return posix.resolve(folder, path);
}

/** `value` of the option `name`, with the path of a file or program on this machine as the file at `place` means it. */
export function placed(name: SettingName, value: RawValue, place: Place): RawValue {
  if (isLocalFile(name, value)) return absolutePath(value, place);
  const def: OptionDef = settingOptions[name];
  if (def.type !== "command" || def.there === true || typeof value !== "object") return value;
  if ("run" in value) return { ...value, run: withProgram(value.run, place) };
  return withProgram(value, place);
}

/** A line for a shell stays as it is, and so does a program that is searched for. */
function withProgram<Run extends RawCommand["run"]>(run: Run, place: Place): Run | readonly string[] {
  if (typeof run !== "object" || !run[0]?.includes("/")) return run;
  return [absolutePath(run[0], place), ...run.slice(1)];
}

/** True if `value` of the option `name` is the path of a file on this machine. */
export function isLocalFile(name: SettingName, value: RawValue): value is string {
  const def: OptionDef = settingOptions[name];
  if (typeof value !== "string" || !("hint" in def)) return false;
  // A program without a slash is searched for, as the shell does it.
  return def.hint === "FILE" || (def.hint === "PROGRAM" && value.includes("/"));
}
