/** lsyncd: a configuration in Lua. */
import { Fault, isFault } from "../core/fault.ts";
import { type Imported, type ImportedMirror, Notes } from "./imported.ts";
import { lsyncdDefaults } from "./lsyncd-settings.ts";
import { lsyncdMirror } from "./lsyncd-sync.ts";
import { type LuaCalls, readLuaCalls } from "./lua-file.ts";

/** Reads an lsyncd configuration, a byte string. */
export function importLsyncd(bytes: string): Imported | Fault {
  const notes = new Notes();
  const calls = readLuaCalls(bytes, notes);
  return isFault(calls) ? calls : importCalls(calls, notes);
}

/** Takes over what a configuration or a command line asks for. */
export function importCalls(calls: LuaCalls, notes: Notes): Imported | Fault {
  const defaults = lsyncdDefaults(calls.settings, notes);
  const mirrors = calls.syncs
    .map((sync) => lsyncdMirror(sync, notes))
    .filter((mirror): mirror is ImportedMirror => mirror !== null);
  if (mirrors.length === 0) {
    const first = notes.list.find(({ warning }) => warning);
    const reason =
      first === undefined ? "" : `: ${first.line === undefined ? "" : `line ${first.line}: `}${first.text}`;
    return new Fault("usage", `there is no sync{} that tsync could do${reason}`);
  }
  notes.note(
    "delay: lsyncd waits 15 seconds before it sends (default.direct 1) unless it is told otherwise; tsync sends " +
      'what is quiet at once, or after a wait with delay = "15s"',
  );
  return { kind: "lsyncd", defaults, mirrors, notes: notes.list };
}
