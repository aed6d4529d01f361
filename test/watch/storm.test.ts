/** After a storm of changes the watcher hears what happens in every directory that is there. */
import { afterEach, expect, test } from "bun:test";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
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

test.each(Array.from({ length: seeds }, (_, seed) => seed + 1))("storm %d", async (seed) => {
  const folder = tempDir("tsync-storm-");
  const random = new Random(seed);
  const dirty = new Set<Path>();
  await randomWork(folder, random, 30);
  watcher = new Watcher(new Source(folder), {
    dirty: (path) => dirty.add(path),
    overflow: () => {},
    outOfWatches: () => {},
    rootChanged: () => {},
  });
  await watcher.start();
  for (let round = 0; round < 8; round++) {
    await randomWork(folder, random, 40, {
      onOperation: async () => {
        if (random.chance(0.15)) await Bun.sleep(random.int(25));
      },
    });
    await watcher.settled();
    dirty.clear();
    const directories = directoriesIn(folder);
    for (const directory of directories) writeFileSync(toFs(`${folder}/${join(directory, "probe")}`), "");
    await watcher.barrier();
    expect(directories.filter((directory) => !dirty.has(join(directory, "probe")))).toEqual([]);
    for (const directory of directories) rmSync(toFs(`${folder}/${join(directory, "probe")}`));
  }
  // What has left the tree for good is not watched any more.
  await waitUntil(() => watcher.counts.watched === directoriesIn(folder).length, 5_000);
});

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
