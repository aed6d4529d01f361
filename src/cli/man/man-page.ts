/** The manual page tsync(1), made from the tables of commands, options, exit codes and examples. */
import packageJson from "../../../package.json" with { type: "json" };
import { commonOptions, type OptionDef, optionGroups } from "../../config/options.ts";
import { type Command, commands } from "../commands.ts";
import { examples } from "../examples.ts";
import { exitMeanings } from "../exit-codes.ts";
import { explain, spellingOf, usageOf } from "../help.ts";
import * as text from "./man-text.ts";
import { bold, italic, item, literal, paragraph, part, prose, section, title, verbatim } from "./roff.ts";

/** The page, in roff. */
export function manPage(): string {
  const entries = Object.entries(commands);
  const lines = [
    ...title("tsync", 1, text.revised, packageJson.version),
    ...section("NAME", paragraph(`tsync \\- ${prose(text.purpose)}`)),
    ...section("SYNOPSIS", verbatim(entries.map((entry) => usageOf(...entry)).join("\n"))),
    ...section("DESCRIPTION", ...paragraphs(text.description)),
    ...section("DESTINATIONS", ...terms(text.destinations)),
    ...section("COMMANDS", ...entries.map((entry) => commandPart(...entry))),
    ...section(
      "OPTIONS",
      paragraph(
        prose(
          "An option without a note is one of every command that takes SRC and DEST. A flag `--name` that stands in a configuration file or in the environment is taken back by `--no-name`, and the other way round.",
        ),
      ),
      ...optionGroups.map(groupPart),
      part("Values", ...terms(text.values)),
    ),
    ...section("PATTERNS", ...paragraphs(text.patternRules), ...terms(text.patterns)),
    ...section(
      "CONFIGURATION FILE",
      ...paragraphs(text.configuration),
      verbatim(text.configurationExample),
      ...paragraphs(text.configurationRules),
    ),
    ...section("CONTROL SOCKET", ...paragraphs(text.control), ...terms(text.routes)),
    ...section("ENVIRONMENT", ...terms(text.environment)),
    ...section("FILES", ...terms(text.files)),
    ...section("SIGNALS", ...terms(text.signals)),
    ...section(
      "EXIT STATUS",
      ...exitMeanings.map(([code, meaning]) => item(bold(`${code}`), prose(`${meaning}.`))),
    ),
    ...section(
      "EXAMPLES",
      ...Object.entries(examples).map(([heading, group]) =>
        part(
          heading,
          ...group.flatMap(({ command, does }) => [paragraph(prose(`${does}:`)), verbatim(command)]),
        ),
      ),
    ),
    ...section("SEE ALSO", paragraph(text.seeAlso.map(bold).join(", "))),
  ];
  return `${lines.join("\n")}\n`;
}

function paragraphs(texts: readonly string[]): string[][] {
  return texts.map((each) => paragraph(prose(each)));
}

function terms(list: readonly (readonly [term: string, meaning: string])[]): string[][] {
  return list.map(([term, meaning]) => item(term.split(", ").map(bold).join(", "), prose(meaning)));
}

function commandPart(name: string, command: Command): string[] {
  const own = Object.keys(command.options);
  const isMirroring = own.includes("exclude");
  const options =
    own.length === 0 || isMirroring
      ? []
      : [paragraph(prose(`Options: ${own.map((option) => `\`--${option}\``).join(", ")}.`))];
  const positionals = command.positionals.filter((positional) => isFirst(positional, command));
  return part(
    usageOf(name, command),
    paragraph(prose(`${command.description}.`)),
    ...positionals.map((positional) => item(italic(positional.hint), prose(`${positional.description}.`))),
    ...options,
  );
}

/** True if no command before `command` takes the same. */
function isFirst(positional: Command["positionals"][number], command: Command): boolean {
  const having = Object.values(commands).find(({ positionals }) => positionals.includes(positional));
  return having === command;
}

/** An option, and the commands that have it just so. */
interface Usage {
  readonly name: string;
  readonly option: OptionDef;
  readonly commands: string[];
}

/** The options of all commands under one heading; one that differs between commands is there several times. */
function groupPart(group: OptionDef["group"]): string[] {
  const usages = new Map<string, Usage>();
  for (const [command, { options }] of Object.entries(commands)) {
    for (const [name, option] of Object.entries({ ...options, ...commonOptions })) {
      if (option.group !== group) continue;
      const key = JSON.stringify([name, option]);
      const usage = usages.get(key) ?? { name, option, commands: [] };
      usages.set(key, usage);
      usage.commands.push(command);
    }
  }
  return usages.size === 0 ? [] : part(group, ...[...usages.values()].map(optionItem));
}

function optionItem({ name, option, commands: having }: Usage): string[] {
  const [spellings, hint] = spellingOf([name, option]);
  const range = option.type === "count" ? `${option.min} to ${option.max}` : "";
  const limits = option.description.includes(range) ? "" : ` From ${range}.`;
  const note = whoHas(having);
  return item(
    `${spellings.map(bold).join(", ")}${hint === "" ? "" : ` ${italic(hint)}`}`,
    `${prose(`${explain(option)}.${limits}`)}${note === "" ? "" : ` ${literal("(")}${italic(note)}${literal(")")}`}`,
  );
}

/** Which commands have an option, if these are not those that one expects. */
function whoHas(having: readonly string[]): string {
  const all = Object.keys(commands);
  const mirroring = all.filter((name) => Object.hasOwn(commands[name]!.options, "exclude"));
  if (having.length === all.length || mirroring.every((name) => having.includes(name))) return "";
  return having.join(", ");
}
