/**
 * What lsyncd's own tests do to it, done to tsync.
 *
 * | lsyncd's test | here |
 * | --- | --- |
 * | churn-rsync, churn-rsyncssh, churn-direct: mkfile, mkdir, mvdir, rmfile, mvfile at random | random.test.ts, and much more |
 * | l4rsyncdata: trees that are copied in, the race of new directories | below |
 * | exclude-rsync, exclude-rsyncssh: exclude, delete all, create again | below |
 * | filter-rsync | select.test.ts |
 * | schedule: several mirrors at the same time | below |
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitOk } from "../../src/cli/exit-codes.ts";
import { type Link, startLink } from "../helpers/link.ts";
import { type Running, runProcess, startProcess, waitUntil } from "../helpers/process.ts";
import { randomWork } from "../helpers/random-work.ts";
import { startRsyncd, type TestRsyncd } from "../helpers/rsyncd.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, makeTree, Random, snapshot } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place } from "../helpers/tsync.ts";

const waitMs = 30_000;

let sshd: TestSshd;
let rsyncd: TestRsyncd;
beforeAll(async () => {
  sshd = await startSshd();
  rsyncd = await startRsyncd({ all: { path: "/" } });
});
afterAll(async () => {
  await sshd.stop();
  await rsyncd.stop();
});

let place: Place;
let running: Running | null = null;
beforeEach(() => {
  place = makePlace();
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
});

const from = (path: string) => join(place.source, path);

/** Waits until `differences` has none. */
async function untilNone(differences: () => string[]): Promise<void> {
  let found: string[] = [];
  await waitUntil(
    () => {
      found = differences();
      return found.length === 0;
    },
    waitMs,
    50,
    () => `${found.join("\n")}\n${running!.stderr.slice(-3_000)}`,
  );
}

async function stop(): Promise<void> {
  running!.signal("SIGTERM");
  expect(await running!.exit).toBe(exitOk);
}

describe.each(["local", "ssh", "rsync daemon"])("%s target", (kind) => {
  const destination = () => {
    if (kind === "ssh") return `${sshd.host}:${place.target}`;
    return kind === "local" ? place.target : `${rsyncd.url}/all${place.target}`;
  };

  async function start(...args: string[]): Promise<void> {
    await outliveRaces();
    const argv = [binary, "watch", place.source, destination(), "-F", sshd.configFile, ...args];
    running = startProcess(argv, { env: place.env });
    await running.waitFor(/in sync/, waitMs, "stderr");
  }

  test("a tree that is copied into the source five times", async () => {
    const data = join(place.folder, "data");
    for (let n = 0; n < 12; n++) {
      mkdirSync(`${data}/${n}/a/b/c`, { recursive: true });
      for (const path of ["file", "a/file", "a/b/file", "a/b/c/file"])
        writeFileSync(`${data}/${n}/${path}`, path);
    }
    await start();
    for (let n = 0; n < 5; n++) {
      expect((await runProcess(["cp", "-r", data, from(`copy${n}`)])).code).toBe(0);
    }
    await untilNone(() => diffTrees(place.source, place.target));
    expect(snapshot(place.target).size).toBe(5 * (1 + 12 * 8));
    await stop();
  });

  test("what is excluded never arrives, and all else does: created, deleted, and created again", async () => {
    const patterns = ["erf", "/eaf", "erd/", "/ead/", "*.tmp"];
    const create = () => {
      for (const directory of ["", "sub/", "sub/erd/", "ead/", "sub/ead/"]) {
        if (directory !== "") mkdirSync(from(directory), { recursive: true });
        for (const name of ["erf", "eaf", "x.tmp", "plain"]) writeFileSync(from(directory + name), directory);
      }
    };
    const wanted = ["eaf", "plain"].map((name) => `sub/ead/${name}`);
    wanted.push("sub", "sub/eaf", "sub/plain", "sub/ead", "plain", "stays");
    // An emptied source would halt the mirror.
    writeFileSync(from("stays"), "");
    create();
    await start(...patterns.map((pattern) => `--exclude=${pattern}`));
    const held = () => [...snapshot(place.target).keys()].sort();
    expect(held()).toEqual(wanted.sort());

    for (const name of readdirSync(place.source)) {
      if (name !== "stays") rmSync(from(name), { recursive: true });
    }
    await untilNone(() => held().filter((path) => path !== "stays"));
    create();
    await untilNone(() => wanted.filter((path) => !held().includes(path)));
    await running!.waitFor(/in sync.*in sync/s, waitMs, "stderr");
    expect(held()).toEqual(wanted);
    await stop();
  });
});

describe("several mirrors in one process", () => {
  let lines: Link[];
  beforeEach(async () => {
    lines = [
      await startLink({ targetPort: sshd.port, rttMs: 2 }),
      await startLink({ targetPort: sshd.port, rttMs: 2 }),
    ];
  });
  afterEach(async () => {
    for (const line of lines) await line.stop();
  });

  /** Starts tsync with mirrors to `targets`: the first goes through the first line, and so on. */
  async function start(targets: Record<string, string>): Promise<void> {
    const mirrors = Object.entries(targets).map(([name, target]) => {
      mkdirSync(from(name));
      return `[[mirror]]\nname = "${name}"\nsource = "source/${name}"\ntargets = ["${target}"]\n`;
    });
    const file = join(place.folder, "tsync.toml");
    // One transfer at a time for each target is all that there is to be had.
    writeFileSync(file, `[defaults]\nparallel = 1\n${mirrors.join("")}`);
    const argv = [binary, "watch", "--config", file, "-F", sshd.configFile];
    running = startProcess(argv, { env: place.env });
    for (const name of Object.keys(targets)) {
      await running.waitFor(new RegExp(`${name}: .* is in sync`), waitMs, "stderr");
    }
  }

  const url = (line: Link, name: string) => {
    sshd.clientConfigFor(line.port); // makes its host key known
    return `ssh://${sshd.user}@${sshd.host}:${line.port}${place.target}/${name}`;
  };
  const differences = (name: string) =>
    diffTrees(join(place.source, name), join(place.target, name)).map((line) => `${name}: ${line}`);

  test("random work in all of them at once", async () => {
    const names = ["one", "two", "three", "four"];
    const [one = "", two = "", three = "", four = ""] = names;
    await start({
      [one]: url(lines[0]!, one),
      [two]: url(lines[1]!, two),
      [three]: `${place.target}/${three}`,
      [four]: `${rsyncd.url}/all${place.target}/${four}`,
    });
    await Promise.all(names.map((name, seed) => randomWork(from(name), new Random(seed), 60)));
    await untilNone(() => names.flatMap(differences));
    await stop();
  });

  test("two over ssh work at the same time, and one that hangs does not hold the other up", async () => {
    await start({ hangs: url(lines[0]!, "hangs"), works: url(lines[1]!, "works") });
    lines[0]!.stall();
    makeTree(from("hangs/many"), { files: 50, filesPerDirectory: 10, bytes: 10_000 });
    makeTree(from("works/many"), { files: 50, filesPerDirectory: 10, bytes: 10_000 });
    await untilNone(() => differences("works"));
    expect(differences("hangs")).not.toEqual([]);
    lines[0]!.resume();
    await untilNone(() => differences("hangs"));
    await stop();
  });
});
