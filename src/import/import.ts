/** Imports the configuration of a program like tsync: finds out of which one it is, and takes it over. */
import { Fault, isFault } from "../core/fault.ts";
import { hasCommand, importCommand, importCommandLines, isCommand } from "./command-lines.ts";
import type { Imported, ImportKind, Note } from "./imported.ts";
import { importInosync } from "./inosync.ts";
import { joinMirrors } from "./join-mirrors.ts";
import { importLsyncd } from "./lsyncd.ts";
import { writeToml } from "./toml.ts";

/** What comes of an import. */
export interface ImportResult {
  /** The text of a tsync.toml. */
  readonly toml: string;
  /** What was not understood or gets lost; it stands as comments in `toml`, too. */
  readonly warnings: readonly Note[];
}

/** Longest file that is read: a configuration is small. */
const bytesMax = 1024 * 1024;

/** Imports a file's `bytes`; `kind` is null if it is to be found out. */
export function importFile(bytes: Uint8Array, kind: ImportKind | null): ImportResult | Fault {
  if (bytes.length > bytesMax) return new Fault("usage", "it is too large for a configuration");
  const text = new TextDecoder().decode(bytes);
  const found = kind ?? detectKind(text);
  if (found === null)
    return new Fault(
      "usage",
      "it is no configuration of lsyncd or inosync, and no command line of pylsyncd or pirsyncd",
      "if it is one all the same, say which with --from",
    );
  try {
    return result(read(found, text, bytes));
  } catch (error) {
    // The stack is full: the parsers and what works with their trees go down as deep as the file does.
    if (error instanceof RangeError) return new Fault("usage", "it is nested too deeply for a configuration");
    throw error;
  }
}

/** Imports a command line, word by word. */
export function importWords(words: readonly string[]): ImportResult | Fault {
  return result(importCommand(words));
}

/** True if `words` are a command line to import. */
export const isImportCommand = isCommand;

function read(kind: ImportKind, text: string, bytes: Uint8Array): Imported | Fault {
  if (kind === "inosync") return importInosync(text);
  // Lua's strings are bytes.
  if (kind === "lsyncd" && !isCommandFile(text)) return importLsyncd(Buffer.from(bytes).toString("latin1"));
  return importCommandLines(text);
}

/** Which program `text` is for; null if it is for none. */
function detectKind(text: string): ImportKind | null {
  if (/^(wpaths?|rpaths?|rnodes|rexcludes)[ \t]*\+?=/m.test(text)) return "inosync";
  if (isLua(text)) return "lsyncd";
  // Which of the programs it is shows in each line.
  return hasCommand(text) ? "pylsyncd" : null;
}

function isLua(text: string): boolean {
  return /(^|;|\b(?:do|end)\b)[ \t]*(settings\s*=?|sync)\s*[{(]/m.test(text);
}

function isCommandFile(text: string): boolean {
  return !isLua(text) && hasCommand(text);
}

function result(imported: Imported | Fault): ImportResult | Fault {
  if (isFault(imported)) return imported;
  const mirrors = joinMirrors(imported.mirrors);
  const toml = writeToml({ ...imported, mirrors }, [
    `Taken over from ${imported.kind} by tsync import. Comments say what has no equal, and what to do instead.`,
    "Look it over, then see what it would do: tsync sync --dry-run --config FILE",
  ]);
  return {
    toml,
    warnings: [...imported.notes, ...mirrors.flatMap(({ notes }) => notes)].filter(({ warning }) => warning),
  };
}
