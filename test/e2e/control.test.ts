/** Asking and steering a tsync that runs, through its control socket. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk, exitPartial } from "../../src/cli/exit-codes.ts";
import { runProcess, startProcess, waitUntil } from "../helpers/process.ts";
import { randomWork } from "../helpers/random-work.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, Random } from "../helpers/trees.ts";
import { binary, makePlace, type Place, startWatch } from "../helpers/tsync.ts";

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => await sshd.stop());

const run = (place: Place, ...args: string[]) => runProcess([binary, ...args], { env: place.env });
const put = (place: Place, name: string, content = name) => {
  mkdirSync(join(place.source, name, ".."), { recursive: true });
  writeFileSync(join(place.source, name), content);
};
const there = (place: Place, name: string) => readFileSync(join(place.target, name), "utf8");
const sockets = (place: Place) => readdirSync(join(place.env.XDG_RUNTIME_DIR!, "tsync"));
const socketOf = (place: Place) => join(place.env.XDG_RUNTIME_DIR!, "tsync", sockets(place)[0]!);

interface Told {
  pid: number;
  mirrors: {
    name: string;
    watches: number;
    targets: { name: string; state: { state: string }; entries: number; failing: number }[];
  }[];
}

async function status(place: Place, ...names: string[]): Promise<Told[]> {
  const { code, stdout, stderr } = await run(place, "status", "--json", ...names);
  if (code !== exitOk) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Writes a configuration file with mirrors of `place`'s source, or of a folder in it; returns its path. */
function configure(place: Place, mirrors: Record<string, string>, more = ""): string {
  const file = join(place.folder, "tsync.toml");
  const parts = Object.entries(mirrors).map(
    ([name, to]) =>
      `[[mirror]]\nname = "${name}"\nsource = "${join(place.source, name)}"\ntargets = ["${to}"]\n`,
  );
  for (const name of Object.keys(mirrors)) mkdirSync(join(place.source, name), { recursive: true });
  writeFileSync(file, `${parts.join("\n")}${more}`);
  return file;
}

test("nothing runs", async () => {
  const place = makePlace();
  for (const command of ["status", "pause", "resume", "flush", "reload", "stop", "log"]) {
    const { code, stderr } = await run(place, command);
    expect({ command, code }).toEqual({ command, code: exitCodes["not-running"] });
    expect(stderr).toContain("no tsync is running");
  }
});

test("the socket is private, serves HTTP, and goes with its tsync", async () => {
  const place = makePlace();
  put(place, "file");
  const running = await startWatch(place);
  const folder = join(place.env.XDG_RUNTIME_DIR!, "tsync");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(socketOf(place)).mode & 0o777).toBe(0o600);
  const answer = await fetch("http://tsync/v1/status", { unix: socketOf(place) });
  expect(await answer.json()).toMatchObject({ pid: running.pid });
  expect((await fetch("http://tsync/v1/nothing", { unix: socketOf(place) })).status).toBe(404);
  expect((await fetch("http://tsync/v1/stop", { unix: socketOf(place) })).status).toBe(404); // not by GET
  running.signal("SIGTERM");
  expect(await running.exit).toBe(exitOk);
  expect(sockets(place)).toEqual([]);
});

test("a socket that was left behind is replaced; one that is served is a lock", async () => {
  const place = makePlace();
  put(place, "file");
  const running = await startWatch(place);
  const second = await run(place, "watch", place.source, place.target);
  expect(second.code).toBe(exitCodes.locked);
  running.signal("SIGKILL");
  await running.exit;
  expect(sockets(place)).toHaveLength(1);
  expect((await run(place, "status")).code).toBe(exitCodes["not-running"]);
  expect(sockets(place)).toEqual([]);
  const killed = await startWatch(place);
  killed.signal("SIGKILL");
  await killed.exit;
  const third = await startWatch(place);
  expect(await status(place)).toMatchObject([{ pid: third.pid }]);
});

