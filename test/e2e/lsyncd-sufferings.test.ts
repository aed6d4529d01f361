/**
 * What users of lsyncd suffer from must not happen here. Which test holds which point:
 *
 * | Suffering | Test |
 * | --- | --- |
 * | `mkdir d; mv f d/`, edit-then-move, `a -> b -> c` are sent again | here |
 * | an ssh process for each move | here |
 * | a remote `mv` that fails ends the daemon | here |
 * | `mv a b` over a directory nests as `b/a` | here; target/conformance.test.ts |
 * | names with `]` or a backslash never arrive | random.test.ts, target/conformance.test.ts |
 * | an rsync that a signal killed, or that failed with 23, counts as success | here; cli.test.ts, target/rsync-output.test.ts |
 * | `delete = false` is ignored for moves | here; sync.test.ts |
 * | a source that is emptied, or empty at the start, empties the target | watch.test.ts, sync.test.ts |
 * | a dead network makes a hot loop | here; core/backoff.test.ts |
 * | no deadline on an rsync that hangs | transfer-options.test.ts |
 * | restart, lost events and HUP each send everything again | here |
 * | a change in a large flat directory reads all of it | here |
 * | the queue's cost grows with its square | here |
 * | no JSON; what differs on the target is never seen | cli.test.ts; verify.test.ts |
 * | two mirrors over ssh cannot work at the same time | lsyncd-tests.test.ts |
 * | a full disk, or an unknown error over there, loses files | here |
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { exitOk } from "../../src/cli/exit-codes.ts";
import { type Link, startLink } from "../helpers/link.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { processorSeconds } from "../helpers/process-tree.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { makeTree, Random, snapshot } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";
import { mountVolume } from "../helpers/volume.ts";

/** What batches did, added up. */
const nothing = { moved: 0, removed: 0, directories: 0, modes: 0, sent: 0, contentBytes: 0 };

const waitMs = 30_000;

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

let place: Place;
let link: Link;
let running: Running;
beforeEach(async () => {
  place = makePlace();
  link = await startLink({ targetPort: sshd.port, rttMs: 2 });
});
afterEach(async () => {
  running.signal("SIGCONT");
  running.signal("SIGKILL");
  await running.exit;
  await link.stop();
});

const from = (path: string) => join(place.source, path);
const at = (path: string) => join(place.target, path);
const put = (path: string, content: string | Buffer = path) => writeFileSync(from(path), content);

/** Starts `tsync watch`, through ssh unless a local target is given, and waits for the first sync. */
async function start(args: string[] = [], target = `${sshd.host}:${place.target}`): Promise<void> {
  await outliveRaces();
  const ssh = ["-F", sshd.clientConfigFor(link.port)];
  running = startProcess([binary, "watch", place.source, target, ...ssh, "--json", "-v", ...args], {
    env: place.env,
  });
  await running.waitFor(/"in-sync"/, waitMs, "stdout");
}

async function stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  running.signal(signal);
  expect(await running.exit).toBe(exitOk);
}

function batches(): (typeof nothing)[] {
  const lines = running.stdout.split("\n").filter((line) => line.includes('"event":"batch"'));
  return lines.map((line) => JSON.parse(line));
}

/** Waits until the target is what the source is. */
async function equal(): Promise<void> {
  await untilEqual(place, waitMs, () => running.stderr);
}

/** What `work` led to. With `atOnce` tsync sees none of it before all is done. */
async function after(work: () => void, atOnce = true): Promise<typeof nothing> {
  const before = batches().length;
  const syncs = () => running.stdout.split('"event":"in-sync"').length;
  const syncsBefore = syncs();
  if (atOnce) running.signal("SIGSTOP");
  work();
  running.signal("SIGCONT");
  await equal();
  // What was done is told once it is acknowledged, a moment after it can be seen.
  await waitUntil(() => syncs() > syncsBefore, waitMs);
  const sum = { ...nothing };
  for (const batch of batches().slice(before))
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += batch[name];
  return sum;
}

