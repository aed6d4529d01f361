/** `tsync watch` of the compiled program, live, on a local target and through ssh over a line that can fail. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { exitOk } from "../../src/cli/exit-codes.ts";
import { type Link, startLink } from "../helpers/link.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { isRunning, pidsByEnvironment } from "../helpers/process-tree.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, makeTree, namesIn, Random, snapshot } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";

interface Event {
  event: string;
  target: string;
  reason: string;
  state?: string;
  untilMs?: number;
  moved: number;
  removed: number;
  directories: number;
  modes: number;
  sent: number;
  contentBytes: number;
  failing: number;
}

const waitMs = 20_000;
const stopMaxMs = 3_000;

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

let place: Place;
let link: Link;
let running: Running | null = null;
beforeEach(async () => {
  place = makePlace();
  link = await startLink({ targetPort: sshd.port, rttMs: 2 });
});
afterEach(async () => {
  if (running !== null) {
    running.signal("SIGCONT");
    running.signal("SIGKILL");
    await running.exit;
    running = null;
  }
  await link.stop();
});

const from = (path: string) => join(place.source, path);
const at = (path: string) => join(place.target, path);
const put = (path: string, content = path) => writeFileSync(from(path), content);

/** All events so far. */
function events(): Event[] {
  const lines = running!.stdout.split("\n");
  lines.pop();
  return lines.map((line) => JSON.parse(line));
}

/** The states that were told since event number `since`. */
const states = (since: number) =>
  events()
    .slice(since)
    .flatMap(({ state }) => (state === undefined ? [] : [state]));

const count = (event: string) => events().filter((one) => one.event === event).length;

/** Waits until `event` was told more than `before` times. */
async function until(event: string, before: number, timeoutMs = waitMs): Promise<void> {
  await waitUntil(
    () => count(event) > before,
    timeoutMs,
    10,
    () => `no ${event}\n${running!.stderr.slice(-2_000)}`,
  );
}

/** Starts `tsync watch` on `destinations` and waits for the first sync of each. */
async function start(kind: string, args: string[] = [], command: string[] = []): Promise<void> {
  const destinations = kind === "ssh" ? [`${sshd.host}:${place.target}`] : [place.target];
  const ssh = ["-F", sshd.clientConfigFor(link.port)];
  const argv = [...command, binary, "watch", place.source, ...destinations, ...ssh, "--json", "-v", ...args];
  await outliveRaces();
  running = startProcess(argv, { env: { ...place.env, TSYNC_TEST_MARK: place.folder } });
  await waitUntil(
    () => running!.stdout.includes(`"in-sync"`) || !isRunning(running!.pid),
    30_000,
    10,
    () => running!.stderr,
  );
  await until("in-sync", 0, 30_000);
}

/** Waits until both trees are equal and tsync says so; returns the batches since `since` (number of events). */
async function settled(since: number, target = place.target): Promise<Event[]> {
  let differences: string[] = [];
  await waitUntil(
    () => {
      if (
        events().length <= since ||
        events().findLast(({ event }) => event !== "recovered")?.event !== "in-sync"
      )
        return false;
      differences = diffTrees(place.source, target);
      return differences.length === 0;
    },
    waitMs,
    20,
    () => `${differences.join("\n")}\n${running!.stderr.slice(-3_000)}`,
  );
  return events()
    .slice(since)
    .filter(({ event }) => event === "batch");
}

/** What `work` led to, once both trees are equal again. */
async function after(
  work: () => void,
): Promise<Omit<Event, "event" | "target" | "reason" | "state" | "untilMs" | "failing">> {
  const since = events().length;
  work();
  const sum = { moved: 0, removed: 0, directories: 0, modes: 0, sent: 0, contentBytes: 0 };
  for (const batch of await settled(since))
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += batch[name];
  return sum;
}

const nothing = { moved: 0, removed: 0, directories: 0, modes: 0, sent: 0, contentBytes: 0 };

/** The processes that tsync started, and itself. */
const marked = () => pidsByEnvironment(new RegExp(`^TSYNC_TEST_MARK=${place.folder}$`)).filter(isRunning);