test("a socket elsewhere, none, and a place where none can be made", async () => {
  const place = makePlace();
  put(place, "file");
  const socket = join(place.folder, "own.sock");
  const own = await startWatch(place, ["--socket", socket]);
  expect((await fetch("http://tsync/v1/status", { unix: socket })).ok).toBe(true);
  own.signal("SIGTERM");
  await own.exit;
  const none = await startWatch(place, ["--socket", "none"]);
  expect((await run(place, "status")).code).toBe(exitCodes["not-running"]);
  none.signal("SIGTERM");
  await none.exit;
  writeFileSync(place.env.XDG_RUNTIME_DIR!, "not a directory");
  const without = await startWatch(place);
  expect(without.stderr).toMatch(/warning: cannot make .*run\/tsync/);
  without.signal("SIGTERM");
  expect(await without.exit).toBe(exitOk);
});

test("status says it in a line, and as data", async () => {
  const place = makePlace();
  put(place, "a/file");
  await startWatch(place);
  expect((await run(place, "status")).stdout).toBe(`${place.source}  ${place.target}  in sync, 2 entries\n`);
  expect(await status(place)).toMatchObject([
    {
      mirrors: [
        {
          name: place.source,
          watches: 2,
          targets: [{ name: place.target, state: { state: "idle" }, entries: 2 }],
        },
      ],
    },
  ]);
});

describe.each(["ssh", "local"])("flush, %s target", (kind) => {
  test("returns when every change made before is there, while others go on changing things", async () => {
    const place = makePlace();
    put(place, "busy/log", "");
    const running =
      kind === "ssh"
        ? await startWatch(place, ["-F", sshd.configFile], `${sshd.host}:${place.target}`)
        : await startWatch(place);
    const random = new Random(7);
    const still = join(place.source, "still");
    mkdirSync(still);
    let line = 0;
    const busy = setInterval(() => put(place, "busy/log", `${"x".repeat(++line)}`), 3);
    for (let round = 0; round < 8; round++) {
      await randomWork(still, random, 25, { shared: true });
      const { code, stderr } = await run(place, "flush", "--timeout", "60s");
      expect({ code, stderr }).toEqual({ code: exitOk, stderr: "" });
      expect(diffTrees(still, join(place.target, "still"))).toEqual([]);
    }
    clearInterval(busy);
    running.signal("SIGTERM");
    expect(await running.exit).toBe(exitOk);
  });
});

test("flush says what it cannot wait for", async () => {
  const place = makePlace();
  put(place, "file");
  await startWatch(place);
  // A name that the target cannot have: something of its own is in the way.
  mkdirSync(join(place.target, "blocked/own"), { recursive: true });
  put(place, "blocked");
  const partial = await run(place, "flush");
  expect(partial).toMatchObject({ code: exitPartial });
  expect(partial.stderr).toContain("1 path could not be mirrored");
  expect((await status(place))[0]!.mirrors[0]!.targets[0]!.failing).toBe(1);
  expect((await run(place, "status")).stdout).toContain("blocked: ");
  await run(place, "pause");
  const paused = await run(place, "flush");
  expect(paused.code).toBe(exitCodes.halted);
  expect(paused.stderr).toContain("paused");
});

test("flush gives up when it is told to", async () => {
  const place = makePlace();
  put(place, "file");
  const running = await startWatch(place, ["-F", sshd.configFile], `${sshd.host}:${place.target}`);
  await sshd.stop();
  put(place, "more");
  await running.waitFor(/next try/, 20_000, "stderr");
  const { code, stderr } = await run(place, "flush", "--timeout", "300ms");
  expect(code).toBe(exitCodes.timeout);
  expect(stderr).toMatch(/(backing-off|connecting), 1 pending/);
  sshd = await startSshd();
});