/** A program that counts its runs in a file, does `script` in the first ones, and is rsync later. */
function failingRsync(runs: number, script: string): string {
  const [path, log] = [join(place.folder, "failing-rsync"), join(place.folder, "runs")];
  writeFileSync(
    path,
    `#!/bin/sh\necho >> '${log}'\n[ "$(wc -l < '${log}')" -gt ${runs} ] || { ${script}; }\nexec rsync "$@"\n`,
    { mode: 0o755 },
  );
  return path;
}
const runs = () => readFileSync(join(place.folder, "runs"), "utf8").length;

describe("moves", () => {
  test("mkdir d; mv f d/: moved", async () => {
    put("f", new Random(1).bytes(100_000));
    await start();
    const done = await after(() => {
      mkdirSync(from("d"));
      renameSync(from("f"), from("d/f"));
    });
    expect(done).toEqual({ ...nothing, moved: 1, directories: 1 });
  });

  test("edited, then moved: moved, and only the edit is sent", async () => {
    put("f", new Random(1).bytes(1_000_000));
    await start();
    const done = await after(() => {
      appendFileSync(from("f"), "edit");
      renameSync(from("f"), from("g"));
    });
    expect(done).toMatchObject({ moved: 1, removed: 0, sent: 1 });
    expect(done.contentBytes).toBeLessThan(10_000);
  });

  test("a -> b -> c: one move", async () => {
    put("a");
    await start();
    const done = await after(() => {
      renameSync(from("a"), from("b"));
      renameSync(from("b"), from("c"));
    });
    expect(done).toEqual({ ...nothing, moved: 1 });
  });

  test("fifty moves, one after the other, start nothing on the server", async () => {
    for (let n = 0; n < 50; n++) put(`f${n}`);
    await start();
    const sessions = () => sshd.log().match(/Starting session/g)?.length ?? 0;
    const before = sessions();
    link.reset();
    for (let n = 0; n < 50; n++) {
      renameSync(from(`f${n}`), from(`g${n}`));
      await waitUntil(() => existsSync(at(`g${n}`)), waitMs, 2);
    }
    expect([link.connections, sessions() - before]).toEqual([0, 0]);
  });

  test("one that cannot be done over there is told, holds up nothing, and is done when it can be", async () => {
    for (const path of ["a", "other"]) put(path);
    await start();
    mkdirSync(at("b"));
    writeFileSync(at("b/theirs"), "not tsync's");
    renameSync(from("a"), from("b"));
    await running.waitFor(/"event":"failing".*"path":"b"/, waitMs, "stdout");
    put("other", "edited");
    await waitUntil(() => readFileSync(at("other"), "utf8") === "edited", waitMs);
    expect(readFileSync(at("b/theirs"), "utf8")).toBe("not tsync's");
    rmSync(at("b"), { recursive: true });
    await equal();
  });

  test("of what somebody removed over there: it is sent", async () => {
    put("a");
    await start();
    rmSync(at("a"));
    renameSync(from("a"), from("b"));
    await equal();
  });

  test("over an empty directory: nothing is nested", async () => {
    for (const path of ["a", "b"]) mkdirSync(from(path));
    put("a/file");
    await start();
    expect(await after(() => renameSync(from("a"), from("b")))).toMatchObject({ moved: 1, sent: 0 });
    expect([...snapshot(place.target).keys()].sort()).toEqual(["b", "b/file"]);
  });

  test("--delete never keeps the old name", async () => {
    put("a");
    await start(["--delete=never"]);
    renameSync(from("a"), from("b"));
    await waitUntil(() => existsSync(at("b")), waitMs);
    await stop();
    expect(readFileSync(at("a"), "utf8")).toBe("a");
  });
});

