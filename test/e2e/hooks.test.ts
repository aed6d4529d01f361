/** Hooks of the compiled program: real programs, well-behaved and not. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import type { WorkFacts } from "../../src/hooks/facts.ts";
import { freePort } from "../helpers/port.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { isRunning } from "../helpers/process-tree.ts";
import { diffTrees } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place, tsync } from "../helpers/tsync.ts";

const waitMs = 20_000;

let place: Place;
let running: Running | null = null;
beforeEach(() => {
  place = makePlace();
});
afterEach(async () => {
  writeFileSync(at("go"), "");
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
});

const at = (name: string) => join(place.folder, name);
const from = (path: string) => join(place.source, path);
const put = (path: string, content = path) => writeFileSync(from(path), content);

/** Makes a hook of `lines` for `sh` in the place's folder; `$here` is that folder. */
function script(name: string, ...lines: string[]): string {
  writeFileSync(at(name), `#!/bin/sh\nhere='${place.folder}'\n${lines.join("\n")}\n`);
  chmodSync(at(name), 0o755);
  return at(name);
}

/** A hook that keeps what it was told in the file `facts`. */
const recorder = (...before: string[]) => script("record", ...before, 'cat >> "$here/facts"');

const holdOn = 'while [ ! -e "$here/go" ]; do sleep 0.02; done';

/** What a hook is told, as it came; only some have facts about work. */
type Told = WorkFacts & Record<string, unknown>;

