/** Targets of the configuration file that are commands. */
import { describe, expect, test } from "bun:test";
import { readConfigFile } from "../../src/config/file.ts";
import { jsonSchema } from "../../src/config/json-schema.ts";
import { Faults } from "../../src/core/fault.ts";

const place = { file: "tsync.toml", folder: "/etc/tsync", home: "/home/ann" };

/** A file with one target, on line 4. */
const read = (target: string) =>
  readConfigFile(`[[mirror]]\nname = "www"\nsource = "/www"\ntargets = [${target}]`, place);

function targetOf(target: string) {
  const config = read(target);
  if (config instanceof Faults) throw new Error(config.list.join("\n"));
  return config.mirrors[0]!.targets[0]!;
}

test("all of it", () => {
  const target =
    '{ exec = ["push", "--to", "./x"], name = "bucket", format = "nul", moves = false, timeout = "60s" }';
  expect(targetOf(target)).toEqual({
    to: { kind: "exec", name: "bucket", argv: ["push", "--to", "./x"], format: "nul", moves: false },
    layer: [{ name: "timeout", value: "60s", where: "tsync.toml:4" }],
  });
});

test.each([
  ["./push", "/etc/tsync/push"],
  ["bin/push", "/etc/tsync/bin/push"],
  ["~/push", "/home/ann/push"],
  ["/usr/bin/push", "/usr/bin/push"],
  ["push", "push"],
])("the program %s is %s", (written, program) => {
  expect(targetOf(`{ exec = ["${written}"] }`).to).toEqual({
    kind: "exec",
    name: "push",
    argv: [program],
    format: "json",
    moves: true,
  });
});

describe("a mistake", () => {
  const list = 'which is not a list of texts like ["/usr/local/bin/push", "--to", "bucket"]';
  test.each([
    ['{ exec = "push --to x" }', `4:14: exec is "push --to x", ${list}`],
    ["{ exec = [] }", `4:14: exec is [], ${list}`],
    ['{ exec = ["push", 1] }', "4:30: exec is 1, which is not a text"],
    ['{ exec = [""] }', '4:22: exec is "", which is not a text'],
    ['{ exec = ["a"], format = "xml" }', '4:28: format is "xml", which is not one of json, nul'],
    ['{ exec = ["a"], moves = "no" }', '4:28: moves is "no", which is not true or false'],
    ['{ exec = ["a"], name = "-x" }', '4:28: name is "-x", which is not a name'],
    [
      '{ exec = ["a"], formt = "nul" }',
      '4:28: unknown key "formt" in a target of [[mirror]] "www"; did you mean format?',
    ],
    [
      '{ exec = ["a"], to = "/x" }',
      '4:28: a target of [[mirror]] "www" has both "to" and "exec": it is one of them',
    ],
    ['{ to = "/x", format = "nul" }', '4:25: unknown key "format" in a target of [[mirror]] "www"'],
    ["{ timeout = 1 }", '4:12: a target of [[mirror]] "www" has no "to"'],
  ])("%s", (target, says) => {
    const config = read(target);
    if (!(config instanceof Faults)) throw new Error("nothing was wrong");
    expect(config.list.map((fault) => fault.toString())).toEqual([
      expect.stringContaining(`tsync.toml:${says}`),
    ]);
  });
});

test("editors are told of it", () => {
  const targets = JSON.parse(jsonSchema()).properties.mirror.items.properties.targets.items.anyOf;
  const [, , exec] = targets;
  expect(exec.required).toEqual(["exec"]);
  expect(exec.additionalProperties).toBe(false);
  expect(exec.properties.format).toMatchObject({ enum: ["json", "nul"], default: "json" });
  expect(exec.properties.exec).toMatchObject({ type: "array", minItems: 1 });
});
