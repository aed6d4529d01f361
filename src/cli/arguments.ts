/** Reads arguments strictly: what the table does not have is an error, never ignored. */
import type { OptionDef } from "../config/options.ts";
import { type RawValue, readValue } from "../config/values.ts";
import { closest } from "../core/closest.ts";
import { Fault } from "../core/fault.ts";

/** An option as it was given. */
interface Given {
  /** Its long name. */
  readonly name: string;
  /** As it was written, and found to be readable. */
  readonly value: RawValue;
  /** As it was written: `--port`, `-p`. */
  readonly written: string;
}

/** Arguments that fit the table. */
export interface Arguments {
  /** In the order in which they were given. */
  readonly options: readonly Given[];
  readonly positionals: readonly string[];
}

/** True if the flag `name` is given. */
export function hasFlag(args: Arguments, name: string): boolean {
  return args.options.some((given) => given.name === name && given.value === true);
}

/** True unless the flag `name`, which is on by default, was turned off. */
export function isOn(args: Arguments, name: string): boolean {
  return args.options.findLast((given) => given.name === name)?.value !== false;
}

/** The value of the option `name` that takes a text; null if it is not given. */
export function textOf(args: Arguments, name: string): string | null {
  const value = args.options.find((given) => given.name === name)?.value;
  return typeof value === "string" ? value : null;
}

/** Reads `args` by the table `options`. Options may stand anywhere; `--` ends them. */
export function readArguments(
  args: readonly string[],
  options: Readonly<Record<string, OptionDef>>,
): Arguments | Fault {
  const found: Given[] = [];
  const positionals: string[] = [];
  const queue = [...args];
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === "--") {
      positionals.push(...queue);
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      positionals.push(arg);
      continue;
    }
    const fault = arg.startsWith("--") ? readLong(arg.slice(2)) : readShort(arg.slice(1));
    if (fault !== null) return fault;
  }
  return { options: found, positionals };

  function readLong(text: string): Fault | null {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    const given = equals < 0 ? undefined : text.slice(equals + 1);
    if (Object.hasOwn(options, name)) return take(name, `--${name}`, given);
    const positive = name.startsWith("no-") ? name.slice(3) : "";
    if (Object.hasOwn(options, positive) && options[positive]!.type === "flag")
      return takeFlag(positive, `--${name}`, false, given);
    return unknown(`--${name}`, closest(name, Object.keys(options)));
  }

  /** `-vn`, `-p22`, `-p 22`. */
  function readShort(letters: string): Fault | null {
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at]!;
      const name = Object.keys(options).find((key) => options[key]!.alias === letter);
      if (name === undefined) return unknown(`-${letter}`, null);
      if (options[name]!.type !== "flag") return take(name, `-${letter}`, letters.slice(at + 1) || undefined);
      const fault = takeFlag(name, `-${letter}`, true, undefined);
      if (fault !== null) return fault;
    }
    return null;
  }

  function takeFlag(name: string, written: string, value: boolean, given: string | undefined): Fault | null {
    if (given !== undefined) return new Fault("usage", `${written} takes no value`, help);
    if (found.some((other) => other.name === name && other.value !== value))
      return new Fault("usage", `--${name} and --no-${name} contradict each other`, help);
    found.push({ name, value, written });
    return null;
  }

  function take(name: string, written: string, given: string | undefined): Fault | null {
    const option = options[name]!;
    if (option.type === "flag") return takeFlag(name, written, true, given);
    const text = given ?? queue.shift();
    if (text === undefined || text === "")
      return new Fault("usage", `${written} needs a value (${hintOf(option)})`, help);
    if (option.type !== "list" && found.some((other) => other.name === name))
      return new Fault("usage", `${written} is given twice`, help);
    const read = readValue(option, text);
    if ("problem" in read) return new Fault("usage", `${written} ${read.problem}`, help);
    found.push({ name, value: text, written });
    return null;
  }
}

const help = "see tsync --help";

function unknown(written: string, meant: string | null): Fault {
  return new Fault("usage", `unknown option ${written}`, meant === null ? help : `did you mean --${meant}?`);
}

/** True for a flag whose useful form on the command line is `--no-NAME`. */
export function isOnByDefault(option: OptionDef): boolean {
  return option.type === "flag" && "default" in option;
}

/** What the useful form of an option on the command line does. */
export function effectOf(option: OptionDef): string {
  return option.type === "flag" && "without" in option ? option.without : option.description;
}

/** What stands for an option's value in help and messages. */
export function hintOf(option: OptionDef): string {
  switch (option.type) {
    case "flag":
      return "";
    case "choice":
      return option.choices.join("|");
    case "duration":
      return "TIME";
    case "size":
      return "SIZE";
    case "rate":
      return "RATE";
    case "count":
      return "N";
    default:
      return option.hint;
  }
}
