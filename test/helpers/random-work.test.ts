import { expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { oddNames } from "./odd-names.ts";
import { tempDir } from "./process.ts";
import { randomWork } from "./random-work.ts";
import { diffTrees, Random, snapshot } from "./trees.ts";

/** Works with `seed` in a fresh folder beside which there is nothing else. */
async function work(seed: number, count: number, shared = false) {
  const around = tempDir("tsync-work-");
  const dir = `${around}/a/b`;
  mkdirSync(dir, { recursive: true });
  const outside = snapshot(around);
  const told: string[] = [];
  await randomWork(dir, new Random(seed), count, { shared, onOperation: (text) => void told.push(text) });
  const others = [...snapshot(around)].filter(([path]) => !path.startsWith("a/b"));
  expect(others).toEqual([...outside].filter(([path]) => !path.startsWith("a/b")));
  return { dir, told };
}

const withoutTimes = (dir: string) =>
  new Map([...snapshot(dir)].map(([path, line]) => [path, line.replace(/ mtime=\d+/, "")]));

test("the same seed does the same, another one does not", async () => {
  const [one, two, other] = [await work(5, 300), await work(5, 300), await work(6, 300)];
  expect(one.told.length).toBe(300);
  expect(two.told).toEqual(one.told);
  expect(diffTrees(withoutTimes(two.dir), withoutTimes(one.dir))).toEqual([]);
  expect(other.told).not.toEqual(one.told);
});

test("all kinds of operations come, and `keep` stays", async () => {
  const kinds = new Set<string>();
  for (const seed of [1, 2, 3, 4]) {
    const { dir, told } = await work(seed, 200);
    for (const text of told) kinds.add(text.split(" ")[0] ?? "");
    expect(readFileSync(`${dir}/keep`, "utf8")).toBe("keep\n");
  }
  expect(kinds.size).toBe(27);
}, 20_000);

test("where others write, too, no link leads out of the tree, whoever follows it", async () => {
  const { dir } = await work(7, 300, true);
  const links = [...snapshot(dir).values()].filter((line) => line.startsWith("symlink"));
  expect(links.length).toBeGreaterThan(0);
  for (const line of links)
    expect(line.slice(line.indexOf(" target=") + 8)).toMatch(/^(\/nowhere\/\xff|[^/]+)$/s);
});

test("odd names are names: bytes, different, at most 255, no `/` and no NUL", () => {
  expect(new Set(oddNames).size).toBe(oddNames.length);
  for (const name of oddNames) expect(name).toMatch(/^(?!\.{1,2}$)[^/\0\u0100-\uffff]{1,250}$/);
  expect(oddNames).not.toContain("keep");
});
