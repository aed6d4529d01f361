/** Writes tsync.toml. */
import type { Imported, ImportedMirror, Note, Options, OptionValue } from "./imported.ts";

/** Widest line, in columns, where a line can be broken. */
const columnsMax = 110;

/** `imported` as the text of a tsync.toml; `heading` is its first comment. */
export function writeToml(imported: Imported, heading: readonly string[]): string {
  const names = mirrorNames(imported.mirrors);
  const blocks = [[...heading.flatMap(comment), ...imported.notes.flatMap(noteLines)]];
  if (imported.defaults.size > 0) blocks.push(["[defaults]", ...assignments(imported.defaults)]);
  for (const [at, mirror] of imported.mirrors.entries()) {
    blocks.push([
      "[[mirror]]",
      assignment("name", names[at]!),
      assignment("source", mirror.source),
      targetsLine(mirror),
      ...assignments(mirror.options),
      ...mirror.notes.flatMap(noteLines),
    ]);
  }
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function assignments(options: Options): string[] {
  return [...options].map(([name, value]) => assignment(name, value));
}

function assignment(name: string, value: OptionValue): string {
  const line = `${name} = ${tomlValue(value)}`;
  if (!Array.isArray(value) || line.length <= columnsMax) return line;
  return `${name} = [\n${value.map((item) => `  ${tomlString(item)},\n`).join("")}]`;
}

function targetsLine({ targets }: ImportedMirror): string {
  const items = targets.map(({ to, options }) => {
    if (options.size === 0) return tomlString(to);
    const overrides = [...options].map(([name, value]) => `, ${name} = ${tomlValue(value)}`);
    return `{ to = ${tomlString(to)}${overrides.join("")} }`;
  });
  const line = `targets = [${items.join(", ")}]`;
  return line.length <= columnsMax ? line : `targets = [\n${items.map((item) => `  ${item},\n`).join("")}]`;
}

function tomlValue(value: OptionValue): string {
  if (typeof value === "string") return tomlString(value);
  if (Array.isArray(value)) return `[${value.map(tomlString).join(", ")}]`;
  return String(value);
}

/** A string of TOML: any text, on one line. A half of a surrogate pair is no text and becomes U+FFFD. */
export function tomlString(text: string): string {
  const named: Record<string, string> = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
  };
  const escaped = text
    .toWellFormed()
    .replaceAll(/["\\\x00-\x1f\x7f]/g, (char) => named[char] ?? `\\u${hex(char)}`);
  return `"${escaped}"`;
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(4, "0");
}

function noteLines({ text, line }: Note): string[] {
  return comment(line === undefined ? text : `line ${line}: ${text}`);
}

/** Lines of comment. Control characters may not stand there. */
function comment(text: string): string[] {
  const clean = text
    .toWellFormed()
    .replaceAll(/[\n\t]/g, " ")
    .replaceAll(/[\x00-\x1f\x7f]/g, (char) => `\\u${hex(char)}`);
  const lines: string[] = [];
  let line = "#";
  for (const word of clean.split(" ")) {
    if (line !== "#" && line !== "#  " && line.length + 1 + word.length > columnsMax) {
      lines.push(line);
      line = "#  ";
    }
    line += ` ${word}`;
  }
  return [...lines, line.trimEnd()];
}

/** A name for each mirror: the last part of its source; each is different. */
function mirrorNames(mirrors: readonly ImportedMirror[]): string[] {
  const taken = new Set<string>();
  return mirrors.map(({ source }) => {
    const base =
      source.split("/").findLast((part) => part !== "" && part !== "." && part !== "..") ?? "mirror";
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}-${number}`;
    taken.add(name);
    return name;
  });
}
