/** The live view, in a real terminal: what is on the screen, and what is left of it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Link, startLink } from "../helpers/link.ts";
import { runProcess, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { Terminal } from "../helpers/terminal.ts";
import { binary, makePlace, outliveRaces, type Place, tsync } from "../helpers/tsync.ts";

const MiB = 1024 * 1024;
const open: Terminal[] = [];
let sshd: TestSshd;
let link: Link;

beforeAll(async () => {
  sshd = await startSshd();
  link = await startLink({ targetPort: sshd.port, rttMs: 20, bytesPerSecond: 2 * MiB });
});
afterAll(async () => {
  for (const terminal of open) await terminal.stop();
  await link.stop();
  await sshd.stop();
});

/** A place whose source holds a few small files, and a large one of `largeBytes`. */
async function placeWith(largeBytes: number): Promise<Place> {
  const place = makePlace();
  for (let at = 0; at < 5; at++) writeFileSync(join(place.source, `f${at}`), `${at}`);
  if (largeBytes > 0) writeFileSync(join(place.source, "large"), randomBytes(largeBytes));
  await outliveRaces();
  return place;
}

async function start(place: Place, args: string[], env: Record<string, string> = {}): Promise<Terminal> {
  const terminal = await Terminal.start([binary, ...args], { ...place.env, ...env });
  open.push(terminal);
  return terminal;
}

/** Ends the program, and says what it left. */
async function stopWatch(terminal: Terminal) {
  await terminal.press("C-c");
  const end = await terminal.waitForExit();
  return { ...end, hasCursor: await terminal.hasCursor() };
}

describe("over a slow line", () => {
  test("a first sync tells how far it is, in a window of any size, and how it ended", async () => {
    const place = await placeWith(24 * MiB);
    const args = ["-F", sshd.clientConfigFor(link.port), `${sshd.host}:${place.target}`];
    const terminal = await start(place, ["watch", place.source, ...args]);
    await terminal.waitFor(/syncing +█+░+ +[1-9]\d* % +[\d.]+ of 24 MiB +\d+ s left/);
    const { stdout: status } = await runProcess([binary, "status"], { env: place.env });
    expect(status).toMatch(/syncing, \d+ %, \d of 6 files, [\d.]+ of 24 MiB/);
    for (const [columns, rows] of [
      [60, 20],
      [20, 10],
      [150, 5],
    ] as const) {
      await terminal.resize(columns, rows);
      await terminal.waitFor(/\d %/);
      await waitUntil(
        async () => (await terminal.lines()).filter((line) => /\d %/.test(line)).length === 1,
        5_000,
      );
      for (const line of await terminal.lines()) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
    }
    await terminal.waitFor(/in sync {2}6 entries, last change at \d\d:\d\d:\d\d/);
    const { code, isRestored, screen, hasCursor } = await stopWatch(terminal);
    expect([code, isRestored, hasCursor]).toEqual([0, true, true]);
    // Only the lines are left. (What tmux put above the screen when that became smaller is out of reach.)
    expect((await terminal.lines()).join("\n")).not.toMatch(/[█░✓↑]/);
    expect(screen).toMatch(/6 sent \(24 MiB of content\)/);
    expect(screen).toMatch(/tsync: stopping\nexit code 0/);
  });

  test("sync has a bar too", async () => {
    const place = await placeWith(12 * MiB);
    const args = ["-F", sshd.clientConfigFor(link.port), `${sshd.host}:${place.target}`];
    const terminal = await start(place, ["sync", place.source, ...args]);
    await terminal.waitFor(/█+░+ +\d+ %/);
    const { code, isRestored, screen } = await terminal.waitForExit();
    expect([code, isRestored]).toEqual([0, true]);
    expect(screen).not.toMatch(/[█░✓↑]/);
  });
});

describe("killed", () => {
  const killed = async (signal: NodeJS.Signals) => {
    const place = await placeWith(0);
    const terminal = await start(place, ["watch", place.source, place.target, `${place.target}2`]);
    await terminal.waitFor(/(✓ .*in sync {2}5 entries.*\n?){2}$/);
    process.kill(await terminal.programPid(), signal);
    const screen = await terminal.waitFor(/exit code 1\d\d/);
    expect(await terminal.hasCursor()).toBe(true);
    return screen;
  };

  test("at once, it leaves the cursor", () => killed("SIGKILL"));

  test("by Ctrl-\\, it takes the view off the screen", async () => {
    expect(await killed("SIGQUIT")).not.toContain("✓");
  });
});

