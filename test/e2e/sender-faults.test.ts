/**
 * What breaks inside a session of tsync's own sender: nothing counts as arrived that is not there, all is right in the
 * end or named, and nothing is left behind.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Link, startLink } from "../helpers/link.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, makeTree, Random } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place, tsync } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";
import { mountVolume, type Volume } from "../helpers/volume.ts";

/** How soon after a fault all has to be right: tries that fail wait for some seconds. */
const waitMs = 15_000;

const canMount = process.getuid?.() === 0;

let sshd: TestSshd;
let link: Link;
let place: Place;
let volume: Volume | null = null;
let running: Running | null = null;

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());
beforeEach(async () => {
  place = makePlace();
  // So slow that something can happen in the middle of a large file.
  link = await startLink({ targetPort: sshd.port, rttMs: 2, bytesPerSecond: 8_000_000 });
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
  await link.stop();
  await volume?.unmount();
  volume = null;
});

const from = (path: string) => join(place.source, path);
const at = (path: string) => join(place.target, path);
const receivers = () =>
  [...sshd.commands()].filter(([, command]) => command.includes("--server")).map(([pid]) => pid);
const temporary = () =>
  (existsSync(place.target) ? readdirSync(place.target) : []).find((name) => /^\.large\./.test(name));

describe.each(["builtin", "auto"])("--sender %s", (sender) => {
  const argv = (...args: string[]) => [
    ...["-F", sshd.clientConfigFor(link.port), "--sender", sender, ...args],
    ...[place.source, `${sshd.host}:${place.target}`],
  ];

  async function watch(...args: string[]): Promise<Running> {
    await outliveRaces();
    running = startProcess([binary, "watch", ...argv(...args)], { env: place.env });
    await running.waitFor(/in sync/, 20_000, "stderr");
    return running;
  }

  /** Waits until all is there, and ends; nothing is left over then. */
  async function isWell(): Promise<void> {
    await isEqual();
    running!.signal("SIGTERM");
    expect(await running!.exit).toBe(0);
    await waitUntil(
      () => sshd.commands().size === 0,
      5_000,
      20,
      () => JSON.stringify([...sshd.commands()]),
    );
    // What it counts as arrived is there, or it would not have been sent again.
    expect(await tsync(place, ["sync", ...argv()])).toMatchObject({ code: 0 });
    expect(diffTrees(place.source, place.target)).toEqual([]);
  }

  async function isEqual(after = ""): Promise<void> {
    await untilEqual(place, waitMs, () => `${running!.stderr}\n${after}`);
  }

  /** Begins to send a large file, and waits until part of it is there. */
  async function inTheMiddle(): Promise<void> {
    rmSync(from("large"), { recursive: true, force: true });
    writeFileSync(from("large"), new Random(1).bytes(2_500_000));
    await waitUntil(
      () => {
        const name = temporary();
        return name !== undefined && statSync(at(name)).size > 500_000;
      },
      10_000,
      2,
      () => running!.stderr,
    );
  }

  const deeds: Record<string, () => void> = {
    "the receiver is killed": () => {
      for (const pid of receivers()) process.kill(pid, "SIGKILL");
    },
    "the connection is cut": () => link.cut(),
    "the file shrinks": () => truncateSync(from("large"), 1_000_000),
    "the file is emptied": () => truncateSync(from("large"), 0),
    "the file grows": () => appendFileSync(from("large"), new Random(2).bytes(500_000)),
    "the file is replaced": () => {
      writeFileSync(from("new"), new Random(3).bytes(2_000_000));
      renameSync(from("new"), from("large"));
    },
    "the file is removed": () => rmSync(from("large")),
    "the file becomes a link": () => {
      rmSync(from("large"));
      symlinkSync("nowhere", from("large"));
    },
    "the file becomes a directory": () => {
      rmSync(from("large"));
      mkdirSync(from("large"));
      writeFileSync(from("large/file"), "x");
    },
  };
  // What happens to the source is the same to both.
  const names = Object.keys(deeds).slice(0, sender === "builtin" ? Number.POSITIVE_INFINITY : 2);

  test(`in the middle of a file, ${names.join(", ")}`, async () => {
    makeTree(place.source, { files: 5, filesPerDirectory: 2, bytes: 1_000 });
    await watch();
    for (const name of names) {
      await inTheMiddle();
      deeds[name]!();
      await isEqual(name);
    }
    await isWell();
  });

  test("in the middle of many files, the receiver is killed, and then the connection is cut", async () => {
    await watch();
    for (const [round, name] of names.slice(0, 2).entries()) {
      makeTree(from(`${round}`), { files: 150, filesPerDirectory: 50, bytes: 20_000 });
      await waitUntil(() => existsSync(at(`${round}/d0000/f0020`)), 10_000, 1);
      deeds[name]!();
      await isEqual(name);
    }
    await isWell();
  });

  describe.if(canMount)("on a small disk", () => {
    const mount = async (folder: string, options: string) => {
      mkdirSync(join(folder, ".."), { recursive: true });
      volume = await mountVolume(folder, options);
      if (volume === null) throw new Error("nothing can be mounted here");
      return volume;
    };

    test("no room for a large file", async () => {
      const disk = await mount(place.target, "size=3m");
      writeFileSync(from("large"), new Random(1).bytes(5_000_000));
      const { code, stderr } = await tsync(place, ["sync", ...argv()]);
      expect({ code, stderr }).toMatchObject({
        code: 8,
        stderr: expect.stringMatching(/the target is full|No space left/),
      });
      expect(temporary()).toBeUndefined();
      await disk.remount("size=30m");
      await watch();
      await isWell();
    });

    test("no room for many files, while it watches", async () => {
      const disk = await mount(place.target, "size=3m");
      await watch();
      makeTree(from("many"), { files: 200, filesPerDirectory: 100, bytes: 30_000 });
      await running!.waitFor(/the target is full|No space left/, 10_000, "stderr");
      await disk.remount("size=30m");
      await isWell();
    });

    test("no inodes", async () => {
      const disk = await mount(place.target, "size=20m,nr_inodes=40");
      makeTree(place.source, { files: 100, filesPerDirectory: 50, bytes: 10 });
      const { code, stderr } = await tsync(place, ["sync", ...argv()]);
      expect(stderr).toMatch(/the target is full|No space left/);
      expect([3, 8]).toContain(code);
      await disk.remount("nr_inodes=0");
      await watch();
      await isWell();
    });

    test("a complaint in the middle of a large file: no part of it is put in place", async () => {
      mkdirSync(from("fixed"));
      const disk = await mount(at("fixed"), "size=20m");
      expect((await tsync(place, ["sync", ...argv()])).code).toBe(0);
      await disk.remount("ro");
      writeFileSync(from("fixed/a"), "a");
      writeFileSync(from("large"), new Random(1).bytes(3_000_000));
      const sizes = new Set<number>();
      const timer = setInterval(() => {
        if (existsSync(at("large"))) sizes.add(statSync(at("large")).size);
      }, 1);
      const { code, stderr } = await tsync(place, ["sync", ...argv()]);
      clearInterval(timer);
      expect({ code, stderr }).toMatchObject({
        code: 3,
        stderr: expect.stringContaining("Read-only file system"),
      });
      sizes.add(statSync(at("large")).size);
      expect([...sizes]).toEqual([3_000_000]);
      expect(temporary()).toBeUndefined();
    });

    test("a directory that is read-only", async () => {
      mkdirSync(from("fixed"));
      const disk = await mount(at("fixed"), "size=20m");
      await watch();
      await disk.remount("ro");
      for (const path of ["fixed/a", "fixed/b", "c", "d"]) writeFileSync(from(path), path);
      await running!.waitFor(/Read-only file system/, 10_000, "stderr");
      await waitUntil(
        () => existsSync(at("c")) && existsSync(at("d")),
        5_000,
        20,
        () => running!.stderr,
      );
      await disk.remount("rw");
      await isWell();
    });
  });

  test("a directory is in a file's place", async () => {
    await watch();
    mkdirSync(at("bad/theirs"), { recursive: true });
    for (const path of ["a", "bad", "c"]) writeFileSync(from(path), path);
    await running!.waitFor(/bad: .*next try/, 10_000, "stderr");
    await waitUntil(
      () => existsSync(at("a")) && existsSync(at("c")),
      5_000,
      20,
      () => running!.stderr,
    );
    rmSync(at("bad"), { recursive: true });
    await isWell();
  });
});
