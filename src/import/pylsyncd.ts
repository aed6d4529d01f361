/** pylsyncd: a command line. */
import { Fault, isFault } from "../core/fault.ts";
import { MirrorDraft } from "./draft.ts";
import { type Imported, Notes } from "./imported.ts";
import { readOptionWords, type WordTable } from "./option-words.ts";
import { applyRsyncArguments } from "./rsync-arguments.ts";
import { readTargetText } from "./target-text.ts";

const table: WordTable = {
  "-d": { name: "debug" },
  "--debug": { name: "debug" },
  "-v": { name: "verbose" },
  "--verbose": { name: "verbose" },
  "-q": { name: "quiet" },
  "--quiet": { name: "quiet" },
  "-i": { name: "initial-sync" },
  "--initial-sync": { name: "initial-sync" },
  "-n": { name: "dry-run" },
  "--dry-run": { name: "dry-run" },
  "-s": { name: "syslog" },
  "--syslog": { name: "syslog" },
  "--syslog-facility": { name: "syslog-facility", value: true },
  "--version": { name: "version" },
  "-h": { name: "help" },
  "--help": { name: "help" },
};

const log =
  "tsync watch writes to standard error, or with --log-file to a file; a service manager hands it on to syslog";
const optionNotes: Readonly<Record<string, string>> = {
  debug: "-d: tsync --verbose prints every operation",
  verbose: "-v: tsync --verbose prints every operation",
  quiet: "-q: tsync --quiet prints warnings and errors only",
  "dry-run": "-n: tsync sync --dry-run prints what would be done",
  syslog: `-s: ${log}`,
  "syslog-facility": `--syslog-facility: ${log}`,
};

/** Reads the words behind `pylsyncd`, which stand on `line`. */
export function importPylsyncd(words: readonly string[], line?: number): Imported | Fault {
  const read = readOptionWords(words, table);
  if (isFault(read)) return read;
  const [written, ...destinations] = read.positionals;
  if (written === undefined || destinations.length === 0)
    return new Fault(
      "usage",
      "this command line starts no mirror",
      "pylsyncd takes a directory and destinations",
    );

  const draft = new MirrorDraft();
  applyRsyncArguments(draft, ["-HpltogD", "--delete"]);
  if (!read.options.has("initial-sync")) {
    draft.options.set("initial-sync", false);
    draft.set("delete", "live");
  }
  for (const name of read.options.keys()) {
    if (optionNotes[name] !== undefined) draft.notes.note(optionNotes[name], line);
  }
  if (/^\d+$/.test(written) && read.options.has("debug"))
    draft.notes.warn(
      `-d is pylsyncd's debug mode and takes no value: "${written}" is the directory to watch`,
      line,
    );
  const source = written.replaceAll("/./", "/").replace(/\/\.$/, "/");
  for (const destination of destinations) {
    const target = readTargetText(pathBelow(destination, relativePath(written, draft, line)));
    if ("problem" in target) draft.notes.warn(target.problem, line);
    else draft.target(target);
    if (/^[^/]*[^:/]:$/.test(destination) && relativePath(written, draft, line) !== "")
      draft.notes.note(
        `${destination} is the home directory there, and pylsyncd puts the path of the source below it; if it is the directory / that was meant, write ${destination}${source}`,
        line,
      );
  }
  const mirror = draft.finish(source);
  if (mirror === null) return new Fault("usage", "this command line has no destination that tsync knows");
  const notes = new Notes();
  notes.note(
    "delay: pylsyncd gathers changes for 60 seconds or 100 paths; tsync sends what is quiet at once, or as before " +
      'with delay = "60s" and max-batch = 100',
  );
  notes.note("a destination that fails is tried again and again; pylsyncd gives it up after five times");
  return { kind: "pylsyncd", defaults: new Map(), mirrors: [mirror], notes: notes.list };
}

/** What pylsyncd puts behind each destination: the source, from its virtual root `/./` on. */
function relativePath(source: string, draft: MirrorDraft, line?: number): string {
  if (/^(\.\/*)+$/.test(source)) return "";
  const marker = source.indexOf("/./");
  if (marker >= 0) return source.slice(marker + 3).replace(/\/+$/, "");
  if (!source.startsWith("/"))
    draft.notes.warn(
      `${source}: pylsyncd puts its full path behind each destination; write it out there`,
      line,
    );
  return source.replace(/^(\.?\/)+|\/+$/g, "");
}

function pathBelow(place: string, path: string): string {
  if (path === "") return place;
  return /[:/]$/.test(place) ? `${place}${path}` : `${place}/${path}`;
}