test("a question takes the view's place, and the view comes back", async () => {
  const place = await placeWith(0);
  const configFile = join(place.folder, "ssh_config");
  const config = readFileSync(sshd.configFile, "utf8");
  writeFileSync(
    configFile,
    config.replace(/UserKnownHostsFile .*/, `UserKnownHostsFile "${place.folder}/known"`),
  );
  const there = `${sshd.host}:${join(place.folder, "there")}`;
  const terminal = await start(place, ["watch", "-F", configFile, place.source, there, place.target]);
  await terminal.waitFor(/continue connecting \(yes\/no\/\[fingerprint\]\)\?$/);
  expect(await terminal.hasCursor()).toBe(true);
  // Long enough for a frame to come in between.
  await terminal.waitFor(/target is in sync/);
  await terminal.type("yes");
  await terminal.waitFor(/fingerprint\]\)\? yes$/);
  await terminal.press("Enter");
  const screen = await terminal.waitFor(/there +in sync.*\n.*target +in sync {2}5 entries.*$/);
  expect(screen).toMatch(/fingerprint\]\)\? yes\n/);
  expect((await stopWatch(terminal)).isRestored).toBe(true);
});

test("what is steered from elsewhere shows: a pause, and another configuration", async () => {
  const place = await placeWith(0);
  const file = join(place.folder, "tsync.toml");
  const mirror = (name: string) =>
    `[[mirror]]\nname = "${name}"\nsource = "${place.source}"\ntargets = ["${join(place.folder, name)}"]\n`;
  writeFileSync(file, mirror("a") + mirror("b"), { mode: 0o600 });
  const terminal = await start(place, ["watch", "--config", file]);
  await terminal.waitFor(/✓ a: \S+ +in sync.*\n✓ b: \S+ +in sync/);
  await runProcess([binary, "pause", "b"], { env: place.env });
  await terminal.waitFor(/✓ a: \S+ +in sync.*\n~ b: \S+ +paused$/);
  writeFileSync(file, mirror("a") + mirror("c"));
  await runProcess([binary, "reload"], { env: place.env });
  const screen = await terminal.waitFor(/✓ a: \S+ +in sync.*\n✓ c: \S+ +in sync.*$/);
  expect(screen).not.toMatch(/~|✓ b:/);
  expect((await stopWatch(terminal)).isRestored).toBe(true);
});

test("at rest nothing is written; a change is told above, once", async () => {
  const place = await placeWith(0);
  const terminal = await start(place, ["watch", place.source, place.target]);
  await terminal.waitFor(/✓ .*in sync {2}5 entries.*$/);
  const file = join(place.folder, "written");
  await terminal.record(file);
  await waitUntil(() => existsSync(file), 5_000);
  await Bun.sleep(2_500);
  expect(statSync(file).size).toBe(0);
  writeFileSync(join(place.source, "new"), "new");
  const screen = await terminal.waitFor(/in sync {2}6 entries/);
  expect(screen.match(/1 sent .* \[new\]/g)).toHaveLength(1);
  expect(screen.match(/✓/g)).toHaveLength(1);
  await stopWatch(terminal);
});

test("many lines at once scroll above the view", async () => {
  const place = await placeWith(0);
  const terminal = await start(place, ["watch", "-v", place.source, place.target]);
  await terminal.waitFor(/✓ .*in sync {2}5 entries.*$/);
  mkdirSync(join(place.source, "many"));
  for (let at = 0; at < 200; at++) writeFileSync(join(place.source, `many/${at}`), "x");
  const screen = await terminal.waitFor(/in sync {2}206 entries.*$/);
  expect(screen.match(/✓/g)).toHaveLength(1);
  const sent = new Set(Array.from(screen.matchAll(/send many\/(\d+)$/gm), ([, name]) => name));
  expect(sent.size).toBe(200);
  await stopWatch(terminal);
});