async function stop(): Promise<void> {
  const begin = performance.now();
  running!.signal("SIGTERM");
  expect(await running!.exit).toBe(exitOk);
  // After two seconds connections are cut.
  expect(performance.now() - begin).toBeLessThan(stopMaxMs);
  await waitUntil(
    () => marked().length === 0,
    2_000,
    20,
    () => `still there: ${marked()}`,
  );
  running = null;
}

describe.each(["local", "ssh"])("watch, %s target", (kind) => {
  test("save, edit, delete, mkdir, move, write-and-rename, chmod, touch, move over a file", async () => {
    for (const path of ["edited", "a", "b", "mode", "goes"]) put(path, `${path} ${"x".repeat(5_000)}`);
    mkdirSync(from("directory/deep"), { recursive: true });
    put("directory/deep/file");
    await start(kind);
    expect(diffTrees(place.source, place.target)).toEqual([]);

    expect(await after(() => put("new"))).toEqual({ ...nothing, sent: 1, contentBytes: 3 });
    const edit = await after(() => appendFileSync(from("edited"), "more"));
    expect(edit).toMatchObject({ ...nothing, sent: 1, contentBytes: expect.any(Number) });
    expect(await after(() => rmSync(from("goes")))).toEqual({ ...nothing, removed: 1 });
    const moved = await after(() => {
      mkdirSync(from("made"));
      renameSync(from("directory"), from("made/moved"));
    });
    expect(moved).toEqual({ ...nothing, directories: 1, moved: 1 });

    // As editors save: under another name, then renamed over the old one.
    await after(() => {
      writeFileSync(from(".edited.swp"), "saved");
      renameSync(from(".edited.swp"), from("edited"));
    });
    expect(readFileSync(at("edited"), "utf8")).toBe("saved");

    const mode = await after(() => chmodSync(from("mode"), 0o4750));
    expect(mode).toEqual({ ...nothing, modes: 1 });

    utimesSync(from("made"), 1_600_000_000, 1_600_000_000.125);
    await waitUntil(() => lstatSync(at("made")).mtimeMs === 1_600_000_000_125, waitMs);

    expect(await after(() => renameSync(from("a"), from("b")))).toMatchObject({ moved: 1, contentBytes: 0 });
    expect(existsSync(at("a"))).toBe(false);
    expect(readFileSync(at("b"), "utf8")).toStartWith("a ");

    await after(() => symlinkSync("b", from("link")));
    await after(() => rmSync(from("made"), { recursive: true }));
    expect(running!.stderr).not.toMatch(/warning|error/);
    await stop();
  });

  test("a renamed directory of 1,000 files is one move", async () => {
    makeTree(from("old"), { files: 1_000, filesPerDirectory: 100, bytes: 200 });
    await start(kind);
    link.reset();
    expect(await after(() => renameSync(from("old"), from("new")))).toEqual({ ...nothing, moved: 1 });
    expect(link.bytesUp + link.bytesDown).toBeLessThan(4_096);
    if (kind === "ssh") expect(link.bytesUp).toBeGreaterThan(0);
    expect(link.connections).toBe(0);
  });
});

