/** Receivers that wait on an ssh target: how many there are, what they serve, and when they go. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Running, runProcess, startProcess, waitUntil } from "../helpers/process.ts";
import { processorSeconds } from "../helpers/process-tree.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { binary, makePlace, outliveRaces, type Place, tsync } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";

const waitMs = 15_000;

let sshd: TestSshd;
let place: Place;
let running: Running;
/** A server of a test's own. */
let other: TestSshd | null = null;

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());
beforeEach(() => {
  place = makePlace();
  mkdirSync(from("d"));
  writeFileSync(from("first"), "1");
});
afterEach(async () => {
  running.signal("SIGKILL");
  await running.exit;
  await other?.stop();
  other = null;
});

const from = (path: string) => join(place.source, path);
const at = (path: string) => join(place.target, path);
const here = () => other ?? sshd;
const commands = (what: string) =>
  [...here().commands()].filter(([, command]) => command.includes(what)).map(([pid]) => pid);
/** A receiver at work is two processes. */
const receivers = () => commands("--remove-source-files");
const areReceivers = (count: number) =>
  waitUntil(
    () => receivers().length === count,
    waitMs,
    10,
    () => [...here().commands().values()].join("\n"),
  );

const destination = () => ["-F", here().configFile, place.source, `${here().host}:${place.target}`];

async function watch(...args: string[]): Promise<void> {
  await outliveRaces();
  running = startProcess([binary, "watch", ...args, ...destination()], { env: place.env });
  await running.waitFor(/in sync/, 20_000, "stderr");
}

async function save(path: string): Promise<void> {
  const content = `${path} ${Math.random()}`;
  // (What was written just now would be sent a second time.)
  const fresh = join(place.folder, "fresh");
  writeFileSync(fresh, content);
  const time = Date.now() / 1000 - 60.5;
  utimesSync(fresh, time, time);
  renameSync(fresh, from(path));
  const arrived = () => existsSync(at(path)) && readFileSync(at(path), "utf8") === content;
  await waitUntil(arrived, waitMs, 2, () => running.stderr);
}

/** Ends it, and looks that nothing runs on there. */
async function end(): Promise<void> {
  expect(running.stderr).not.toMatch(/warning|failing/);
  await untilEqual(place, 5_000);
  running.signal("SIGTERM");
  expect(await running.exit).toBe(0);
  await waitUntil(
    () => here().commands().size === 0,
    5_000,
    10,
    () => [...here().commands().values()].join("\n"),
  );
}

test("two wait, each save takes one, and nothing is started in its way", async () => {
  const lines = ["LogLevel DEBUG1"];
  other = await startSshd({ extraConfig: lines });
  await watch();
  await areReceivers(2);
  const [shell] = commands("/bin/sh");
  for (let round = 0; round < 3; round++) {
    const before = receivers();
    const known = here().log().length;
    await save("first");
    // The one that was taken ends, one is started in its place, and the other one waits on.
    await waitUntil(
      () => {
        const now = receivers();
        return now.length === 2 && now.filter((pid) => before.includes(pid)).length === 1;
      },
      waitMs,
      5,
    );
    expect(
      here()
        .log()
        .slice(known)
        .match(/Starting session: command/g),
    ).toHaveLength(1);
  }
  expect(commands("/bin/sh")).toContain(shell!);
  const busySeconds = processorSeconds(running.pid);
  await Bun.sleep(2_000);
  expect(processorSeconds(running.pid) - busySeconds).toBeLessThan(0.05);
  await end();
});

test("those that were killed are replaced, ever later; a save does not wait for that", async () => {
  await watch();
  for (let round = 0; round < 2; round++) {
    await areReceivers(2);
    for (const pid of receivers()) process.kill(pid, "SIGKILL");
    await areReceivers(0);
    if (round === 1) await save("d/file");
  }
  await areReceivers(2);
  await end();
});

test("they are let go after a while, and the next save works and starts new ones", async () => {
  await watch("--keep-warm", "1s");
  await areReceivers(2);
  await areReceivers(0);
  await save("first");
  await areReceivers(2);
  await areReceivers(0);
  await end();
});

test("none are kept", async () => {
  await watch("--keep-warm", "0");
  await save("first");
  await save("d/file");
  await areReceivers(0);
  await end();
});

test.each([1, 2, 3])("MaxSessions %d", async (sessions) => {
  other = await startSshd({ extraConfig: [`MaxSessions ${sessions}`] });
  await watch();
  for (let round = 0; round < 3; round++) {
    await save("first");
    const startMs = performance.now();
    renameSync(from(round % 2 === 0 ? "d" : "e"), from(round % 2 === 0 ? "e" : "d"));
    await waitUntil(
      () => existsSync(at(round % 2 === 0 ? "e" : "d")),
      waitMs,
      2,
      () => running.stderr,
    );
    expect(performance.now() - startMs).toBeLessThan(2_000);
  }
  await end();
});

test("a machine without rsync", async () => {
  const bin = join(place.folder, "bin");
  mkdirSync(bin);
  symlinkSync(Bun.which("ssh")!, join(bin, "ssh"));
  Object.assign(place.env, { PATH: bin });
  writeFileSync(from("large"), Buffer.alloc(40_000_000, 1));
  await watch();
  await save("first");
  await save("d/file");
  await end();
  const verified = await tsync(place, ["verify", ...destination()]);
  expect(verified).toMatchObject({
    code: 9,
    stderr: expect.stringMatching(/rsync is not installed here; install/),
  });
  // What tsync can do itself is no reason to fail; what only rsync can is.
  const checked = await tsync(place, ["check", ...destination()]);
  expect(checked.stdout).toMatch(/^warning +rsync here: .*tsync sends to ssh targets itself/m);
  expect(checked.code).toBe(0);
  const compressing = await tsync(place, ["check", "--compress", ...destination()]);
  expect(compressing.code).toBe(9);
  // A restart, which finds what was changed meanwhile, in a target that has it partly.
  writeFileSync(from("d/file"), "other");
  writeFileSync(from("new"), "same");
  writeFileSync(at("new"), "same");
  await watch();
  await end();
  // What only rsync can send is named, and keeps nothing else from arriving.
  await runProcess(["mkfifo", from("pipe")]);
  writeFileSync(from("last"), "last");
  const { code, stderr } = await tsync(place, ["sync", ...destination()]);
  expect(stderr).toMatch(/pipe: devices, FIFOs and sockets are sent by rsync, which is not here/);
  expect([code, existsSync(at("last"))]).toEqual([3, true]);
});
