/** Reads arguments strictly: what the table does not have is an error, never ignored. */
import { Fault } from "../core/fault.ts";
import type { OptionDef } from "./options.ts";

/** Arguments that fit the table. */
export interface Arguments {
  /** Values by long name; `true` for a flag that was given. */
  readonly options: ReadonlyMap<string, readonly (string | true)[]>;
  readonly positionals: readonly string[];
}

/** Reads `args` by the table `options`. Options may stand anywhere; `--` ends them. */
export function readArguments(
  args: readonly string[],
  options: Readonly<Record<string, OptionDef>>,
): Arguments | Fault {
  const values = new Map<string, (string | true)[]>();
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
  return { options: values, positionals };

  function readLong(text: string): Fault | null {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    if (!Object.hasOwn(options, name)) return unknown(`--${name}`, closest(name, Object.keys(options)));
    return take(name, `--${name}`, equals < 0 ? undefined : text.slice(equals + 1));
  }

  /** `-vn`, `-p22`, `-p 22`. */
  function readShort(letters: string): Fault | null {
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at]!;
      const name = Object.keys(options).find(
        (key) => options[key]!.type !== "positional" && aliasOf(options[key]!) === letter,
      );
      if (name === undefined) return unknown(`-${letter}`, null);
      if (options[name]!.type === "boolean") {
        const fault = take(name, `-${letter}`, undefined);
        if (fault !== null) return fault;
        continue;
      }
      return take(name, `-${letter}`, letters.slice(at + 1) || undefined);
    }
    return null;
  }

  function take(name: string, written: string, given: string | undefined): Fault | null {
    const option = options[name]!;
    if (option.type === "boolean") {
      if (given !== undefined) return new Fault("usage", `${written} takes no value`, help);
      values.set(name, [true]);
      return null;
    }
    const value = given ?? queue.shift();
    if (value === undefined || value === "")
      return new Fault("usage", `${written} needs a value (${hintOf(option)})`, help);
    const earlier = values.get(name);
    if (earlier !== undefined && !option.repeatable)
      return new Fault("usage", `${written} is given twice`, help);
    if (option.type === "enum" && !option.options?.includes(value)) {
      return new Fault(
        "usage",
        `${written} is "${value}", which is none of ${option.options?.join(", ")}`,
        help,
      );
    }
    values.set(name, [...(earlier ?? []), value]);
    return null;
  }
}

const help = "see tsync --help";

function unknown(written: string, meant: string | null): Fault {
  return new Fault("usage", `unknown option ${written}`, meant === null ? help : `did you mean --${meant}?`);
}

function aliasOf(option: OptionDef): string | undefined {
  return "alias" in option && typeof option.alias === "string" ? option.alias : undefined;
}

function hintOf(option: OptionDef): string {
  return option.type === "enum" ? (option.options?.join(", ") ?? "") : (option.valueHint ?? "text");
}

/** The name that `text` was most likely meant to be; null if none is near. */
export function closest(text: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(text.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(text, name);
    if (distance >= bestDistance) continue;
    best = name;
    bestDistance = distance;
  }
  return best;
}

/** Insertions, removals, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, rows[i - 2]![j - 2]! + 1);
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