describe("watch, whatever the target", () => {
  const kind = "local";

  test("a source that is emptied halts, and goes on when it is filled again", async () => {
    mkdirSync(from("all"));
    for (const path of ["all/a", "all/b"]) put(path);
    await start(kind);
    const before = snapshot(place.target);
    renameSync(from("all"), join(place.folder, "away"));
    await until("halted", 0);
    await running!.waitFor(/error: .*halted: .*is empty, but was not before/, waitMs, "stderr");
    await waitUntil(() => events().at(-1)?.state === "halted", waitMs);
    expect(events().at(-1)?.reason).toContain("is empty, but was not before");
    expect(diffTrees(before, place.target)).toEqual([]);
    const since = events().length;
    renameSync(join(place.folder, "away"), from("all"));
    await until("resumed", 0);
    await settled(since);
    expect(states(since)).toEqual(["syncing", "idle"]);
    const done = await after(() => put("all/c"));
    // (On a busy machine an event of it may come after it was sent: then it is sent once more.)
    expect([done.removed, done.sent > 0]).toEqual([0, true]);
    expect(diffTrees(place.source, place.target)).toEqual([]);
    await stop();
  });

  test("a source that is moved away halts, and goes on when it is back", async () => {
    mkdirSync(from("directory"));
    put("directory/file");
    put("file");
    await start(kind);
    const before = snapshot(place.target);
    const away = `${place.source}.away`;
    renameSync(place.source, away);
    await until("halted", 0);
    await running!.waitFor(/error: .*halted: .*is gone/, waitMs, "stderr");
    writeFileSync(join(away, "directory/while away"), "x");
    rmSync(join(away, "file"));
    expect(diffTrees(before, place.target)).toEqual([]);
    const since = events().length;
    renameSync(away, place.source);
    await until("resumed", 0);
    await settled(since);
    // It is watched again, at every level.
    await after(() => put("directory/file", "edited"));
    await after(() => put("again"));
    await stop();
  });

  test("lost events: a warning, and both end equal", async () => {
    const limit = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
    makeTree(place.source, { files: 200, filesPerDirectory: 20, bytes: 100 });
    put("spinning");
    await start(kind);
    const since = events().length;
    running!.signal("SIGSTOP");
    for (let n = 0; n < limit / 2 + 1_000; n++)
      renameSync(from(n % 2 === 0 ? "spinning" : "spun"), from(n % 2 === 0 ? "spun" : "spinning"));
    // Of these nothing is heard.
    mkdirSync(from("unheard/deep"), { recursive: true });
    put("unheard/deep/file");
    put("d0001/f0001", "edited");
    rmSync(from("d0002"), { recursive: true });
    renameSync(from("d0003"), from("unheard/moved"));
    running!.signal("SIGCONT");
    await until("warning", 0);
    await settled(since);
    await running!.waitFor(/warning: the kernel dropped file events.*max_queued_events/, waitMs, "stderr");
    // What appeared unheard is watched.
    await after(() => put("unheard/deep/file", "edited"));
    await after(() => put("unheard/moved/new"));
    await stop();
  });

  test("a storm of changes while it is stopped with SIGTERM", async () => {
    makeTree(place.source, { files: 300, filesPerDirectory: 30, bytes: 1_000 });
    await start(kind);
    makeTree(from("more"), { files: 1_000, filesPerDirectory: 50, bytes: 2_000 });
    await until("batch", count("batch"));
    await stop();
    await start(kind);
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });
});

test("a directory that moves into a new one which is not quiet yet is still moved", async () => {
  mkdirSync(from("directory"));
  put("directory/file");
  put("stays");
  await start("local", ["--settle", "300ms"]);
  const since = events().length;
  mkdirSync(from("new"));
  renameSync(from("directory"), from("new/moved"));
  // The new directory is touched until what happened at the old place is acted upon.
  const end = performance.now() + 5_000;
  for (let n = 0; existsSync(at("directory")) && performance.now() < end; n++) {
    chmodSync(from("new"), n % 2 === 0 ? 0o700 : 0o755);
    await Bun.sleep(20);
  }
  expect((await settled(since)).map(({ moved, removed, sent }) => ({ moved, removed, sent }))).toContainEqual(
    {
      moved: 1,
      removed: 0,
      sent: 0,
    },
  );
  await stop();
});

