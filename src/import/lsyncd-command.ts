/** lsyncd: a command line without a configuration file. */
import { Fault } from "../core/fault.ts";
import { type Imported, Notes } from "./imported.ts";
import { importCalls } from "./lsyncd.ts";
import { BuiltIn, LuaTable } from "./lua-value.ts";

/** What a `-NAME` is followed by that says what to mirror. */
const behaviours: Readonly<Record<string, readonly string[]>> = {
  rsync: ["source", "target"],
  rsyncssh: ["source", "host", "targetdir"],
  direct: ["source", "target"],
};

/** Settings by their options; null for those that take no value. */
const settings: Readonly<Record<string, string | null>> = {
  delay: "delay",
  insist: null,
  log: "log",
  logfacility: "logfacility",
  logfile: "logfile",
  logident: "logident",
  nodaemon: null,
  onepass: null,
  pidfile: "pidfile",
  runner: "runner",
  statusfile: "statusFile",
  statusinterval: "statusInterval",
};

/** Reads the words behind `lsyncd`, which stand on `line`. */
export function importLsyncdCommand(words: readonly string[], line = 1): Imported | Fault {
  const table = new LuaTable(line);
  const syncs: LuaTable[] = [];
  const notes = new Notes();
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const name = word.replace(/^--?/, "");
    if (name === word)
      return new Fault(
        "usage",
        `the mirrors are in lsyncd's configuration file ${word}`,
        `tsync import ${word}`,
      );
    if (Object.hasOwn(behaviours, name)) {
      const sync = new LuaTable(line);
      sync.list.push({ value: new BuiltIn(`default.${name}`), line });
      for (const key of behaviours[name]!) sync.set(key, queue.shift() ?? "", line);
      syncs.push(sync);
    } else if (!Object.hasOwn(settings, name))
      notes.warn(`${word}: is unknown to tsync, and was left out`, line);
    else {
      const key = settings[name]!;
      const value = key === null ? true : (queue.shift() ?? "");
      if (name === "log") notes.note(`-log ${value}: --verbose prints every operation`, line);
      else if (name === "runner")
        notes.note(`-runner ${value}: tsync is one program without further files`, line);
      else table.set(key ?? name, name === "delay" && value !== "" ? Number(value) : value, line);
    }
  }
  return importCalls({ settings: [table], syncs }, notes);
}
