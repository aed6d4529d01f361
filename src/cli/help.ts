/** `--help`, made from the table of commands. */
import packageJson from "../../package.json" with { type: "json" };
import { commonOptions, type OptionDef, optionGroups } from "../config/options.ts";
import { effectOf, hintOf, isOnByDefault } from "./arguments.ts";
import { type Command, commands } from "./commands.ts";
import { exitMeanings } from "./exit-codes.ts";

/** Widest line, in columns. */
const columnsMax = 100;

/** Help for the program as a whole. */
export function programHelp(): string {
  const rows = Object.entries(commands).map(([name, { description }]): [string, string] => [
    name,
    description,
  ]);
  return [
    `tsync ${packageJson.version}: ${packageJson.description}`,
    "",
    "Usage:",
    ...Object.entries(commands).map(([name, command]) => `  ${usageOf(name, command)}`),
    "",
    "Commands:",
    ...table(rows),
    "",
    "Options:",
    ...table([
      ["-h, --help", "Print this help; tsync COMMAND --help prints that of a command"],
      ["-V, --version", "Print the version"],
    ]),
    "",
    "Exit codes:",
    ...table(exitMeanings.map(([code, meaning]) => [`${code}`, meaning.replaceAll("`", "")])),
    "",
  ].join("\n");
}

/** Help for one command. */
export function commandHelp(name: string, command: Command): string {
  const options: [string, OptionDef][] = Object.entries({ ...command.options, ...commonOptions });
  return [
    `${command.description}.`,
    "",
    `Usage: ${usageOf(name, command)}`,
    "",
    "Arguments:",
    ...table(command.positionals.map(({ hint, description }) => [hint, description])),
    "",
    ...optionGroups.flatMap((group) => section(group, options)),
  ].join("\n");
}

function section(group: string, options: readonly [string, OptionDef][]): string[] {
  const rows = options
    .filter(([, option]) => option.group === group)
    .map((entry): [string, string] => [spelling(entry), explain(entry[1])]);
  return rows.length === 0 ? [] : [`${group}:`, ...table(rows), ""];
}

/** How a command is called: `tsync sync [OPTIONS] SRC DEST…`. */
export function usageOf(name: string, command: Command): string {
  const options = Object.keys(command.options).length > 0 ? ["[OPTIONS]"] : [];
  return ["tsync", name, ...options, ...command.positionals.map(({ hint }) => hint)].join(" ");
}

function spelling(entry: [string, OptionDef]): string {
  const [spellings, hint] = spellingOf(entry);
  const names = `${spellings.length === 1 ? "    " : ""}${spellings.join(", ")}`;
  return hint === "" ? names : `${names} ${hint}`;
}

/** The spellings of an option in the form that is of use (`-n`, `--dry-run`), and what stands for its value. */
export function spellingOf([name, option]: [string, OptionDef]): [spellings: string[], hint: string] {
  const short = option.alias === undefined ? [] : [`-${option.alias}`];
  const hint = option.type === "choice" ? "WORD" : hintOf(option);
  return [[...short, `--${isOnByDefault(option) ? "no-" : ""}${name}`], hint];
}

/** What an option does, with its choices and what holds without it. */
export function explain(option: OptionDef): string {
  const fallback =
    option.type !== "flag" && "default" in option && option.default !== undefined
      ? ` (default: ${option.default})`
      : "";
  const choices = option.type === "choice" && !option.description.includes(option.choices[0]!);
  return `${effectOf(option)}${choices ? ` (${option.choices.join(", ")})` : ""}${fallback}`;
}

/** Two columns; the second one is wrapped. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 4;
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, columnsMax - width - 2);
    return lines.map((line, at) => `  ${(at === 0 ? left : "").padEnd(width)}${line}`);
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