test("a mirror that is paused does nothing, and does all of it later", async () => {
  const place = makePlace();
  put(place, "file");
  await startWatch(place);
  expect((await run(place, "pause")).code).toBe(exitOk);
  await waitUntil(async () => (await run(place, "status")).stdout.includes("paused"), 5_000);
  put(place, "later");
  rmSync(join(place.source, "file"));
  await waitUntil(async () => (await run(place, "status")).stdout.includes("2 pending"), 5_000);
  expect(readdirSync(place.target)).toEqual(["file"]);
  expect((await run(place, "resume")).code).toBe(exitOk);
  expect((await run(place, "flush")).code).toBe(exitOk);
  expect(readdirSync(place.target)).toEqual(["later"]);
});

test("what a guard holds is followed after an explicit word", async () => {
  const place = makePlace();
  for (let at = 0; at < 3; at++) put(place, `file${at}`);
  const running = await startWatch(place);
  for (let at = 0; at < 3; at++) rmSync(join(place.source, `file${at}`));
  await running.waitFor(/halted/, 10_000, "stderr");
  expect((await run(place, "status")).stdout).toContain("tsync resume --accept-deletes");
  expect((await run(place, "resume")).code).toBe(exitOk);
  expect(readdirSync(place.target)).toHaveLength(3);
  expect((await run(place, "resume", "--accept-deletes")).code).toBe(exitOk);
  await waitUntil(() => readdirSync(place.target).length === 0, 10_000);
  expect((await run(place, "flush")).code).toBe(exitOk);
});

test("why: the rule that leaves a path out, and what is on the target", async () => {
  const place = makePlace();
  put(place, "logs/a.log");
  put(place, "kept");
  await startWatch(place, ["--exclude", "logs"]);
  const why = async (path: string) => (await run(place, "why", join(place.source, path))).stdout;
  expect(await why("logs/a.log")).toContain(
    'not mirrored: the directory logs is excluded by "logs" (--exclude',
  );
  expect(await why("kept")).toMatch(/mirrored\n.*in the source: file, 4 B.*\n.*on the target: file, 4 B/);
  expect(await why("nothing")).toContain("nothing is there, and nothing is to be");
  const outside = await run(place, "why", "/elsewhere");
  expect(outside).toMatchObject({
    code: exitCodes.usage,
    stderr: expect.stringContaining("is not below a source"),
  });
  expect((await run(place, "why")).code).toBe(exitCodes.usage);
});

test("log: what went out last, and what goes out from now on", async () => {
  const place = makePlace();
  put(place, "first");
  await startWatch(place);
  const last = await run(place, "log", "--json", "-n", "1");
  expect(JSON.parse(last.stdout)).toMatchObject({ do: "send", path: "first", target: place.target });
  const following = startProcess([binary, "log", "--follow", "-n", "0"], { env: place.env });
  // It follows once the change that it waits for comes out, whenever it has begun.
  let at = 0;
  const changing = setInterval(() => put(place, `new${at++}`), 50);
  await following.waitFor(/sent {2}new\d/, 10_000, "stdout");
  clearInterval(changing);
  expect(following.stdout).not.toContain("first");
  expect((await run(place, "stop")).code).toBe(exitOk);
  expect(await following.exit).toBe(exitOk);
});

test("stop waits for the end", async () => {
  const place = makePlace();
  put(place, "file");
  const running = await startWatch(place);
  expect((await run(place, "stop")).code).toBe(exitOk);
  expect(await running.exit).toBe(exitOk);
});

