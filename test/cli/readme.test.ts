/** The README says what the program does. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { commands } from "../../src/cli/commands.ts";
import { exitMeanings } from "../../src/cli/exit-codes.ts";
import { readConfigFile } from "../../src/config/file.ts";
import { type SettingName, settingOptions } from "../../src/config/options.ts";
import { Faults } from "../../src/core/fault.ts";
import { take } from "../import/taken.ts";

const readme = readFileSync(resolve(import.meta.dir, "../../README.md"), "utf8");
const known = new Set(Object.values(commands).flatMap(({ options }) => Object.keys(options)));

/** The rows of the table below `<summary>NAME</summary>`: what it was there, and what it is here. */
function comingFrom(name: string): [string, string][] {
  const part = readme.split(`<summary>${name}</summary>`)[1]!.split("</details>")[0]!;
  const rows = part.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
  return rows.slice(1).map((row) => row.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, ""))) as [
    string,
    string,
  ][];
}

const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

test("every option that it names exists", () => {
  const other = ["--target", "--help", "--version", "--syslog-facility", "--examples", "--nolog", "--debug"];
  // Of a command in an example, of the simulator, the soak and the benchmark, and of curl.
  other.push(
    "--to",
    "--seed",
    "--count",
    "--minutes",
    "--quick",
    "--measure",
    "--rtt",
    "--trees",
    "--unix-socket",
  );
  const theirs = ["--nodebug", "--host", "--port", "--partial", "--delete-after", "--safe-links"];
  const named = [...readme.matchAll(/(?<![\w-])--([a-z][a-z-]*)\b(?!_)/g)].map((match) => match[1]!);
  for (const name of named) {
    if ([...other, ...theirs].includes(`--${name}`)) continue;
    expect([name, known.has(name.replace(/^no-/, "")) || known.has(name)]).toEqual([name, true]);
  }
  expect(named.length).toBeGreaterThan(40);
});

test("its configurations are valid", () => {
  const blocks = [...readme.matchAll(/^```toml\n(.*?)^```$/gms)].map((match) => match[1]!);
  expect(blocks.length).toBeGreaterThan(1);
  for (const text of blocks)
    expect(readConfigFile(text, { file: "README.md", folder: "/etc", home: "/home/ann" })).not.toBeInstanceOf(
      Faults,
    );
});

test("its table of hooks has them all", () => {
  const names = Object.keys(settingOptions).filter(
    (name) => settingOptions[name as SettingName].type === "command",
  );
  expect([...readme.matchAll(/^\| `(on-[a-z-]+)` \|/gm)].map((match) => match[1]!)).toEqual(names);
});

test("each promise names tests that are there", () => {
  const part = readme.split("## What tsync promises")[1]!.split("\n## ")[0]!;
  const named = [...part.matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1]!);
  expect(named.length).toBeGreaterThan(15);
  for (const path of named)
    expect([path, existsSync(resolve(import.meta.dir, "../..", path))]).toEqual([path, true]);
});

test("its exit codes are those of the program, and mean the same", () => {
  const rows = [...readme.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map((match) => [Number(match[1]), match[2]!]);
  expect(rows).toEqual(exitMeanings.map((row) => [...row]));
});

describe("coming from", () => {
  for (const name of ["lsyncd", "inosync", "pylsyncd", "pirsyncd"]) {
    test(`${name}: what it is here exists here`, () => {
      const rows = comingFrom(name);
      expect(rows.length).toBeGreaterThan(7);
      for (const [, here] of rows) {
        for (const text of quoted(here)) {
          const option = /^(?:--)?([a-z][a-z-]+)( = .*)?$/.exec(text)?.[1];
          if (option === undefined || option === "tsync" || text.startsWith("/")) continue;
          const isKnown = known.has(option) || ["source", "targets"].includes(option);
          expect([text, isKnown]).toEqual([text, true]);
        }
      }
    });
  }

  test("lsyncd: each of its rsync settings becomes what the table says", () => {
    const row = comingFrom("lsyncd").find(([, here]) => here === "the same names, with `-`")!;
    const names = quoted(row[0]);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const option = name.replaceAll("_", "-");
      const type = settingOptions[option as keyof typeof settingOptions].type;
      const value =
        type === "flag"
          ? "true"
          : type === "duration" || type === "rate"
            ? "30"
            : name === "chmod"
              ? '"D755"'
              : '"x"';
      const { options } = take(
        `sync{ default.rsync, source = "/a", target = "/b", rsync = { ${name} = ${value} } }`,
      );
      expect([name, Object.keys(options)]).toEqual([name, expect.arrayContaining([option])]);
    }
  });
});
