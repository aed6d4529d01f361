/** Each example is a command line that tsync takes. */
import { describe, expect, test } from "bun:test";
import { readArguments } from "../../src/cli/arguments.ts";
import { type Command, commands } from "../../src/cli/commands.ts";
import { examples, examplesText } from "../../src/cli/examples.ts";
import { commonOptions } from "../../src/cli/options.ts";
import { parseDestination } from "../../src/config/destination.ts";
import { Fault } from "../../src/core/fault.ts";
import { splitWords } from "../../src/import/words.ts";

/** Options that the table does not have yet; true for those that take a value. Empty, this can go. */
const notYet: Readonly<Record<string, boolean>> = {
  "append-verify": false,
  backup: false,
  "backup-dir": true,
  bwlimit: true,
  chmod: true,
  chown: true,
  config: true,
  delay: true,
  exclude: true,
  gitignore: false,
  include: true,
  ionice: true,
  "max-batch": true,
  "max-delete": true,
  nice: true,
  parallel: true,
  "partial-dir": true,
  "password-file": true,
};
/** Letters that it does not have yet. */
const notYetLetters = ["-H", "-A", "-X"];
/** Destinations that it cannot read yet. */
const notYetDestinations = /::/;

const all = Object.values(examples).flat();

describe("examples", () => {
  test.each(all.map(({ command }) => command))("%s", (line) => {
    const [program, name, ...words] = splitWords(line)!.words;
    expect(program).toBe("tsync");
    const command = commands[name!] as Command;
    const known = { ...command.options, ...commonOptions };
    const args = readArguments(withoutUnknown(words, known), known);
    if (args instanceof Fault) throw new Error(args.toString());
    if (name === "import") return expect(args.positionals.length).toBeGreaterThan(0);
    const [source, ...destinations] = args.positionals;
    if (words.includes("--config")) return expect(source).toBeUndefined();
    expect(source).toMatch(/^[~./]/);
    expect(destinations.length).toBeGreaterThan(0);
    for (const destination of destinations)
      if (!notYetDestinations.test(destination))
        expect(parseDestination(destination)).not.toBeInstanceOf(Fault);
  });

  test("options that exist by now are no longer listed as missing", () => {
    const known = commands.watch!.options;
    expect(Object.keys(notYet).filter((name) => Object.hasOwn(known, name))).toEqual([]);
  });

  test("all are printed, with what they do, on lines that fit a terminal", () => {
    const text = examplesText();
    for (const { command, does } of all) expect(text).toContain(`  # ${does}\n  ${command}\n`);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect(all.length).toBeGreaterThanOrEqual(15);
  });
});

function withoutUnknown(words: readonly string[], known: object): string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") return [...kept, ...words.slice(at)];
    const name = word.replace(/^--/, "");
    if (notYetLetters.includes(word)) continue;
    if (!word.startsWith("--") || Object.hasOwn(known, name) || !Object.hasOwn(notYet, name)) kept.push(word);
    else if (notYet[name]) at++;
  }
  return kept;
}
