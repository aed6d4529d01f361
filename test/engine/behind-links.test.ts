/** What is behind followed links is looked at now and then: nothing tells of changes there. */
import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { makeLocalMirror } from "../helpers/local-mirror.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";

test("a change behind a followed link arrives", async () => {
  const folder = tempDir("tsync-behind-");
  mkdirSync(`${folder}/source`);
  mkdirSync(`${folder}/outside`);
  writeFileSync(`${folder}/outside/file`, "before");
  symlinkSync("../outside", `${folder}/source/link`);
  const links = { links: true, copyLinks: true, copyUnsafeLinks: false, safeLinks: false };
  const mirror = makeLocalMirror(folder, {
    behindLinksMs: 100,
    view: { attributes: null, links, reserved: null },
  });
  const ended = mirror.watch();
  const arrived = (content: string) => () => {
    try {
      return readFileSync(`${folder}/target/link/file`, "utf8") === content;
    } catch {
      return false;
    }
  };
  await waitUntil(arrived("before"), 10_000);
  await Bun.sleep(500);
  writeFileSync(`${folder}/outside/file`, "after that");
  await waitUntil(arrived("after that"), 10_000);
  mirror.stop();
  expect((await ended).faults).toEqual([]);
});
