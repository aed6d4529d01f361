/** pirsyncd: a command line. */
import { Fault, isFault } from "../core/fault.ts";
import { MirrorDraft } from "./draft.ts";
import { type Imported, Notes } from "./imported.ts";
import { readOptionWords, type WordTable } from "./option-words.ts";
import { applyRsyncArguments } from "./rsync-arguments.ts";
import { readTargetText } from "./target-text.ts";

const table: WordTable = {
  "-s": { name: "source", value: true },
  "--source": { name: "source", value: true },
  "-d": { name: "destination", value: true },
  "--destination": { name: "destination", value: true },
  "-p": { name: "pidfile", value: true },
  "--pidfile": { name: "pidfile", value: true },
  "-r": { name: "rsync", value: true },
  "--rsync": { name: "rsync", value: true },
  "-l": { name: "log", value: true },
  "--log": { name: "log", value: true },
  "--nolog": { name: "nolog" },
  "-f": { name: "foreground" },
  "--foreground": { name: "foreground" },
  "--debug": { name: "debug", value: true },
  "--nodebug": { name: "nodebug" },
  "--rsync_append": { name: "rsync_append" },
  "--rsync_v2": { name: "rsync_v2" },
  "--host": { name: "host", value: true },
  "--port": { name: "port", value: true },
  "--rsync_daemon": { name: "rsync_daemon", value: true },
  "--rsync_pass_file": { name: "rsync_pass_file", value: true },
  "--max_size": { name: "max_size", value: true },
  "--min_size": { name: "min_size", value: true },
  "--exclude_pattern": { name: "exclude_pattern", value: true },
  "-k": { name: "k", value: true },
  "--examples": { name: "examples" },
  "-v": { name: "version" },
  "--version": { name: "version" },
  "-h": { name: "help" },
  "--help": { name: "help" },
};

const log = "tsync watch writes to standard error, or with --log-file to a file";
const optionNotes: Readonly<Record<string, string>> = {
  pidfile:
    "-p: that is tsync watch --pid-file; a second tsync for the same mirror says who has it, and exits",
  log: `--log: ${log}`,
  nolog: `--nolog: ${log}`,
  debug: `--debug: --verbose prints every operation; ${log}`,
  nodebug: "--nodebug: tsync prints single operations with --verbose only",
  foreground: "-f: tsync watch stays in the foreground, unless --daemon",
  rsync_v2: "--rsync_v2: tsync asks rsync for its version itself, and needs 3.0 or later",
};

/** What says something and ends, or stops a running pirsyncd. */
const endings = ["k", "examples", "version", "help"];

/** Reads the words behind `pirsyncd`, which stand on `line`. */
export function importPirsyncd(words: readonly string[], line?: number): Imported | Fault {
  const read = readOptionWords(words, table);
  if (isFault(read)) return read;
  const text = (name: string) => read.options.get(name) as string | undefined;
  if (endings.some((name) => read.options.has(name)))
    return new Fault(
      "usage",
      "this command line starts no mirror",
      "tsync is stopped with Ctrl-C or by its service manager",
    );

  const draft = new MirrorDraft();
  const rsync = ["-azqx", "--delete-after", "--partial", "--safe-links"];
  if (read.options.has("rsync_append")) rsync.push("--append");
  for (const [from, to] of [
    ["max_size", "max-size"],
    ["min_size", "min-size"],
    ["exclude_pattern", "exclude"],
    ["rsync_pass_file", "password-file"],
  ] as const) {
    if (text(from) !== undefined) rsync.push(`--${to}=${text(from)}`);
  }
  // -q is part of how it calls rsync, nothing that the user asked for.
  applyRsyncArguments(
    draft,
    rsync.map((word) => (word === "-azqx" ? "-azx" : word)),
    line,
  );
  if (text("rsync") !== undefined && text("rsync") !== "/usr/bin/rsync") draft.set("rsync", text("rsync")!);
  for (const name of read.options.keys()) {
    if (optionNotes[name] !== undefined) draft.notes.note(optionNotes[name], line);
  }
  for (const word of read.positionals)
    draft.notes.warn(`${word}: belongs to no option, and was left out`, line);

  const directory = text("destination") ?? "/tmp/data2/";
  const host = text("host");
  const daemon = text("rsync_daemon");
  if (daemon !== undefined && text("rsync_pass_file") === undefined)
    draft.notes.note(
      "--rsync_daemon: pirsyncd wanted --rsync_pass_file with it; tsync does not need one",
      line,
    );
  if (host !== undefined) {
    const port = Number(text("port") ?? "22");
    if (Number.isInteger(port) && port > 0 && port < 65_536 && port !== 22) draft.set("port", port);
    if (daemon !== undefined) draft.notes.note("--rsync_daemon: counts for nothing beside --host", line);
  }
  const target = readTargetText(host !== undefined ? `${host}:${directory}` : (daemon ?? directory));
  if ("problem" in target) return new Fault("usage", target.problem);
  draft.target(target);
  const mirror = draft.finish(text("source") ?? "/tmp/data/")!;

  const notes = new Notes();
  notes.note(
    "pirsyncd ran rsync over the whole tree at every third event; tsync sends what changed, when it is quiet",
  );
  return { kind: "pirsyncd", defaults: new Map(), mirrors: [mirror], notes: notes.list };
}