describe("several mirrors", () => {
  const targets = (place: Place) => ({ one: join(place.folder, "to1"), two: join(place.folder, "to2") });
  const start = async (place: Place, file: string) => {
    const running = startProcess([binary, "watch", "--config", file], { env: place.env });
    await running.waitFor(/one: .*in sync/, 10_000, "stderr");
    await running.waitFor(/two: .*in sync/, 10_000, "stderr");
    return running;
  };
  const states = async (place: Place) =>
    (await status(place))[0]!.mirrors.map(({ name, targets }) => `${name} ${targets[0]!.state.state}`);

  test("are steered by name", async () => {
    const place = makePlace();
    await start(place, configure(place, targets(place)));
    expect((await run(place, "pause", "two")).stderr).toContain("paused: two");
    await waitUntil(async () => (await states(place)).join() === "one idle,two paused", 5_000);
    expect((await status(place, "one"))[0]!.mirrors).toHaveLength(1);
    const wrong = await run(place, "pause", "tow");
    expect(wrong).toMatchObject({
      code: exitCodes.usage,
      stderr: expect.stringContaining("did you mean two?"),
    });
    const half = await run(place, "stop", "one");
    expect(half).toMatchObject({
      code: exitCodes.usage,
      stderr: expect.stringContaining("also mirrors two"),
    });
    expect((await run(place, "stop", "one", "two")).code).toBe(exitOk);
  });

  test.each(["reload", "SIGHUP"])("take over another configuration, by %s", async (how) => {
    const place = makePlace();
    const running = await start(place, configure(place, targets(place)));
    const reload = async () => {
      if (how === "reload") return await run(place, "reload");
      running.signal("SIGHUP");
      await running.waitFor(/configuration read again|error/, 10_000, "stderr");
      return null;
    };
    // Broken: the one before stays in force.
    configure(place, { one: join(place.folder, "to1") }, "nonsense");
    const broken = await reload();
    if (broken !== null) expect(broken.code).toBe(exitCodes.usage);
    expect(await states(place)).toEqual(["one idle", "two idle"]);
    // `two` becomes `three`; `one` goes on, and is not compared again.
    const { one } = targets(place);
    configure(place, { one, three: join(place.folder, "to3") });
    await reload();
    await waitUntil(async () => (await states(place)).join() === "one idle,three idle", 10_000);
    expect(running.stderr.match(/one: .*connected to/g)).toHaveLength(1);
    put(place, "three/new");
    put(place, "one/new");
    expect((await run(place, "flush")).code).toBe(exitOk);
    expect(readFileSync(join(place.folder, "to3/new"), "utf8")).toBe("three/new");
    expect(readFileSync(join(one, "new"), "utf8")).toBe("one/new");
    running.signal("SIGTERM");
    expect(await running.exit).toBe(exitOk);
  });

  test("of one name in two processes are told apart by their sources", async () => {
    const place = makePlace();
    const other = makePlace();
    const env = { ...other.env, XDG_RUNTIME_DIR: place.env.XDG_RUNTIME_DIR! };
    await start(place, configure(place, targets(place)));
    const second = startProcess([binary, "watch", "--config", configure(other, targets(other))], { env });
    await second.waitFor(/two: .*in sync/, 10_000, "stderr");
    const { code, stderr } = await run(place, "pause", "one");
    expect({ code, told: stderr.includes(other.source) && stderr.includes(place.source) }).toEqual({
      code: exitCodes.usage,
      told: true,
    });
    expect((await run(place, "pause", join(other.source, "one"))).code).toBe(exitOk);
    expect((await run(place, "status")).stdout.match(/paused/g)).toHaveLength(1);
  });
});

test("a file that grows arrives as it was when flush was called", async () => {
  const place = makePlace();
  put(place, "file", "before");
  await startWatch(place);
  for (let round = 0; round < 20; round++) {
    put(place, "file", `round ${round}`);
    expect((await run(place, "flush")).code).toBe(exitOk);
    expect(there(place, "file")).toBe(`round ${round}`);
  }
});

test("a target that is given up is told at once, while the others go on", async () => {
  const place = makePlace();
  put(place, "file");
  const running = startProcess([binary, "watch", place.source, place.target, "ssh://127.0.0.1:1/x"], {
    env: place.env,
  });
  await running.waitFor(
    /warning: ssh:.*given up .*refused the connection.*1 other target goes on/,
    20_000,
    "stderr",
  );
  await running.waitFor(/in sync/, 20_000, "stderr");
  put(place, "more");
  await waitUntil(() => existsSync(join(place.target, "more")), 10_000);
  running.signal("SIGTERM");
  expect(await running.exit).toBe(exitCodes.connection);
});
