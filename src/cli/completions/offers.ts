/** What the table of commands means for completion, whatever the shell. */
import { commonOptions, type OptionDef, settingOptions } from "../../config/options.ts";
import { effectOf, hintOf, isOnByDefault } from "../arguments.ts";
import type { Command } from "../commands.ts";

/** What is offered for the value of an option. */
export type ValueOffer =
  | { readonly is: "file" }
  /** One of a few words. */
  | { readonly is: "word"; readonly words: readonly string[] }
  /** Several of a few words, with commas between them. */
  | { readonly is: "words"; readonly words: readonly string[] }
  /** A number, with one of these units behind it. */
  | { readonly is: "number"; readonly units: readonly string[] }
  /** Anything. */
  | { readonly is: "text" };

/** An option as it is offered. */
export interface OptionOffer {
  /** `-n`, `--dry-run`; for what is on by default, `--no-NAME`. */
  readonly spellings: readonly string[];
  /** The other form of a flag: it takes back what a configuration file says. Offered once two dashes and more are typed. */
  readonly opposite: string | null;
  /** Few words. */
  readonly description: string;
  /** Null for a flag. */
  readonly value: ValueOffer | null;
  /** What stands for the value in help. */
  readonly hint: string;
  readonly repeats: boolean;
}

const timeUnits = ["ms", "s", "m", "h"];
const sizeUnits = ["K", "M", "G", "T"];

/** The options of a command. */
export function optionOffers(command: Command): OptionOffer[] {
  const options: [string, OptionDef][] = Object.entries({ ...command.options, ...commonOptions });
  return options.map(([name, option]): OptionOffer => {
    const isNegative = isOnByDefault(option);
    const short = option.alias === undefined ? [] : [`-${option.alias}`];
    const canBeTakenBack = option.type === "flag" && Object.hasOwn(settingOptions, name);
    return {
      spellings: [...short, `--${isNegative ? "no-" : ""}${name}`],
      opposite: canBeTakenBack ? `--${isNegative ? "" : "no-"}${name}` : null,
      description: inShort(effectOf(option)),
      value: valueOffer(option),
      hint: hintOf(option),
      repeats: option.type === "list",
    };
  });
}

function valueOffer(option: OptionDef): ValueOffer | null {
  switch (option.type) {
    case "flag":
      return null;
    case "choice":
      return { is: "word", words: option.choices };
    case "set":
      return { is: "words", words: option.choices };
    case "duration":
      return { is: "number", units: timeUnits };
    case "size":
    case "rate":
      return { is: "number", units: sizeUnits };
    case "count":
      return { is: "text" };
    default:
      return { is: ["FILE", "PROGRAM"].includes(option.hint) ? "file" : "text" };
  }
}

/** The beginning of a description, as far as it stands alone. */
export function inShort(description: string): string {
  return description.split(/; |: | \(/, 1)[0]!;
}

/** What each argument is, in order; `…` at the end of the last one if there may be several. Words have `=` in front. */
export function positionalOffers(command: Command): string[] {
  return command.positionals.map(({ is = "text", words, repeats }) => {
    const offer = words === undefined ? is : `=${words.join(",")}`;
    return repeats ? `${offer}+` : offer;
  });
}

/** Commands that share `key`, in the order in which the first of each comes. */
export function groupCommands<T>(
  entries: readonly (readonly [name: string, value: T])[],
): { readonly names: string[]; readonly value: T }[] {
  const groups = new Map<string, { names: string[]; value: T }>();
  for (const [name, value] of entries) {
    const key = JSON.stringify(value);
    const group = groups.get(key) ?? { names: [], value };
    groups.set(key, group);
    group.names.push(name);
  }
  return [...groups.values()];
}
