/** What no event tells of, and changes what is watched: mounts, and a time of day that goes back. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import type { Mirror } from "../../src/engine/mirror.ts";
import type { Report } from "../../src/engine/report.ts";
import { thisMachine } from "../../src/engine/surroundings.ts";
import { unmountAtExit } from "../helpers/janitor.ts";
import { type LocalMirrorOptions, makeLocalMirror, makeLocalTarget } from "../helpers/local-mirror.ts";
import { runProcess, tempDir, waitUntil } from "../helpers/process.ts";

/** How often the ground is looked at here. */
const groundMs = 200;

let folder: string;
let mirror: Mirror;
let ended: Promise<unknown>;
let reports: Report[];
let unmounts: (() => Promise<void>)[];

beforeEach(() => {
  folder = tempDir("tsync-ground-");
  reports = [];
  unmounts = [];
  mkdirSync(`${folder}/source/d`, { recursive: true });
  write("source/d/under");
  write("source/file");
  for (const name of ["other", "empty"]) mkdirSync(`${folder}/${name}`);
  write("other/mounted");
});
afterEach(async () => {
  mirror.stop();
  await ended;
  for (const unmount of unmounts.reverse()) await unmount();
});

/** Makes a file that is so old that nothing more is to be done for it once it was sent. */
function write(path: string): void {
  writeFileSync(`${folder}/${path}`, "content");
  utimesSync(`${folder}/${path}`, 1_600_000_000, 1_600_000_000);
}