describe("over a line that fails", () => {
  test("a connection that is cut at work and at rest", async () => {
    const random = new Random(1);
    put("file");
    await start("ssh");
    let since = events().length;
    writeFileSync(from("large"), random.bytes(8_000_000));
    makeTree(from("many"), { files: 300, filesPerDirectory: 30, bytes: 1_000 });
    link.reset();
    await waitUntil(() => link.bytesUp > 1_000_000, waitMs, 1);
    link.cut();
    await until("disconnected", 0);
    await settled(since);
    // At rest it is noticed, too, and the target connected again.
    since = events().length;
    link.cut();
    await waitUntil(() => states(since).at(-1) === "idle", waitMs);
    expect(states(since)).toEqual(["backing-off", "connecting", "syncing", "idle"]);
    since = events().length;
    link.cut();
    put("file", "edited");
    await settled(since);
    // Between the two a directory moves.
    since = events().length;
    renameSync(from("many"), from("moved"));
    link.cut();
    await settled(since);
    expect(namesIn(place.target)).toEqual(["file", "large", "moved"]);
    await stop();
  });

  test("a host that is away for a while", async () => {
    put("file");
    await start("ssh");
    link.refuse(true);
    link.cut();
    put("file", "edited");
    await until("disconnected", 1);
    await running!.waitFor(/warning: .*next try in/, waitMs, "stderr");
    await waitUntil(() => events().at(-1)?.state === "backing-off", waitMs);
    const { untilMs, reason } = events().at(-1)!;
    expect(untilMs).toBeGreaterThan(Date.now() - 1_000);
    expect(reason).not.toBe("");
    put("other");
    const since = events().length;
    link.refuse(false);
    await settled(since);
    expect(states(since).slice(-3)).toEqual(["connecting", "syncing", "idle"]);
    await stop();
  });

  test("a stalled target does not delay another one, nor the end", async () => {
    put("file");
    const second = join(place.folder, "second");
    const args = ["--json", "-v", "-F", sshd.clientConfigFor(link.port)];
    const remote = `${sshd.host}:${place.target}`;
    running = startProcess([binary, "watch", place.source, remote, second, ...args], {
      env: { ...place.env, TSYNC_TEST_MARK: place.folder },
    });
    await until("in-sync", 1);
    link.stall();
    const begin = performance.now();
    for (let n = 0; n < 5; n++) {
      put(`new${n}`);
      mkdirSync(from(`directory${n}`));
      if (n > 0) renameSync(from(`directory${n - 1}`), from(`directory${n}/moved`));
      await waitUntil(() => diffTrees(place.source, second).length === 0, 5_000, 5);
    }
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(existsSync(at("new0"))).toBe(false);
    link.resume();
    await untilEqual(place, waitMs);
    link.stall();
    writeFileSync(from("large"), new Random(1).bytes(4_000_000));
    await waitUntil(() => diffTrees(place.source, second).length === 0, waitMs);
    await stop();
  });

  test("SIGTERM in the middle of a transfer leaves no process behind", async () => {
    put("file");
    await start("ssh");
    writeFileSync(from("large"), new Random(1).bytes(30_000_000));
    link.reset();
    await waitUntil(() => link.bytesUp > 500_000, waitMs, 1);
    link.stall();
    await stop();
  });

  test("SIGTERM while a local transfer hangs", async () => {
    const bin = join(place.folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "rsync"), "#!/bin/sh\nexec sleep 30\n", { mode: 0o755 });
    put("file");
    running = startProcess([binary, "watch", place.source, place.target, "--json"], {
      env: { ...place.env, PATH: `${bin}:${process.env.PATH}`, TSYNC_TEST_MARK: place.folder },
    });
    await waitUntil(() => marked().length > 1, waitMs);
    await stop();
  });

  test("SIGTERM while it waits for a host that is away", async () => {
    put("file");
    await start("ssh");
    link.refuse(true);
    link.cut();
    put("file", "edited");
    await until("disconnected", 1);
    await stop();
  });
});

test("too few watches: it says so, and what is watched is mirrored live", async () => {
  // A user namespace has a limit of its own: nobody else notices.
  const limited = ["unshare", "--user", "--map-root-user", "sh", "-c"];
  const script = `echo 8 >/proc/sys/user/max_inotify_watches && exec "$0" "$@"`;
  makeTree(place.source, { files: 40, filesPerDirectory: 2, bytes: 10 });
  await start("local", [], [...limited, script]);
  await until("warning", 0);
  await running!.waitFor(
    /warning: only \d+ of 21 directories can be watched .*; raise the limit: sysctl fs\.inotify\.max_user_watches=\d+/,
    waitMs,
    "stderr",
  );
  expect(diffTrees(place.source, place.target)).toEqual([]);
  const since = events().length;
  put("new at the top");
  await settled(since);
  await stop();
});

test("a target that is removed while it is watched", async () => {
  for (const path of ["a", "b"]) put(path);
  await start("local");
  rmSync(place.target, { recursive: true });
  mkdirSync(from("new"));
  await waitUntil(
    () => diffTrees(place.source, place.target, { mtimeOfDirectories: false }).length === 0,
    5_000,
    50,
    () => `${diffTrees(place.source, place.target).join("\n")}\n${running!.stderr}`,
  );
});
