/** A target without room, without inodes, or read-only: said, tried again, and right once that is over. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, makeTree } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place, tsync } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";
import { mountVolume, type Volume } from "../helpers/volume.ts";

let sshd: TestSshd;
let place: Place;
let volume: Volume | null = null;

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());
beforeEach(() => {
  place = makePlace();
});
afterEach(async () => {
  await volume?.unmount();
  volume = null;
});

/** Only root may mount: others cannot have a full disk at will. */
const canMount = process.getuid?.() === 0;

/** Puts a file system of its own where the target is to be. */
async function mount(options: string): Promise<Volume> {
  volume = await mountVolume(place.target, options);
  if (volume === null) throw new Error("nothing can be mounted here");
  return volume;
}

describe.if(canMount).each(["local", "ssh"])("%s", (kind) => {
  const destination = () => (kind === "local" ? place.target : `${sshd.host}:${place.target}`);
  const argv = () => ["-F", sshd.configFile, place.source, destination()];

  /** Watches until `trouble` is told, mends it, and waits until all is well. */
  async function watchThrough(trouble: RegExp, mend: () => Promise<void>) {
    await outliveRaces();
    const running = startProcess([binary, "watch", ...argv()], { env: place.env });
    await running.waitFor(trouble, 20_000, "stderr");
    expect(running.stderr).not.toContain("in sync");
    await mend();
    await running.waitFor(/in sync \(\d+ entries\)\n/, 60_000, "stderr");
    await untilEqual(place, 5_000);
    running.signal("SIGTERM");
    expect(await running.exit).toBe(0);
  }

  test("no room: what is there stays, and the rest follows once there is some", async () => {
    const disk = await mount("size=2m");
    for (let at = 0; at < 5; at++) writeFileSync(join(place.source, `f${at}`), Buffer.alloc(1_000_000, at));
    const { code, stderr } = await tsync(place, ["sync", ...argv()]);
    expect(stderr).toContain("the target is full");
    expect(code).toBe(8);
    await watchThrough(/the target is full.*next try in/, () => disk.remount("size=20m"));
  });

  test("no inodes", async () => {
    const disk = await mount("size=20m,nr_inodes=20");
    makeTree(place.source, { files: 60, filesPerDirectory: 4, bytes: 10 });
    await watchThrough(/No space left|the target is full/, () => disk.remount("nr_inodes=0"));
  });

  test("read-only", async () => {
    const disk = await mount("size=20m");
    writeFileSync(join(place.source, "file"), "1");
    expect((await tsync(place, ["sync", ...argv()])).code).toBe(0);
    await disk.remount("ro");
    writeFileSync(join(place.source, "file"), "22");
    const { code, stderr } = await tsync(place, ["sync", ...argv()]);
    expect(stderr).toMatch(/read-only|[Pp]ermission denied/);
    expect(code).toBe(8);
    await disk.remount("rw");
    expect((await tsync(place, ["sync", ...argv()])).code).toBe(0);
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });
});
