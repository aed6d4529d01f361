/** A directory whose time alone changed, because something in it came and went, or is left out, gets that time. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { lstatSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import type { Mirror } from "../../src/engine/mirror.ts";
import { wholeSource } from "../../src/watch/selection.ts";
import { makeLocalMirror } from "../helpers/local-mirror.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";

let folder: string;
let mirror: Mirror;
let ended: Promise<unknown>;

beforeEach(async () => {
  folder = tempDir("tsync-times-");
  mkdirSync(`${folder}/source/d/e`, { recursive: true });
  for (const path of ["d/e", "d"]) utimesSync(`${folder}/source/${path}`, 1_600_000_000, 1_600_000_000);
  // Large files are left out.
  mirror = makeLocalMirror(folder, { selection: { ...wholeSource, sizes: { minBytes: 0, maxBytes: 10 } } });
  ended = mirror.watch();
  await isEqual();
});
afterEach(async () => {
  mirror.stop();
  await ended;
});

const timeOf = (path: string) => lstatSync(`${folder}/${path}`, { throwIfNoEntry: false })?.mtimeMs;
/** Waits until both have the same time, and nothing more is to be done. */
async function isEqual(): Promise<void> {
  await waitUntil(() => timeOf("target/d/e") === timeOf("source/d/e"), 10_000);
  await waitUntil(() => mirror.status().targets[0]?.state.state === "idle", 10_000);
}

/** Waits until `change` has changed the time of the directory, there and on the target. */
async function arrives(change: () => void): Promise<void> {
  const before = timeOf("source/d/e");
  change();
  expect(timeOf("source/d/e")).not.toBe(before);
  await isEqual();
}

test("a file that is gone before anybody looks", async () => {
  await arrives(() => {
    writeFileSync(`${folder}/source/d/e/file`, "");
    rmSync(`${folder}/source/d/e/file`);
  });
});

test("a directory that is gone before anybody looks", async () => {
  await arrives(() => {
    mkdirSync(`${folder}/source/d/e/f`);
    rmSync(`${folder}/source/d/e/f`, { recursive: true });
  });
});

test("a file that is left out comes, and goes", async () => {
  await arrives(() => writeFileSync(`${folder}/source/d/e/large`, Buffer.alloc(100)));
  await arrives(() => rmSync(`${folder}/source/d/e/large`));
});

test("a directory that is made anew, as it was", async () => {
  mkdirSync(`${folder}/source/d/e/f`);
  utimesSync(`${folder}/source/d/e/f`, 1_600_000_000, 1_600_000_000);
  await isEqual();
  await waitUntil(() => timeOf("target/d/e/f") === timeOf("source/d/e/f"), 10_000);
  await arrives(() => {
    rmSync(`${folder}/source/d/e/f`, { recursive: true });
    mkdirSync(`${folder}/source/d/e/f`);
    utimesSync(`${folder}/source/d/e/f`, 1_600_000_000, 1_600_000_000);
  });
});
