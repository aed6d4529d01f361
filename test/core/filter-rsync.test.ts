/** tsync's rules against the real rsync: both must select the same. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { isFault } from "../../src/core/fault.ts";
import { Filter } from "../../src/core/filter.ts";
import { patternRule, type Rule, readRuleFile } from "../../src/core/rules.ts";
import { ownPatterns, rsyncPatterns } from "../helpers/random-patterns.ts";
import { makeTree, type Tree, trees } from "../helpers/random-trees.ts";
import { rsyncFilter } from "../helpers/rsync-filter.ts";

/** How many times the usual number of cases is tried. */
const times = Number(process.env.TSYNC_TEST_TIMES ?? 1);
const timeoutMs = 60_000 * times;

let folder: string;
const made = ["a", "[", "*a", "a*", "\\", "\\a", "b/a", "b/xa", "b/c/a", "c/a/b", "c/a/b/a"];
const first: Tree = new Map(
  [...made, "b", "b/c", "c", "c/a", "c/a/b"].sort().map((path) => [path, isParent(path)]),
);
const forest: readonly Tree[] = [first, ...fc.sample(trees(150), 12)];

/** True if one of `made` lies below. */
function isParent(path: string): boolean {
  return made.some((other) => other.startsWith(`${path}/`));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsync-filter-"));
  forest.forEach((tree, at) => {
    mkdirSync(`${folder}/${at}`);
    makeTree(`${folder}/${at}`, tree);
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What rsync would send of a tree under the rules of `text`, directories included, sorted. */
function sentByRsync(tree: number, text: string): string[] {
  const file = `${folder}/rules`;
  writeFileSync(file, text, "latin1");
  const { stdout, stderr, exitCode } = Bun.spawnSync(
    [
      "rsync",
      "-rn",
      "--from0",
      `--filter=. ${file}`,
      "--out-format=%n",
      `${folder}/${tree}/`,
      `${folder}/none/`,
    ],
    { env: { PATH: process.env.PATH ?? "", LC_ALL: "C" } },
  );
  expect({ stderr: stderr.toString(), exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "" && line !== "./" && !line.startsWith("created directory "))
    .map((line) =>
      line
        .replace(/\/$/, "")
        .replace(/\\#(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .sort();
}

/** What tsync selects: a walk from the top, and the same asked for each path by itself. */
function selected(tree: Tree, rules: readonly Rule[]): string[] {
  const filter = new Filter(rules, false);
  const excluded = new Set<string>();
  const paths: string[] = [];
  for (const [path, isDirectory] of tree) {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const isExcluded = excluded.has(parent) || filter.excludes(path, isDirectory);
    expect(filter.explain(path, isDirectory)?.rule.action === "exclude").toBe(isExcluded);
    if (isExcluded) excluded.add(path);
    else paths.push(path);
  }
  return paths.sort();
}

const anyTree = fc.nat(forest.length - 1);
const action = fc.constantFrom("exclude" as const, "exclude" as const, "include" as const);

/** What chance finds too seldom, about the first tree. */
const examples = [
  "**/**/a",
  "/**/a",
  "/**a",
  "\\**a",
  "a\\*",
  "\\\\",
  "\\\\*",
  "a/***",
  "**/***",
  "*/***/",
  "[[]*",
].map((text): [number, ["exclude", string][]] => [0, [["exclude", text]]]);

test(
  "tsync's rules, written for rsync, select the same",
  () => {
    const line = fc.tuple(action, ownPatterns);
    let rulesTried = 0;
    let entriesLeftOut = 0;
    fc.assert(
      fc.property(anyTree, fc.array(line, { minLength: 1, maxLength: 6 }), (at, lines) => {
        const rules = lines
          .map(([what, text]) => patternRule(what, text, "test"))
          .filter((rule): rule is Rule => !isFault(rule));
        const sent = sentByRsync(at, rsyncFilter(rules));
        rulesTried += rules.length;
        entriesLeftOut += forest[at]!.size - sent.length;
        expect(selected(forest[at]!, rules)).toEqual(sent);
      }),
      { numRuns: 60 * times + examples.length, includeErrorInReport: true, examples },
    );
    expect(rulesTried).toBeGreaterThan(100 * times);
    expect(entriesLeftOut).toBeGreaterThan(300 * times);
  },
  timeoutMs,
);

test(
  "patterns of rsync mean the same as they are",
  () => {
    const line = fc.tuple(action, rsyncPatterns);
    fc.assert(
      fc.property(anyTree, fc.array(line, { minLength: 1, maxLength: 4 }), (at, lines) => {
        const texts = lines.map(([what, text]) => `${what === "exclude" ? "-" : "+"} ${text}`);
        const good = texts.filter((text) => !isFault(readRuleFile("filter", "test", text, [])));
        const rules = readRuleFile("filter", "test", good.join("\n"), []);
        if (isFault(rules)) throw new Error(String(rules));
        const sent = sentByRsync(at, good.map((text) => `${text}\0`).join(""));
        expect(selected(forest[at]!, rules)).toEqual(sent);
      }),
      { numRuns: 60 * times, includeErrorInReport: true },
    );
  },
  timeoutMs,
);
