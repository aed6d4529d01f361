/** Reads the options of a command line as Python's optparse does. */
import { Fault } from "../core/fault.ts";

/** Options by every spelling (`-d`, `--debug`): their names, and whether they take a value. */
export type WordTable = Readonly<Record<string, { readonly name: string; readonly value?: true }>>;

/** A command line, read. */
export interface ReadWords {
  readonly options: ReadonlyMap<string, string | true>;
  readonly positionals: readonly string[];
}

/** Reads `words`; options and other words may be mixed, and long options cut short. */
export function readOptionWords(words: readonly string[], table: WordTable): ReadWords | Fault {
  const options = new Map<string, string | true>();
  const positionals: string[] = [];
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === "--") {
      positionals.push(...queue);
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      positionals.push(word);
      continue;
    }
    const fault = word.startsWith("--") ? readLong(word) : readShort(word);
    if (fault !== null) return fault;
  }
  return { options, positionals };

  function readLong(word: string): Fault | null {
    const equals = word.indexOf("=");
    const spelling = equals < 0 ? word : word.slice(0, equals);
    const meant = Object.hasOwn(table, spelling)
      ? [spelling]
      : Object.keys(table).filter((known) => known.startsWith(spelling));
    if (meant.length !== 1) return unknown(spelling);
    return take(meant[0]!, equals < 0 ? null : word.slice(equals + 1));
  }

  function readShort(word: string): Fault | null {
    for (let at = 1; at < word.length; at++) {
      const spelling = `-${word[at]}`;
      if (!Object.hasOwn(table, spelling)) return unknown(spelling);
      if (table[spelling]!.value) return take(spelling, word.slice(at + 1) || null);
      const fault = take(spelling, null);
      if (fault !== null) return fault;
    }
    return null;
  }

  function take(spelling: string, given: string | null): Fault | null {
    const { name, value } = table[spelling]!;
    const found = value ? (given ?? queue.shift()) : true;
    if (found === undefined) return new Fault("usage", `${spelling} needs a value`);
    if (!value && given !== null) return new Fault("usage", `${spelling} takes no value`);
    options.set(name, found);
    return null;
  }
}

function unknown(spelling: string): Fault {
  return new Fault("usage", `the program that this command line is for has no option ${spelling}`);
}