describe("failures", () => {
  test.each([
    ["is killed", "kill -9 $$"],
    ["ends with 23 and says nothing", "exit 23"],
    ["ends with a code that nobody knows", "exit 77"],
  ])("a local rsync that %s is no success", async (_, script) => {
    put("before");
    await start();
    await stop();
    put("file", "content");
    await start(["--sender", "stock", "--rsync", failingRsync(2, script)]);
    await equal();
    expect(runs()).toBeGreaterThan(2);
  });

  test("an rsync over there that fails in an unknown way: the file arrives later", async () => {
    put("before");
    await start();
    await stop();
    put("file", "content");
    await start(["--rsync-path", failingRsync(2, "echo something odd >&2; exit 99")]);
    await equal();
    expect(runs()).toBeGreaterThan(2);
  });

  test.skipIf(process.getuid?.() !== 0)("a full disk: all arrives once there is room", async () => {
    const volume = await mountVolume(join(place.folder, "volume"));
    if (volume === null) return; // root, but in a container that may not mount
    try {
      place = { ...place, target: join(volume.folder, "target") };
      put("before");
      await start();
      volume.fill();
      makeTree(from("many"), { files: 50, filesPerDirectory: 10, bytes: 10_000 });
      await running.waitFor(/"disconnected".*the target is full/, waitMs, "stdout");
      volume.free();
      await equal();
      await stop();
    } finally {
      await volume.unmount();
    }
  });

  test("a dead network: ever fewer tries, and next to no work", async () => {
    put("file");
    await start();
    link.refuse(true);
    link.cut();
    put("file", "edited");
    await running.waitFor(/"disconnected"/, waitMs, "stdout");
    const before = processorSeconds(running.pid);
    await Bun.sleep(3_000);
    expect(running.stdout.match(/"disconnected"/g)!.length).toBeLessThan(9);
    expect(processorSeconds(running.pid) - before).toBeLessThan(1);
    link.refuse(false);
    await equal();
  });
});

describe("cost", () => {
  test("a restart sends nothing, and HUP is a stop", async () => {
    makeTree(place.source, { files: 1_000, filesPerDirectory: 50, bytes: 1_000 });
    await start();
    await stop("SIGHUP");
    link.reset();
    await start();
    expect(batches()).toEqual([]);
    // The whole of it, a login included.
    expect(link.bytesUp + link.bytesDown).toBeLessThan(50_000);
    await stop();
  });

  test("lost events: what changed is sent, and nothing else", async () => {
    makeTree(place.source, { files: 1_000, filesPerDirectory: 50, bytes: 1_000 });
    put("spinning");
    await start();
    const limit = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
    const done = await after(() => {
      for (let n = 0; n < limit / 2 + 1_000; n++)
        renameSync(from(n % 2 === 0 ? "spinning" : "spun"), from(n % 2 === 0 ? "spun" : "spinning"));
      put("d0001/f0001", "edited");
    });
    await running.waitFor(/the kernel dropped file events/, 20_000, "stderr");
    expect(done).toMatchObject({ removed: 0, directories: 0, sent: 1 });
    expect(done.contentBytes).toBeLessThan(10_000);
  });

  test("a save costs no more among 30,000 files than alone", async () => {
    mkdirSync(from("flat"));
    mkdirSync(from("small"));
    for (let n = 0; n < 30_000; n++) put(`flat/${n}`, "");
    for (const path of ["flat", "small"]) mkdirSync(at(path), { recursive: true });
    // As if the target had all of it.
    await start(["--no-initial-sync"], place.target);
    const saveMs = async (path: string) => {
      const begin = performance.now();
      put(path, "content");
      await waitUntil(() => existsSync(at(path)), waitMs, 1);
      return performance.now() - begin;
    };
    const least = async (directory: string) => {
      const times: number[] = [];
      for (let n = 0; n < 4; n++) times.push(await saveMs(`${directory}/new${n}`));
      return Math.min(...times);
    };
    const small = await least("small");
    expect(await least("flat")).toBeLessThan(small * 3 + 50);
  });

  test("10,000 new files in the queue take seconds of work, not minutes", async () => {
    await start(["--delay=2s"], place.target);
    for (let n = 0; n < 10_000; n++) put(`new${n}`, "");
    await waitUntil(() => existsSync(at("new9999")), 60_000, 50);
    await equal();
    expect(processorSeconds(running.pid)).toBeLessThan(15);
  });
});
