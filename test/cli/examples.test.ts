/** Each example is a command line that tsync takes. */
import { describe, expect, test } from "bun:test";
import { readArguments } from "../../src/cli/arguments.ts";
import { type Command, commands } from "../../src/cli/commands.ts";
import { examples, examplesText } from "../../src/cli/examples.ts";
import { parseDestination } from "../../src/config/destination.ts";
import { commonOptions } from "../../src/config/options.ts";
import { Fault } from "../../src/core/fault.ts";
import { splitWords } from "../../src/import/words.ts";

const all = Object.values(examples).flat();

describe("examples", () => {
  test.each(all.map(({ command }) => command))("%s", (line) => {
    const [program, name, ...words] = splitWords(line)!.words;
    expect(program).toBe("tsync");
    const command = commands[name!] as Command;
    const known = { ...command.options, ...commonOptions };
    const args = readArguments(words, known);
    if (args instanceof Fault) throw new Error(args.toString());
    if (name === "import") return expect(args.positionals.length).toBeGreaterThan(0);
    if (name === "doctor")
      return expect(parseDestination(args.positionals[0]!)).toMatchObject({ kind: "ssh" });
    const [source, ...destinations] = name === "service" ? args.positionals.slice(1) : args.positionals;
    if (words.includes("--config")) return expect(source).toBeUndefined();
    expect(source).toMatch(/^[~./]/);
    expect(destinations.length).toBeGreaterThan(0);
    for (const destination of destinations) expect(parseDestination(destination)).not.toBeInstanceOf(Fault);
  });

  test("all are printed, with what they do, on lines that fit a terminal", () => {
    const text = examplesText();
    for (const { command, does } of all) expect(text).toContain(`  # ${does}\n  ${command}\n`);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect(all.length).toBeGreaterThanOrEqual(15);
  });
});
