/** tsync's reading of .gitignore files against the real git: the same paths, for the same line. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Filter } from "../../src/core/filter.ts";
import { gitignoreLines } from "../helpers/random-patterns.ts";
import { makeTree, type Tree, trees } from "../helpers/random-trees.ts";
import { bytesOf } from "../helpers/trees.ts";

/** How many times the usual number of cases is tried. */
const times = Number(process.env.TSYNC_TEST_TIMES ?? 1);

let folder: string;
const env = {
  PATH: process.env.PATH ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  LC_ALL: "C",
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsync-gitignore-"));
  expect(Bun.spawnSync(["git", "init", "-q", folder], { env }).exitCode).toBe(0);
  rmSync(`${folder}/.git/info`, { recursive: true, force: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function clear(): void {
  for (const name of readdirSync(folder, { encoding: "buffer" })) {
    if (name.toString() === ".git") continue;
    rmSync(Buffer.concat([Buffer.from(`${folder}/`), name]), { recursive: true, force: true });
  }
}

/** For each path the line that decides, as `FILE:LINE`, with a `!` in front if it includes; `""` if none does. */
function decidedByGit(paths: readonly string[]): string[] {
  const { stdout, stderr, exitCode } = Bun.spawnSync(
    ["git", "-C", folder, "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"],
    { env, stdin: bytesOf(paths.map((path) => `./${path}\0`).join("")) },
  );
  expect(stderr.toString()).toBe("");
  expect(exitCode).toBeLessThan(2);
  const fields = stdout.toString("latin1").split("\0");
  return paths.map((path, at) => {
    const [file, line, pattern, of] = fields.slice(at * 4, at * 4 + 4);
    expect(of).toBe(`./${path}`);
    return file === "" ? "" : `${pattern!.startsWith("!") ? "!" : ""}${file}:${line}`;
  });
}

function decidedByTsync(tree: Tree, files: ReadonlyMap<string, string>, paths: readonly string[]): string[] {
  const filter = new Filter([], true);
  for (const [directory, text] of files) filter.setIgnoreFile(directory, text);
  return paths.map((path) => {
    const rule = filter.explain(path, tree.get(path)!)?.rule;
    return rule === undefined ? "" : `${rule.action === "include" ? "!" : ""}${rule.origin}`;
  });
}

const text = fc
  .tuple(fc.constantFrom("", "", "", "\xef\xbb\xbf"), fc.array(gitignoreLines, { maxLength: 6 }))
  .map(([mark, lines]) => mark + lines.join("\n"));

test(
  "the same lines decide about the same paths",
  () => {
    let cases = 0;
    fc.assert(
      fc.property(
        trees(30),
        text,
        fc.array(fc.tuple(fc.nat(), text), { maxLength: 3 }),
        (tree, rootText, others) => {
          const directories = [...tree].filter(([, isDirectory]) => isDirectory).map(([path]) => path);
          const files = new Map([["", rootText]]);
          if (directories.length > 0) {
            for (const [at, nested] of others) files.set(directories[at % directories.length]!, nested);
          }
          clear();
          makeTree(folder, tree);
          for (const [directory, content] of files) {
            const at = bytesOf(
              directory === "" ? `${folder}/.gitignore` : `${folder}/${directory}/.gitignore`,
            );
            writeFileSync(at, content, "latin1");
          }
          const paths = [...tree.keys()];
          cases += paths.length;
          const byGit = decidedByGit(paths);
          const byTsync = decidedByTsync(tree, files, paths);
          const differing = paths.filter((_, at) => byGit[at] !== byTsync[at]);
          expect(
            differing.map((path) => [path, byTsync[paths.indexOf(path)], "git:", byGit[paths.indexOf(path)]]),
          ).toEqual([]);
        },
      ),
      { numRuns: 200 * times, includeErrorInReport: true },
    );
    expect(cases).toBeGreaterThan(2000 * times);
  },
  60_000 * times,
);
