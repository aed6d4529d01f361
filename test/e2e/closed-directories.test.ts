/** Directories that tsync may not read, as an ordinary user, and later may. */
import { afterEach, expect, test } from "bun:test";
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { binary, makePlace } from "../helpers/tsync.ts";

const user = 65534;
let running: Running | null = null;
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
});

test.if(process.getuid?.() === 0).each([
  ["000", 0o000],
  ["444", 0o444],
])("a directory of mode %s is followed once it can be read", async (_, mode) => {
  const place = makePlace();
  mkdirSync(join(place.source, "d/inner"), { recursive: true });
  writeFileSync(join(place.source, "d/file"), "");
  mkdirSync(place.target);
  chmodSync(join(place.source, "d"), mode);
  for (const path of [place.folder, place.source, join(place.source, "d"), place.target])
    chownSync(path, user, user);
  const asUser = ["setpriv", "--reuid", `${user}`, "--regid", `${user}`, "--clear-groups"];
  const argv = [...asUser, binary, "watch", place.source, place.target];
  running = startProcess(argv, { env: { ...place.env, HOME: place.folder } });
  await running.waitFor(/in sync/, 20_000, "stderr");
  expect(existsSync(join(place.target, "d/file"))).toBe(false);
  chmodSync(join(place.source, "d"), 0o755);
  const arrives = (path: string) => waitUntil(() => existsSync(join(place.target, path)), 15_000);
  await arrives("d/file");
  await arrives("d/inner");
  // Nothing but events tells of these.
  for (const path of ["d/new", "d/inner/new"]) {
    writeFileSync(join(place.source, path), "");
    await arrives(path);
  }
});
