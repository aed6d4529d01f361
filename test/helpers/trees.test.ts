import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { runProcess, tempDir } from "./process.ts";
import { bytesOf, diffTrees, makeTree, Random, snapshot } from "./trees.ts";

/** Two equal trees. */
async function twins(): Promise<[string, string]> {
  const [a, b] = [tempDir("tsync-tree-"), tempDir("tsync-tree-")];
  mkdirSync(`${a}/dir`);
  writeFileSync(`${a}/dir/file`, "content");
  writeFileSync(bytesOf(`${a}/\xff\n`), "odd");
  symlinkSync(Buffer.from("to\xfe", "latin1"), `${a}/link`);
  lutimesSync(`${a}/link`, 1_000_000_000, 1_000_000_000);
  utimesSync(`${a}/dir`, 1_000_000_000, 1_000_000_000.5);
  expect((await runProcess(["cp", "-a", `${a}/.`, b])).code).toBe(0);
  return [a, b];
}

describe("snapshot", () => {
  test("tells all there is of each entry", async () => {
    const [dir] = await twins();
    chmodSync(`${dir}/dir/file`, 0o640);
    chmodSync(`${dir}/dir`, 0o755);
    utimesSync(`${dir}/dir/file`, 1, 1_600_000_000.25);
    const entries = snapshot(dir);
    expect([...entries.keys()]).toEqual(["dir", "dir/file", "link", "\xff\n"]);
    expect(entries.get("dir")).toBe("dir mode=0755 mtime=1000000000500000000");
    expect(entries.get("dir/file")).toBe(
      "file mode=0640 mtime=1600000000250000000 size=7 sha1=040f06fd774092478d450774f5ba30c5da78acc8",
    );
    expect(entries.get("link")).toBe("symlink mtime=1000000000000000000 target=to\xfe");
  });
});

describe("diffTrees", () => {
  const odd = (dir: string) => bytesOf(`${dir}/\xff\n`);
  const changes: [name: string, change: (dir: string) => void, difference: RegExp][] = [
    [
      "a file more",
      (dir) => writeFileSync(`${dir}/dir/.file.a1B2c3`, ""),
      /\.file.a1B2c3: only in the second/,
    ],
    ["a file less", (dir) => unlinkSync(odd(dir)), /^\\xff\\x0a: only in the first/],
    ["another name", (dir) => renameSync(odd(dir), bytesOf(`${dir}/\xfe`)), /^\\xfe: only in the second/m],
    ["other content", (dir) => writeFileSync(`${dir}/dir/file`, "tnetnoc"), /dir\/file: .*sha1=/],
    ["another mode", (dir) => chmodSync(`${dir}/dir/file`, 0o600), /dir\/file: .*mode=0600/],
    ["a directory's mode", (dir) => chmodSync(`${dir}/dir`, 0o700), /^dir: .*mode=0700/m],
    ["another time", (dir) => utimesSync(`${dir}/dir/file`, 5, 5.000001), /dir\/file: .*mtime=5000001000/],
    ["a directory's time", (dir) => utimesSync(`${dir}/dir`, 5, 5), /^dir: .*mtime=5000000000/m],
    ["a symlink's time", (dir) => lutimesSync(`${dir}/link`, 5, 5), /^link: .*mtime=5000000000/m],
    [
      "another target",
      (dir) => {
        unlinkSync(`${dir}/link`);
        symlinkSync("away", `${dir}/link`);
        lutimesSync(`${dir}/link`, 1_000_000_000, 1_000_000_000);
      },
      /^link: .*target=away/m,
    ],
    [
      "another type",
      (dir) => {
        rmSync(`${dir}/dir`, { recursive: true });
        symlinkSync("dir", `${dir}/dir`);
      },
      /^dir: dir .* \| symlink /m,
    ],
  ];
  for (const [name, change, difference] of changes) {
    test(`finds ${name}`, async () => {
      const [a, b] = await twins();
      expect(diffTrees(a, b)).toEqual([]);
      change(b);
      const found = diffTrees(a, b);
      expect(found.length).toBeGreaterThan(0);
      expect(found.join("\n")).toMatch(difference);
    });
  }

  test("leaves out times as told, compares snapshots, and stops at the limit", async () => {
    const [a, b] = await twins();
    const before = snapshot(b);
    utimesSync(`${b}/dir`, 5, 5);
    lutimesSync(`${b}/link`, 5, 5);
    expect(diffTrees(a, b, { mtimeOfDirectories: false }).length).toBe(1);
    expect(diffTrees(a, b, { mtimeOfSymlinks: false }).length).toBe(1);
    expect(diffTrees(a, b, { mtimeOfDirectories: false, mtimeOfSymlinks: false })).toEqual([]);
    expect(diffTrees(before, b).length).toBe(2);
    expect(diffTrees(before, b, { limit: 1 })).toEqual([expect.any(String), "and 1 more"]);
  });
});

describe("a tolerance of times", () => {
  const of = (line: string) => new Map([["f", line]]);
  const file = (mtime: number, mode = "0644") => of(`file mode=${mode} mtime=${mtime} size=1 sha1=ab`);

  test("counts near times as equal, and nothing else", () => {
    const options = { mtimeToleranceNs: 1000n };
    expect(diffTrees(file(5000), file(6000), options)).toEqual([]);
    expect(diffTrees(file(6000), file(5000), options)).toEqual([]);
    expect(diffTrees(file(5000), file(6001), options)).toHaveLength(1);
    expect(diffTrees(file(5000), file(5001, "0600"), options)).toHaveLength(1);
    expect(diffTrees(file(5000), file(5001))).toHaveLength(1);
  });
});

describe("makeTree", () => {
  test("makes as many different files as told", () => {
    const dir = `${tempDir("tsync-tree-")}/new`;
    const paths = makeTree(dir, { files: 25, filesPerDirectory: 10, bytes: 100 });
    expect(paths.length).toBe(25);
    expect([paths[0], paths[24]]).toEqual(["d0000/f0000", "d0002/f0004"]);
    const files = [...snapshot(dir).values()].filter((line) => line.startsWith("file"));
    expect(new Set(files.map((line) => line.replace(/mtime=\d+/, ""))).size).toBe(25);
    expect(files.every((line) => line.includes("size=100 "))).toBe(true);
  });
});

describe("Random", () => {
  test("gives the same for a seed, and keeps within its bounds", () => {
    const draw = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 1000 }, () => random.int(10));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(new Set(draw(1)).size).toBe(10);
    const random = new Random(3);
    const hits = Array.from({ length: 10_000 }, () => random.chance(0.2)).filter(Boolean).length;
    expect(Math.abs(hits - 2000)).toBeLessThan(200);
    expect(random.bytes(5).length).toBe(5);
    expect(() => random.pick([])).toThrow();
  });
});