test("stopped by Ctrl-Z and continued, it is drawn again", async () => {
  const place = await placeWith(0);
  const terminal = await Terminal.start(["bash", "--norc", "-i"], { ...place.env, PS1: "ready$ " });
  open.push(terminal);
  await terminal.answer(`${binary} watch ${place.source} ${place.target}`);
  await terminal.waitFor(/✓ .*in sync {2}5 entries.*$/);
  await terminal.press("C-z");
  const stopped = await terminal.waitFor(/Stopped[^\n]*\nready\$$/);
  expect(stopped).not.toContain("✓");
  expect(await terminal.hasCursor()).toBe(true);
  writeFileSync(join(place.source, "new"), "new");
  await terminal.answer("fg");
  await terminal.waitFor(/✓ .*in sync {2}6 entries.*$/);
  // In the background, it leaves the screen to the shell.
  await terminal.press("C-z");
  await terminal.waitFor(/Stopped[^\n]*\nready\$$/);
  await terminal.answer("bg");
  appendFileSync(join(place.source, "new"), "more");
  await terminal.waitFor(/\[new\][\s\S]*\[new\]/);
  expect(await terminal.screen()).not.toContain("✓");
  await terminal.answer("fg");
  await terminal.waitFor(/✓ .*in sync {2}6 entries.*$/);
  await terminal.press("C-c");
  await terminal.waitFor(/stopping\nready\$$/);
  expect(await terminal.hasCursor()).toBe(true);
});

describe("without a view", () => {
  /** What is written to the terminal because of a change. */
  const written = async (args: string[], env: readonly string[] = [], shown = /is in sync|"in-sync"/) => {
    const place = await placeWith(0);
    const argv = ["env", ...env, binary, "watch", place.source, place.target, ...args];
    const terminal = await Terminal.start(argv, place.env);
    open.push(terminal);
    await waitUntil(() => existsSync(join(place.target, "f4")), 20_000);
    if (!args.includes("-q")) await terminal.waitFor(shown);
    const record = join(place.folder, "written");
    await terminal.record(record);
    await waitUntil(() => existsSync(record), 5_000);
    writeFileSync(join(place.source, "new"), "new");
    if (args.includes("-q")) await waitUntil(() => existsSync(join(place.target, "new")), 20_000);
    else await terminal.waitFor(/6 entries|"entries":6/);
    // (Where nothing else is printed, ^C stands before it.)
    await terminal.press("C-c");
    await terminal.waitFor(/exit code 0/);
    return readFileSync(record, "utf8");
  };

  test.each([
    ["--no-view", ["--no-view"], []],
    ["--json", ["--json"], []],
    ["--quiet", ["-q"], []],
    ["a dumb terminal", [], ["TERM=dumb"]],
  ])("%s: nothing moves the cursor", async (_name, args, env) => {
    expect(await written(args, env)).not.toMatch(/\x1b\[[\d?]*[A-Zhl]|[✓]/);
  });

  test("colours may be off while the view is on", async () => {
    const text = await written([], ["NO_COLOR=1"], /✓/);
    expect(text).toContain("in sync");
    expect(text).toContain("\x1b[?2026h");
    expect(text).not.toMatch(/\x1b\[\d*m/);
  });

  test("to a pipe only lines are written", async () => {
    const place = await placeWith(2 * MiB);
    const { stderr, code } = await tsync(place, ["sync", "--bwlimit", "2M", place.source, place.target]);
    expect(code).toBe(0);
    expect(stderr).not.toContain("\x1b");
  });
});

test("programs are told of progress", async () => {
  const place = await placeWith(6 * MiB);
  const args = ["sync", "--json", "--bwlimit", "2M", place.source, place.target];
  const { stdout } = await tsync(place, args);
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const told = events.filter(({ event }) => event === "progress");
  expect(told.length).toBeGreaterThan(1);
  expect(told[0]).toMatchObject({ target: place.target, files: 6, bytes: 6 * MiB + 5, isOpen: false });
  const bytesDone = told.map((one) => one.bytesDone);
  expect(bytesDone).toEqual(bytesDone.toSorted((a, b) => a - b));
  expect(bytesDone.at(-1)).toBeGreaterThan(MiB);
});

test("an rsync that cannot tell how far it is sends all the same", async () => {
  const place = await placeWith(2 * MiB);
  const old = join(place.folder, "old-rsync");
  const script = `#!/bin/sh
for word; do case $word in --info*) echo "rsync: $word: unknown option" >&2; exit 1;; esac; done
exec rsync "$@"
`;
  writeFileSync(old, script, { mode: 0o755 });
  const { code, stderr } = await tsync(place, ["sync", "--rsync", old, place.source, place.target]);
  expect([code, stderr]).toEqual([0, expect.stringContaining("6 sent (2 MiB of content)")]);
  const { code: differs } = await runProcess(["diff", "-r", place.source, place.target]);
  expect(differs).toBe(0);
});
