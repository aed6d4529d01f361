/** What a watcher reports where directories come and go faster than it can follow. */
import { afterEach, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Path } from "../../src/core/path.ts";
import { wholeSource } from "../../src/watch/selection.ts";
import { Source } from "../../src/watch/source.ts";
import { Watcher } from "../../src/watch/watcher.ts";
import { tempDir } from "../helpers/process.ts";

let watcher: Watcher;
afterEach(() => watcher.stop());

test("a change in a directory that is gone when its event comes", async () => {
  const folder = tempDir("tsync-watcher-");
  mkdirSync(`${folder}/d`);
  writeFileSync(`${folder}/d/file`, "content");
  const dirty = new Set<Path>();
  watcher = new Watcher(new Source(folder), {
    dirty: (path) => dirty.add(path),
    overflow: () => {},
    outOfWatches: () => {},
    rootChanged: () => {},
  });
  await watcher.start();
  // The first event makes it look, and find nothing; then come those of what was before that.
  renameSync(`${folder}/d`, `${folder}/e`);
  renameSync(`${folder}/e`, `${folder}/d`);
  appendFileSync(`${folder}/d/file`, "more");
  rmSync(`${folder}/d`, { recursive: true });
  await watcher.barrier();
  // The file may have other names elsewhere.
  expect(dirty).toContain("d/file");
});

test("a directory that is away while it is walked, and back before anybody asks", async () => {
  const folder = tempDir("tsync-watcher-");
  mkdirSync(`${folder}/d`);
  const dirty = new Set<Path>();
  /** Says of `d`, when it is walked, that nothing is there: as if it had been moved, and moved back again. */
  class Flickering extends Source {
    looks = 0;
    override look(path: Path) {
      return path === "d" && ++this.looks === 2 ? null : super.look(path);
    }
  }
  watcher = new Watcher(new Flickering(folder), {
    dirty: (path) => dirty.add(path),
    overflow: () => {},
    outOfWatches: () => {},
    rootChanged: () => {},
  });
  await watcher.start();
  await watcher.settled();
  writeFileSync(`${folder}/d/file`, "content");
  await watcher.barrier();
  expect(dirty).toContain("d/file");
});

test("what a rule file says is read once all that was written to it has been told", async () => {
  const folder = tempDir("tsync-watcher-");
  mkdirSync(`${folder}/out`);
  writeFileSync(`${folder}/.gitignore`, "out/\n");
  let toldMs = Number.POSITIVE_INFINITY;
  const readAfterMs: number[] = [];
  class Timed extends Source {
    override listDirectories(path: Path) {
      if (performance.now() > toldMs) readAfterMs.push(performance.now() - toldMs);
      return super.listDirectories(path);
    }
  }
  const selection = { ...wholeSource, gitignore: true };
  watcher = new Watcher(new Timed(folder, selection), {
    dirty: (path) => {
      if (path === ".gitignore") toldMs = Math.min(toldMs, performance.now());
    },
    overflow: () => {},
    outOfWatches: () => {},
    rootChanged: () => {},
  });
  await watcher.start();
  writeFileSync(`${folder}/.gitignore`, "other/\n");
  await watcher.settled();
  expect(watcher.counts.watched).toBe(2);
  // Of two events of one name within two milliseconds only the first is told.
  expect(Math.min(...readAfterMs)).toBeGreaterThan(2);
});