function told(): Told[] {
  if (!existsSync(at("facts"))) return [];
  return readFileSync(at("facts"), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Writes a configuration with one mirror, called www, whose options are `lines`. */
function config(lines: readonly string[], targets = '["target"]'): string[] {
  const text = `[[mirror]]\nname = "www"\nsource = "source"\ntargets = ${targets}\n${lines.join("\n")}\n`;
  writeFileSync(at("tsync.toml"), text);
  return ["--config", at("tsync.toml")];
}

/** Starts `tsync watch` and waits until each target is in sync. */
async function watch(args: string[], targets = 1): Promise<Running> {
  await outliveRaces();
  running = startProcess([binary, "watch", "--json", ...args], { env: place.env });
  await running.waitFor(new RegExp(`("event":"in-sync"[^]*){${targets}}`), waitMs, "stdout");
  return running;
}

const sync = (args: string[], env: Record<string, string> = {}) => tsync(place, ["sync", ...args], env);

describe("a hook is told", () => {
  test("what was done, as JSON and in its environment", async () => {
    put("old", "x".repeat(1_000));
    put("gone");
    const args = config([
      `on-change = ["${recorder('echo "$TSYNC_EVENT $TSYNC_MIRROR $TSYNC_MOVED $1"')}", "a b"]`,
    ]);
    await watch(args);
    await waitUntil(() => told().length === 1, waitMs);
    expect(told()[0]).toMatchObject({
      version: 1,
      event: "change",
      mirror: "www",
      source: place.source,
      target: place.target,
      batches: 1,
      sent: 2,
      changes: expect.arrayContaining([{ do: "send", path: "old" }]),
    });
    renameSync(from("old"), from("new\nname"));
    rmSync(from("gone"));
    await waitUntil(
      () =>
        told()
          .slice(1)
          .reduce((sum, { moved, removed }) => sum + moved + removed, 0) === 2,
      waitMs,
    );
    const changes = told()
      .slice(1)
      .flatMap((one) => one.changes);
    expect(changes).toContainEqual({ do: "move", from: "old", path: "new\nname" });
    expect(changes).toContainEqual({ do: "remove", path: "gone" });
    await running!.waitFor(/: on-change: change www 1 a b$/m, waitMs, "stderr");
  });

  test("that all is in place, once it is", async () => {
    mkdirSync(from("d"));
    put("d/a");
    const line = 'ls "$TSYNC_TARGET/d"; echo "$TSYNC_SENT of $TSYNC_ENTRIES"';
    const { code, stderr } = await sync([...config([`on-synced = { run = '${line}', shell = true }`])]);
    expect(code).toBe(exitOk);
    expect(stderr).toContain("on-synced: a\n");
    expect(stderr).toContain("on-synced: 1 of 2\n");
  });

  test("that a guard halted the mirror, and that it goes on", async () => {
    put("a");
    put("b");
    const hook = recorder();
    await watch(config([`on-halt = ["${hook}"]`, `on-recover = ["${hook}"]`]));
    renameSync(place.source, at("away"));
    await waitUntil(() => told().length === 1, waitMs);
    expect(told()[0]).toMatchObject({ event: "halt", reason: expect.stringContaining(place.source) });
    renameSync(at("away"), place.source);
    await waitUntil(() => told().length === 2, waitMs);
    expect(told()[1]).toMatchObject({ event: "recover", recovered: [{ what: "source" }] });
  });

  test("of paths that fail and work again", async () => {
    mkdirSync(place.target);
    mkdirSync(join(place.target, "a"));
    writeFileSync(join(place.target, "a/theirs"), "");
    put("a");
    const hook = recorder();
    await watch(config([`on-error = ["${hook}"]`, `on-recover = ["${hook}"]`]));
    await waitUntil(() => told().length === 1, waitMs);
    expect(told()[0]).toMatchObject({ event: "error", errors: [{ what: "path", path: "a" }] });
    rmSync(join(place.target, "a"), { recursive: true });
    put("a", "again");
    await waitUntil(() => told().length === 2, waitMs);
    expect(told()[1]).toMatchObject({ event: "recover", recovered: [{ what: "path", path: "a" }] });
  });

  test("what ended the work before it began", async () => {
    const to = `ssh://127.0.0.1:${await freePort()}/x`;
    const { code } = await sync(config([`on-error = ["${recorder()}"]`], `["${to}"]`));
    expect(code).toBe(exitCodes.connection);
    expect(told()).toMatchObject([
      { event: "error", target: to, errors: [{ what: "target", retryMs: null }] },
    ]);
  });

  test("on the command line and in the environment it is written as in the file", async () => {
    put("a");
    const args = [place.source, place.target, "--on-change", `["${recorder()}"]`];
    expect((await sync(args)).code).toBe(exitOk);
    expect(told()).toMatchObject([{ event: "change", mirror: null }]);
    const env = { TSYNC_ON_SYNCED: '{ run = "echo it is $TSYNC_EVENT", shell = true }' };
    expect((await sync([place.source, place.target], env)).stderr).toContain("on-synced: it is synced\n");
  });
});

describe("beside the mirror", () => {
  test("a hook holds up nothing, and what comes while it runs is told in one more run", async () => {
    const hook = recorder(holdOn);
    await watch(config([`on-change = ["${hook}"]`]));
    for (const name of ["a", "b", "c", "d"]) {
      put(name);
      await waitUntil(() => existsSync(join(place.target, name)), waitMs);
      await running!.waitFor(new RegExp(`\\[${name}\\] in `), waitMs, "stderr");
    }
    expect(told()).toEqual([]);
    writeFileSync(at("go"), "");
    await waitUntil(() => told().length === 2, waitMs);
    const [first, second] = told() as [Told, Told];
    expect([first.sent, first.changes]).toEqual([1, [{ do: "send", path: "a" }]]);
    expect(second.batches).toBeGreaterThanOrEqual(3);
    const paths = new Set(second.changes.map(({ path }) => path));
    expect([...paths].filter((path) => path !== "a").sort()).toEqual(["b", "c", "d"]);
  });

  test("with wait = true the next batch of that target waits, and no other", async () => {
    const hook = script("wait", `: > "$here/begun"`, holdOn);
    const targets = `[{ to = "target", on-change = { run = ["${hook}"], wait = true } }, "other"]`;
    await watch(config([], targets), 2);
    put("a");
    await waitUntil(() => existsSync(at("begun")), waitMs);
    // The other one has had time for two batches.
    for (const name of ["b", "c"]) {
      put(name);
      await running!.waitFor(new RegExp(`other: .*\\[${name}\\]`), waitMs, "stderr");
      expect(existsSync(at("target/b"))).toBe(false);
    }
    writeFileSync(at("go"), "");
    await waitUntil(() => existsSync(at("target/b")), waitMs);
  });

  test("sync ends when its hooks have ended", async () => {
    put("a");
    const { code } = await sync(config([`on-change = ["${recorder("sleep 0.5")}"]`]));
    expect(code).toBe(exitOk);
    expect(told()).toHaveLength(1);
  });

  test("nothing is run by a dry run, or by verify", async () => {
    put("a");
    const args = config([`on-change = ["${recorder()}"]`, `on-synced = ["${recorder()}"]`]);
    expect((await sync([...args, "--dry-run"])).code).toBe(exitOk);
    mkdirSync(place.target);
    expect((await tsync(place, ["verify", ...args, "--repair"])).code).toBe(exitOk);
    expect(diffTrees(place.source, place.target)).toEqual([]);
    expect(told()).toEqual([]);
  });
});

describe("what cannot be run is an error before anything is touched", () => {
  test.each([
    ["a program that is not there", "./nope", /on-change \(.*tsync.toml:5\): .*\/nope does not exist/],
    ["one that is nowhere in PATH", "tsync-no-such-program", /tsync-no-such-program is not in PATH/],
    ["a file that is not executable", "./tsync.toml", /must not be executed; allow it: chmod \+x/],
    ["a directory", "./source", /source is not a file/],
    ["something below a file", "./tsync.toml/x", /cannot be executed: ENOTDIR/],
  ])("%s", async (_, program, message) => {
    put("a");
    const args = config([`on-change = ["${program}"]`]);
    const { code, stderr } = await sync(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(exitCodes.usage);
    expect(existsSync(place.target)).toBe(false);
    const check = await tsync(place, ["check", ...args]);
    expect(check.stdout).toMatch(message);
    expect(check.code).toBe(exitCodes.usage);
  });

  test("a remote hook for a target that is not reached through ssh", async () => {
    for (const [to, why] of [
      ["target", "is a directory here"],
      ["host::module", "is an rsync daemon"],
    ]) {
      const { code, stderr } = await sync(config(['on-synced-remote = "reload"'], `["${to}"]`));
      expect(stderr).toContain("on-synced-remote (");
      expect(stderr).toContain(why!);
      expect(code).toBe(exitCodes.usage);
    }
    const targets = '[{ to = "target", on-synced-remote = [] }]';
    expect((await sync(config(['on-synced-remote = "reload"'], targets))).code).toBe(exitOk);
  });
});

describe("a hook that behaves badly", () => {
  test("takes too long, does not listen to SIGTERM, and has started others: all of it is ended", async () => {
    put("a");
    const hook = script(
      "hang",
      "trap '' TERM",
      "sleep 1000 &",
      `echo $! $$ > "$here/pids"`,
      "while :; do sleep 1000; done",
    );
    const { code, stderr } = await sync(config([`on-change = { run = ["${hook}"], timeout = "300ms" }`]));
    expect(code).toBe(exitOk);
    expect(stderr).toMatch(/warning: .*on-change: it did not end within 0.3 s, and was ended/);
    const pids = readFileSync(at("pids"), "utf8").trim().split(" ").map(Number);
    expect(pids).toHaveLength(2);
    await waitUntil(() => !pids.some(isRunning), waitMs);
  });

  test("prints megabytes, and lines without end: the log stays short", async () => {
    put("a");
    const lines = [
      "yes 0123456789 | head -c 5000000",
      "head -c 3000000 /dev/zero | tr '\\0' x",
      "echo",
      "echo done >&2",
    ];
    const { code, stderr, stdout } = await sync([
      ...config([`on-change = ["${script("loud", ...lines)}"]`]),
      "--json",
    ]);
    expect(code).toBe(exitOk);
    expect(stderr).toContain("it prints much; more lines are left out");
    expect(stderr).not.toContain("warning");
    expect(stderr.length).toBeLessThan(20_000);
    expect(stdout.length).toBeLessThan(40_000);
  });

  test("does not read what it is told", async () => {
    for (let at = 0; at < 1_000; at++) put(`a long name, so that the pipe does not hold all of them ${at}`);
    const { code, stderr } = await sync(config(['on-change = ["true"]']));
    expect(code).toBe(exitOk);
    expect(stderr).not.toContain("on-change");
  });

  test("fails: that is told, not each time, and the mirror goes on", async () => {
    await watch(
      config([`on-change = ["${recorder('echo "$TSYNC_EVENT is bad" >&2', "trap 'exit 3' EXIT")}"]`]),
    );
    for (let at = 1; at <= 5; at++) {
      put(`file${at}`);
      await waitUntil(() => told().length >= at, waitMs);
      await running!.waitFor(new RegExp(`(on-change: change is bad[^]*){${at}}`), waitMs, "stderr");
    }
    running!.signal("SIGTERM");
    expect(await running!.exit).toBe(exitOk);
    expect(running!.stderr.match(/warning: .*on-change: it ended with exit code 3/g)).toHaveLength(3);
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test.each([
    ["vanishes", (hook: string) => rmSync(hook), /record cannot be started: ENOENT/],
    [
      "becomes a text",
      (hook: string) => writeFileSync(hook, "no program\n"),
      /cannot be started: .*first line like #!/,
    ],
    ["may not be executed any more", (hook: string) => chmodSync(hook, 0o644), /cannot be started: EACCES/],
  ])("%s while tsync runs", async (_, spoil, message) => {
    const hook = recorder();
    await watch(config([`on-change = ["${hook}"]`]));
    spoil(hook);
    put("a");
    await running!.waitFor(message, waitMs, "stderr");
    put("b");
    await waitUntil(() => existsSync(join(place.target, "b")), waitMs);
  });

  test("leaves something behind that holds its output: nobody waits for that", async () => {
    put("a");
    const hook = script("leave", "sleep 1000 &", `echo $! > "$here/pid"`, "echo done");
    const { code, stderr } = await sync(config([`on-change = { run = ["${hook}"], timeout = "100s" }`]));
    const pid = Number(readFileSync(at("pid"), "utf8"));
    expect(isRunning(pid)).toBe(true);
    process.kill(pid);
    expect(code).toBe(exitOk);
    expect(stderr).toContain("on-change: done\n");
    expect(stderr).not.toContain("warning");
  });
});

test("a configuration that is read again may have other hooks; one that cannot be run is refused", async () => {
  const hang = script("hang", `echo $$ > "$here/pid"`, "while :; do sleep 0.1; done");
  await watch(config([`on-change = ["${hang}"]`]));
  put("a");
  await waitUntil(() => existsSync(at("pid")), waitMs);
  config(['on-change = ["./nope"]']);
  running!.signal("SIGHUP");
  await running!.waitFor(/on-change \(.*nope does not exist/, waitMs, "stderr");
  const pid = Number(readFileSync(at("pid"), "utf8"));
  expect(isRunning(pid)).toBe(true);
  config([`on-change = ["${recorder()}"]`]);
  running!.signal("SIGHUP");
  await running!.waitFor(/configuration read again/, waitMs, "stderr");
  expect(isRunning(pid)).toBe(false);
  put("b");
  await waitUntil(() => told().some(({ changes }) => changes.some(({ path }) => path === "b")), waitMs);
});

describe("when tsync is told to stop", () => {
  const hang = () => script("hang", "trap '' TERM", `echo $$ > "$here/pid"`, "while :; do sleep 0.1; done");
  const pid = () => (existsSync(at("pid")) ? Number(readFileSync(at("pid"), "utf8")) : 0);

  test("a hook that is soon done comes to its end", async () => {
    await watch(config([`on-change = ["${recorder(`: > "$here/begun"`, "sleep 0.5")}"]`]));
    put("a");
    await waitUntil(() => existsSync(at("begun")), waitMs);
    running!.signal("SIGTERM");
    expect(await running!.exit).toBe(exitOk);
    expect(told()).toHaveLength(1);
    expect(running!.stderr).not.toContain("warning");
  });

  test.each([false, true])("one that hangs is ended, and tsync too (wait = %p)", async (wait) => {
    await watch(config([`on-change = { run = ["${hang()}"], wait = ${wait} }`]));
    put("a");
    await waitUntil(() => pid() > 0, waitMs);
    put("b");
    const startMs = performance.now();
    running!.signal("SIGTERM");
    expect(await running!.exit).toBe(exitOk);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(running!.stderr).toMatch(/on-change: it still ran when tsync stopped, and was ended/);
    await waitUntil(() => !isRunning(pid()), waitMs);
  });

  test("the second time, at once: no hook outlives it", async () => {
    await watch(config([`on-change = ["${hang()}"]`]));
    put("a");
    await waitUntil(() => pid() > 0, waitMs);
    running!.signal("SIGTERM");
    await running!.waitFor(/stopping/, waitMs, "stderr");
    running!.signal("SIGTERM");
    expect(await running!.exit).toBe(128 + 15);
    await waitUntil(() => !isRunning(pid()), waitMs);
  });
});
