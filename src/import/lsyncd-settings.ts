/** lsyncd's `settings{}`. */
import type { Notes, Options, OptionValue } from "./imported.ts";
import { type LuaField, type LuaTable, type LuaValue, Unknown } from "./lua-value.ts";

/** Highest value of the option `parallel`. */
const parallelMax = 16;

const log = "tsync watch writes to standard error, or with --log-file to a file";
const status = "tsync watch --json prints every event and state as a line of JSON";

/** What has no equal, and why. */
const settingNotes: Readonly<Record<string, string>> = {
  logfile: log,
  logfacility: log,
  logident: log,
  pidfile: "that is tsync watch --pid-file; a second tsync for the same mirror says who has it, and exits",
  nodaemon: "tsync watch stays in the foreground, unless --daemon",
  statusFile: status,
  statusInterval: status,
  onepass: "tsync sync brings the targets up to date once, and exits",
  inotifyMode:
    "tsync looks at a path once it is quiet, whatever the kernel told of it; settle says how long that is",
};

/** What all `settings` together say for every mirror. */
export function lsyncdDefaults(settings: readonly LuaTable[], notes: Notes): Options {
  const defaults = new Map<string, OptionValue>();
  for (const table of settings) {
    for (const [name, field] of table.fields) {
      if (settingNotes[name] !== undefined)
        notes.note(`${name}${shown(field.value)}: ${settingNotes[name]}`, field.line);
      else if (name === "insist" && typeof field.value === "boolean") {
        if (field.value) defaults.set("insist", true);
      } else if (!applyTiming(defaults, notes, name, field))
        notes.warn(
          `${name}${shown(field.value)}: is no setting that tsync knows, and was left out`,
          field.line,
        );
    }
  }
  return defaults;
}

/** Takes over what settings and syncs share: delays and limits. False if `name` is something else. */
export function applyTiming(
  options: Map<string, OptionValue>,
  notes: Notes,
  name: string,
  { value, line }: LuaField,
): boolean {
  if (name !== "delay" && name !== "maxDelays" && name !== "maxProcesses") return false;
  if (typeof value !== "number" || !(value >= 0)) {
    notes.warn(`${name}${shown(value)}: is no number, and was left out`, line);
  } else if (name === "delay") options.set("delay", `${value}s`);
  else if (name === "maxDelays") options.set("max-batch", Math.max(1, Math.floor(value)));
  else if (value > 1) {
    options.set("parallel", Math.min(Math.floor(value), parallelMax));
    notes.note("maxProcesses: counts for all syncs together; parallel counts for each target", line);
  }
  return true;
}

/** ` = VALUE`, where that helps to recognize it. */
export function shown(value: LuaValue): string {
  if (value instanceof Unknown) return ` = ${value.what}`;
  return typeof value === "object" ? "" : ` = ${JSON.stringify(value)}`;
}
