/** `--help`, made from the table of commands. */
import type { ArgsDef } from "citty";
import packageJson from "../../package.json" with { type: "json" };
import { type Command, commands } from "./commands.ts";
import { commonOptions, type OptionDef } from "./options.ts";

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
    ...table(
      Object.entries(command.positionals).map(([key, arg]) => [hintOf(key, arg), arg.description ?? ""]),
    ),
    "",
    "Options:",
    ...table(options.map((entry) => [spelling(entry), explain(entry[1])])),
    "",
  ].join("\n");
}

function usageOf(name: string, command: Command): string {
  const words = Object.entries(command.positionals).map(([key, arg]) => hintOf(key, arg));
  const options = Object.keys(command.options).length > 0 ? ["[OPTIONS]"] : [];
  return ["tsync", name, ...options, ...words].join(" ");
}

function hintOf(key: string, arg: ArgsDef[string]): string {
  return ("valueHint" in arg && arg.valueHint) || key.toUpperCase();
}

function spelling([name, option]: [string, OptionDef]): string {
  const alias = "alias" in option && typeof option.alias === "string" ? `-${option.alias}, ` : "    ";
  const value =
    option.type === "boolean" ? "" : option.type === "enum" ? " MODE" : ` ${hintOf(name, option)}`;
  return `${alias}--${name}${value}`;
}

function explain(option: OptionDef): string {
  const fallback = option.default === undefined ? "" : ` (default: ${option.default})`;
  return `${option.description}${fallback}`;
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