/** Runs `argv`, which must work. */
async function run(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProcess(argv);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** Makes a file system in the file `folder/disk`, and puts `mounted` into it. */
async function makeDisk(): Promise<void> {
  writeFileSync(`${folder}/disk`, Buffer.alloc(8 * 1024 * 1024));
  await run("mkfs.ext4", "-q", `${folder}/disk`);
  const unmount = await mount("disk", "empty");
  write("empty/mounted");
  await unmount();
}

/** Mounts the disk `folder/disk`, or shows the directory `folder/what`, at `folder/at`; what is returned ends that. */
async function mount(what: string, at: string): Promise<() => Promise<void>> {
  const how = what === "disk" ? ["-o", "loop"] : ["--bind"];
  await run("mount", ...how, `${folder}/${what}`, `${folder}/${at}`);
  const place = `${folder}/${at}`;
  const forget = unmountAtExit(place);
  let isMounted = true;
  const unmount = async () => {
    if (!isMounted) return;
    isMounted = false;
    await run("umount", place);
    forget();
  };
  unmounts.push(unmount);
  return unmount;
}

/** Watches until the target is in sync. */
async function begin(options: LocalMirrorOptions = {}): Promise<void> {
  mirror = makeLocalMirror(folder, { groundMs, report: (report) => reports.push(report), ...options });
  ended = mirror.watch();
  await waitUntil(() => has("in-sync"), 10_000);
}

const has = (event: Report["event"]) => reports.some((report) => report.event === event);
const state = () => mirror.status().targets[0]?.state.state;
const warnings = () => reports.filter((report) => report.event === "warning").length;
const isThere = (path: string) => waitUntil(() => existsSync(`${folder}/target/${path}`), 10_000);

/** Changes what is at `path` of the source until that has arrived: as an event of its own, and not by a look at all. */
async function isFollowed(path: string): Promise<void> {
  const before = warnings();
  writeFileSync(`${folder}/source/${path}`, "changed");
  await waitUntil(() => readFileSync(`${folder}/target/${path}`, "utf8") === "changed", 10_000);
  expect(warnings()).toBe(before);
}

describe.if(process.getuid?.() === 0)("mounts", () => {
  test("what is mounted below the root is seen and followed, and so is what was under it", async () => {
    await begin();
    const unmount = await mount("other", "source/d");
    await isThere("d/mounted");
    expect(warnings()).toBe(1);
    expect(existsSync(`${folder}/target/d/under`)).toBe(false);
    await isFollowed("d/mounted");
    await unmount();
    await isThere("d/under");
    await isFollowed("d/under");
  });

  test("what is mounted before the first look, but after the watches were opened, is followed", async () => {
    const target = makeLocalTarget(folder);
    const connect = target.connect.bind(target);
    target.connect = async () => {
      await mount("other", "source/d");
      return await connect();
    };
    await begin({ target });
    await waitUntil(() => warnings() === 1, 10_000);
    await isThere("d/mounted");
    await isFollowed("d/mounted");
  });

  test("what is unmounted, and mounted again, is followed again", async () => {
    await makeDisk();
    const unmount = await mount("disk", "source/d");
    const mounted = () => readFileSync("/proc/self/mountinfo", "utf8");
    const before = mounted();
    await begin({ groundMs: 3_000 });
    await unmount();
    await isThere("d/under");
    await waitUntil(() => state() === "idle", 10_000);
    await Bun.sleep(500);
    // All in one look at the ground, to which nothing has changed.
    await mount("disk", "source/d");
    expect(mounted()).toBe(before);
    await isThere("d/mounted");
    expect(warnings()).toBe(1);
    await isFollowed("d/mounted");
  });

  test("what is gone because it was unmounted was not seen to be deleted", async () => {
    await makeDisk();
    const unmount = await mount("disk", "source/d");
    // In directories, each of which is watched.
    for (let at = 0; at < 12; at++) {
      mkdirSync(`${folder}/source/d/n${at}`);
      for (let name = 0; name < 100; name++) write(`source/d/n${at}/${name}`);
    }
    await begin({ groundMs: 60_000 });
    await unmount();
    await waitUntil(() => has("halted"), 10_000);
    expect(readdirSync(`${folder}/target/d/n7`).length).toBe(100);
    await mount("disk", "source/d");
    mirror.resume(true);
    await waitUntil(() => state() === "idle", 20_000);
    await isFollowed("d/n7/7");
  });

  test("something that is mounted over the root halts the mirror until it is gone", async () => {
    await begin();
    const unmount = await mount("empty", "source");
    await waitUntil(() => has("halted"), 10_000);
    expect(existsSync(`${folder}/target/file`)).toBe(true);
    await unmount();
    await waitUntil(() => has("resumed") || reports.at(-1)?.event === "in-sync", 10_000);
    await waitUntil(() => state() === "idle", 10_000);
    await Bun.sleep(2 * groundMs);
    await isFollowed("file");
  });

  test("a root that comes back under another device number ends the halt", async () => {
    await makeDisk();
    const unmount = await mount("disk", "source");
    await begin();
    await unmount();
    await waitUntil(() => has("halted"), 10_000);
    writeFileSync(`${folder}/another disk`, Buffer.alloc(1024 * 1024));
    const device = (await run("losetup", "--find", "--show", `${folder}/another disk`)).trim();
    unmounts.push(async () => void (await run("losetup", "--detach", device)));
    await mount("disk", "source");
    await waitUntil(() => state() === "idle", 10_000);
    await Bun.sleep(2 * groundMs);
    await isFollowed("mounted");
  });

  test("a root that is taken away by what is mounted above it halts the mirror", async () => {
    const above = folder;
    folder = `${above}/above`;
    mkdirSync(`${folder}/source`, { recursive: true });
    mkdirSync(`${above}/target`);
    write("source/file");
    const target = makeLocalTarget(above);
    await begin({ target });
    folder = above;
    await mount("empty", "above");
    await waitUntil(() => has("halted"), 10_000);
    expect(existsSync(`${above}/target/file`)).toBe(true);
  });
});

describe("the time of day", () => {
  let offsetMs = 0;
  let starts = 0;
  const surroundings = {
    ...thisMachine,
    clock: { ...thisMachine.clock, nowMs: () => Date.now() + offsetMs },
    watcher: (...parts: Parameters<typeof thisMachine.watcher>) => {
      const watcher = thisMachine.watcher(...parts);
      const start = watcher.start.bind(watcher);
      watcher.start = () => {
        starts++;
        return start();
      };
      return watcher;
    },
  };
  beforeEach(() => {
    [offsetMs, starts] = [0, 0];
  });

  test("set back: everything is watched anew, once", async () => {
    await begin({ surroundings });
    expect(starts).toBe(1);
    offsetMs = -3_600_000;
    await waitUntil(() => starts === 2, 10_000);
    await Bun.sleep(3 * groundMs);
    expect(starts).toBe(2);
    expect(warnings()).toBe(1);
  });

  test("set ahead, and back to what it was", async () => {
    await begin({ surroundings });
    offsetMs = 3_600_000;
    await Bun.sleep(3 * groundMs);
    expect(starts).toBe(1);
    offsetMs = 0;
    await waitUntil(() => starts === 2, 10_000);
  });

  test("set ahead and back between two looks: the next event tells", async () => {
    await begin({ surroundings, groundMs: 60_000 });
    offsetMs = 3_600_000;
    write("source/while-ahead");
    await waitUntil(() => existsSync(`${folder}/target/while-ahead`), 10_000);
    offsetMs = 0;
    await Bun.sleep(100);
    expect(starts).toBe(1);
    write("source/afterwards");
    await waitUntil(() => starts === 2, 10_000);
    await waitUntil(() => existsSync(`${folder}/target/afterwards`), 10_000);
    expect(warnings()).toBe(1);
  });

  test("hardly different", async () => {
    await begin({ surroundings });
    offsetMs = -20;
    await Bun.sleep(3 * groundMs);
    expect({ starts, warnings: warnings() }).toEqual({ starts: 1, warnings: 0 });
  });
});
