/** After a storm of changes the watcher hears what happens in every directory that is there. */
import { afterEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, type Path, root, toFs } from "../../src/core/path.ts";
import { Source } from "../../src/watch/source.ts";
import { Watcher } from "../../src/watch/watcher.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";
import { randomWork } from "../helpers/random-work.ts";
import { Random } from "../helpers/trees.ts";

/** Storms per run; `TSYNC_TEST_SEEDS=30` for more. */
const seeds = Number(process.env.TSYNC_TEST_SEEDS ?? 3);

let watcher: Watcher;
afterEach(() => watcher.stop());

const eachSeed = test.each(Array.from({ length: seeds }, (_, seed) => seed + 1));

eachSeed("storm %d", async (seed) => {
  const folder = tempDir("tsync-storm-");
  const random = new Random(seed);
  await randomWork(folder, random, 30);
  const probe = await watch(folder);
  for (let round = 0; round < 8; round++) {
    await randomWork(folder, random, 40, {
      onOperation: async () => {
        if (random.chance(0.15)) await Bun.sleep(random.int(25));
      },
    });
    await probe();
  }
  // What has left the tree for good is not watched any more.
  await waitUntil(() => watcher.counts.watched === directoriesIn(folder).length, 5_000);
});

eachSeed("many names in one directory at once, files and directories, %d", async (seed) => {
  const folder = tempDir("tsync-storm-");
  const random = new Random(seed);
  mkdirSync(`${folder}/to`);
  mkdirSync(`${folder}/from`);
  for (let at = 0; at < 20; at++) mkdirSync(`${folder}/from/d${at}/below`, { recursive: true });
  const probe = await watch(folder);
  for (let round = 0; round < 4; round++) {
    const place = (at: number) => `${folder}/to/${round}-${at}`;
    for (let at = 0; at < 300; at++) {
      // (At first there are files alone, so that the directory has no other in it for a while.)
      const what = at < 100 && random.chance(0.8) ? 0 : random.int(12);
      if (what === 1) mkdirSync(`${place(at)}/deep/er`, { recursive: true });
      else if (what === 2 && existsSync(`${folder}/from/d${at % 20}`))
        renameSync(`${folder}/from/d${at % 20}`, place(at));
      else if (what === 3 && at > 0) rmSync(place(random.int(at)), { recursive: true, force: true });
      else writeFileSync(place(at), "content");
      if (what === 4) {
        rmSync(place(at));
        mkdirSync(place(at));
      }
      if (random.chance(0.02)) await Bun.sleep(random.int(15));
    }
    await probe();
  }
});

/** Watches `folder`; what is returned looks whether all is heard that happens in it. */
async function watch(folder: string): Promise<() => Promise<void>> {
  const dirty = new Set<Path>();
  watcher = new Watcher(new Source(folder), {
    dirty: (path) => dirty.add(path),
    overflow: () => {},
    outOfWatches: () => {},
    rootChanged: () => {},
  });
  await watcher.start();
  return async () => {
    await watcher.settled();
    dirty.clear();
    const directories = directoriesIn(folder);
    for (const directory of directories) writeFileSync(toFs(`${folder}/${join(directory, "probe")}`), "");
    await watcher.barrier();
    expect(directories.filter((directory) => !dirty.has(join(directory, "probe")))).toEqual([]);
    for (const directory of directories) rmSync(toFs(`${folder}/${join(directory, "probe")}`));
  };
}

/** All directories in `folder`, itself included, as paths below it. */
function directoriesIn(folder: string): Path[] {
  const found: Path[] = [];
  const todo: Path[] = [root];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    found.push(path);
    const entries = readdirSync(toFs(path === root ? folder : `${folder}/${path}`), {
      withFileTypes: true,
      encoding: "latin1" as "utf8",
    });
    for (const entry of entries) if (entry.isDirectory()) todo.push(join(path, entry.name));
  }
  return found;
}
