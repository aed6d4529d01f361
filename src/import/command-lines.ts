/** Command lines of the programs that are started without a configuration file, alone or in a script. */
import { Fault, isFault } from "../core/fault.ts";
import { type Imported, type ImportKind, Notes, type Options, type OptionValue } from "./imported.ts";
import { importLsyncdCommand } from "./lsyncd-command.ts";
import { importPirsyncd } from "./pirsyncd.ts";
import { importPylsyncd } from "./pylsyncd.ts";
import { splitWords } from "./words.ts";

type Reader = (words: readonly string[], line?: number) => Imported | Fault;

const readers: Readonly<Record<string, { readonly kind: ImportKind; readonly read: Reader }>> = {
  lsyncd: { kind: "lsyncd", read: importLsyncdCommand },
  pylsyncd: { kind: "pylsyncd", read: importPylsyncd },
  pirsyncd: { kind: "pirsyncd", read: importPirsyncd },
  "pirsyncd.Py3k": { kind: "pirsyncd", read: importPirsyncd },
  PIrsyncD: { kind: "pirsyncd", read: importPirsyncd },
};

/** Programs that start another one, and what takes a value among their options. */
const starters: Readonly<Record<string, string>> = {
  env: "u",
  exec: "",
  ionice: "cnp",
  nice: "n",
  nohup: "",
  setsid: "",
  sudo: "ug",
};

/** A command found in a text. */
interface Command {
  readonly kind: ImportKind;
  readonly read: Reader;
  readonly words: readonly string[];
  readonly defaults: Options;
}

/** True if `text` has a command line of one of the programs. */
export function hasCommand(text: string): boolean {
  return logicalLines(text).some(({ text: line }) => {
    const split = splitWords(line);
    return split !== null && commandOf(split.words) !== null;
  });
}

/** True if `words` call one of the programs. */
export function isCommand(words: readonly string[]): boolean {
  return commandOf(words) !== null;
}

/** Reads every command line in `text`. */
export function importCommandLines(text: string): Imported | Fault {
  const found: Imported[] = [];
  for (const { text: line, number } of logicalLines(text)) {
    const split = splitWords(line);
    const command = split === null ? null : commandOf(split.words);
    if (split === null || command === null) continue;
    const imported = readCommand(command, number);
    if (isFault(imported))
      return new Fault(imported.code, `line ${number}: ${imported.message}`, imported.hint);
    const notes = new Notes();
    if (split.expands)
      notes.warn("has something that a shell fills in ($NAME, *): it was taken as it is written", number);
    if (split.rest !== "" && !/^(&|;|#.*|&?>.*|\d?>.*|<\s*\/dev\/null.*)$/s.test(split.rest))
      notes.warn(`${split.rest}: is not run, and was left out`, number);
    found.push({ ...imported, notes: [...imported.notes, ...notes.list] });
  }
  const [first] = found;
  if (first === undefined)
    return new Fault("usage", "there is no command line of lsyncd, pylsyncd or pirsyncd in it");
  const notes = new Notes();
  for (const one of found) notes.addAll(one.notes);
  return {
    ...first,
    defaults: new Map(found.flatMap(({ defaults }) => [...defaults])),
    mirrors: found.flatMap(({ mirrors }) => mirrors),
    notes: notes.list,
  };
}

/** Reads one command line that was split by a shell already. */
export function importCommand(words: readonly string[]): Imported | Fault {
  const command = commandOf(words);
  return command === null
    ? new Fault("usage", `${words[0]} is not lsyncd, pylsyncd or pirsyncd`)
    : readCommand(command);
}

function readCommand(command: Command, line?: number): Imported | Fault {
  const imported = command.read(command.words, line);
  return isFault(imported)
    ? imported
    : { ...imported, defaults: new Map([...command.defaults, ...imported.defaults]) };
}

/** The command behind `sudo`, `nice` and the like; null if it is none of the programs. */
function commandOf(words: readonly string[]): Command | null {
  const defaults = new Map<string, OptionValue>();
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at]!.replace(/^ExecStart=[-@:+!]*/, "");
    const name = word.split("/").at(-1)!;
    if (Object.hasOwn(readers, name)) return { ...readers[name]!, words: words.slice(at + 1), defaults };
    if (/^\w+=/.test(word) || word === "$" || /^python[\d.]*$/.test(name)) continue;
    if (!Object.hasOwn(starters, name)) return null;
    const options: string[] = [];
    while (words[at + 1]?.startsWith("-")) {
      const option = words[++at]!;
      options.push(option);
      if (option.length === 2 && starters[name]!.includes(option[1]!)) options.push(words[++at] ?? "");
    }
    if (name === "ionice")
      defaults.set("ionice", /-c ?(3|idle)/.test(options.join(" ")) ? "idle" : "best-effort");
    if (name === "nice") defaults.set("nice", Math.min(19, Number(/\d+/.exec(options.join(" "))?.[0] ?? 10)));
  }
  return null;
}

/** Lines; one that ends with a backslash goes on with the next. */
function logicalLines(text: string): { text: string; number: number }[] {
  const lines: { text: string; number: number }[] = [];
  let open = false;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const last = lines.at(-1);
    if (open && last !== undefined) last.text += `\n${line}`;
    else lines.push({ text: line, number: at + 1 });
    open = line.endsWith("\\");
  }
  return lines;
}
