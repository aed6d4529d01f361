import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Arguments, readArguments } from "../../src/cli/arguments.ts";
import { commonOptions, mirrorOptions } from "../../src/config/options.ts";
import { Fault } from "../../src/core/fault.ts";

const table = { ...mirrorOptions, ...commonOptions };

function read(...args: string[]): { options: Record<string, unknown>; positionals: readonly string[] } {
  const found = readArguments(args, table) as Arguments;
  if (found instanceof Fault) throw new Error(found.toString());
  const options: Record<string, unknown[]> = {};
  for (const { name, value } of found.options) options[name] = [...(options[name] ?? []), value];
  return { options, positionals: found.positionals };
}

/** What is wrong with `args`, message and hint. */
function problem(...args: string[]): string {
  const fault = readArguments(args, table);
  if (!(fault instanceof Fault)) throw new Error("no fault");
  expect(fault.code).toBe("usage");
  return fault.toString();
}

describe("readArguments", () => {
  test("reads options before, between and after the positionals", () => {
    expect(read("-v", "src", "--port", "22", "dest", "--json")).toEqual({
      options: { verbose: [true], port: ["22"], json: [true] },
      positionals: ["src", "dest"],
    });
  });

  test("reads values after a blank, an equals sign or a letter", () => {
    for (const args of [["--port", "22"], ["--port=22"], ["-p", "22"], ["-p22"]])
      expect(read(...args).options).toEqual({ port: ["22"] });
    expect(read("--ssh-config=a=b").options).toEqual({ "ssh-config": ["a=b"] });
  });

  test("reads several letters in one", () => {
    expect(read("-vn").options).toEqual({ verbose: [true], "dry-run": [true] });
    expect(read("-vnp22").options).toEqual({ verbose: [true], "dry-run": [true], port: ["22"] });
    expect(read("-vp", "22").options).toEqual({ verbose: [true], port: ["22"] });
  });

  test("keeps every value of a repeatable option, in order", () => {
    expect(read("-i", "a", "--identity=b", "-ic").options).toEqual({ identity: ["a", "b", "c"] });
  });

  test("takes what follows -- as it is, and a lone dash as a positional", () => {
    expect(read("-v", "--", "--port", "-n", "--").positionals).toEqual(["--port", "-n", "--"]);
    expect(read("-", "").positionals).toEqual(["-", ""]);
  });

  test("lets a flag be given twice", () => {
    expect(read("-v", "--verbose").options).toEqual({ verbose: [true, true] });
  });

  test("takes a flag back with no-, but not both ways", () => {
    expect(read("--no-perms").options).toEqual({ perms: [false] });
    expect(problem("--no-perms", "--perms")).toContain("--perms and --no-perms contradict each other");
    expect(problem("--no-port")).toContain("unknown option --no-port");
    expect(problem("--no-perms=1")).toContain("--no-perms takes no value");
  });

  test("keeps the order of options, whatever their names", () => {
    const found = readArguments(["--include=b", "--exclude", "a", "--include", "c"], table) as Arguments;
    expect(found.options.map(({ name, value }) => [name, value])).toEqual([
      ["include", "b"],
      ["exclude", "a"],
      ["include", "c"],
    ]);
  });

  test("suggests the option that was meant", () => {
    expect(problem("--delte=exact")).toBe("unknown option --delte; did you mean --delete?");
    expect(problem("--dryrun")).toBe("unknown option --dryrun; did you mean --dry-run?");
    expect(problem("--completely-different")).toBe("unknown option --completely-different; see tsync --help");
  });

  test("knows no option that is only part of the language", () => {
    expect(problem("--constructor")).toContain("unknown option --constructor");
    expect(problem("--__proto__=1")).toContain("unknown option --__proto__");
  });

  test("refuses an unknown letter, also after known ones", () => {
    expect(problem("-W")).toBe("unknown option -W; see tsync --help");
    expect(problem("-vW")).toContain("unknown option -W");
    expect(problem("-é")).toContain("unknown option -é");
  });

  test("refuses a value missing or empty, and says what it should be", () => {
    expect(problem("--port")).toBe("--port needs a value (N); see tsync --help");
    expect(problem("--port=")).toContain("--port needs a value (N)");
    expect(problem("-p")).toContain("-p needs a value (N)");
    expect(problem("--port", "")).toContain("needs a value");
    expect(problem("--delete")).toContain("--delete needs a value (tracked|exact|never|startup|live)");
  });

  test("refuses a value for a flag", () => {
    expect(problem("--json=yes")).toBe("--json takes no value; see tsync --help");
    expect(problem("--json=")).toContain("takes no value");
  });

  test("refuses a value given twice", () => {
    expect(problem("-p", "1", "--port=2")).toBe("--port is given twice; see tsync --help");
  });

  test("refuses a choice that is none", () => {
    expect(problem("--delete=all")).toContain(
      '--delete is "all", which is not one of tracked, exact, never, startup, live',
    );
    expect(read("--delete", "exact").options).toEqual({ delete: ["exact"] });
  });

  test("always ends with arguments or with a usage fault, and loses no positional", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom("--", "-", "-v", "-p", "-p1", "--port", "--json", "--delete=exact", "-i"),
    );
    fc.assert(
      fc.property(fc.array(word), (args) => {
        const found = readArguments(args, table);
        if (found instanceof Fault) expect(found.code).toBe("usage");
        else for (const one of found.positionals) expect(args).toContain(one);
      }),
    );
  });
});
