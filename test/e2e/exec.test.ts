/** Targets that a command keeps, through the compiled program. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk, exitPartial } from "../../src/cli/exit-codes.ts";
import { applierOf } from "../helpers/apply-batch.ts";
import { type Running, runProcess, startProcess, waitUntil } from "../helpers/process.ts";
import { randomWork } from "../helpers/random-work.ts";
import { diffTrees, Random } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place } from "../helpers/tsync.ts";

let place: Place;
let running: Running | null = null;
beforeEach(() => {
  place = makePlace();
  mkdirSync(place.target);
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
});

const at = (name: string) => join(place.folder, name);
const from = (path: string) => join(place.source, path);
const put = (path: string, content = path) => writeFileSync(from(path), content);

/** Writes a configuration with one command, which is a script of sh: `$apply` carries out the batch. */
function configure(script: string, target = "", mirror = "", format: "json" | "nul" = "json"): void {
  const apply = applierOf(format, place.target).join(" ");
  writeFileSync(at("push"), `#!/bin/sh\napply="${apply}"\n${script}\n`, { mode: 0o755 });
  writeFileSync(
    at("tsync.toml"),
    `[[mirror]]\nname = "www"\nsource = "source"\n${mirror}\ntargets = [{ exec = ["./push"], name = "bucket"${target} }]\n`,
  );
}

async function run(...args: string[]) {
  await outliveRaces();
  return runProcess([binary, ...args, "--config", at("tsync.toml")], { env: place.env, cwd: "/" });
}

async function watch(...args: string[]): Promise<Running> {
  await outliveRaces();
  running = startProcess([binary, "watch", "--config", at("tsync.toml"), ...args], { env: place.env });
  return running;
}

const differences = () => diffTrees(place.source, place.target, { mtimes: false });

test("a command that carries out batches makes a mirror, and a restart has nothing to tell it", async () => {
  configure('echo called >>"$0.calls"; exec $apply');
  mkdirSync(from("d"));
  put("d/file");
  put("gone");
  symlinkSync("d/file", from("link"));
  expect((await run("sync")).code).toBe(exitOk);
  expect(differences()).toEqual([]);
  const calls = readFileSync(at("push.calls"), "utf8");
  const again = await run("sync");
  expect(again).toMatchObject({ code: exitOk });
  expect(again.stderr).toContain("bucket is in sync");
  expect(readFileSync(at("push.calls"), "utf8")).toBe(calls);
  // A move is told as one.
  renameSync(from("d"), from("e"));
  rmSync(from("gone"));
  const moved = await run("sync", "-v");
  expect(moved.stderr).toContain("move d -> e");
  expect(moved.stderr).not.toContain("send");
  expect(differences()).toEqual([]);
});

test.each(["json", "nul"] as const)(
  "random work, live, by a command that is told %s",
  async (format) => {
    configure("exec $apply", `, format = "${format}"`, "", format);
    const random = new Random(7);
    await randomWork(place.source, random, 20);
    const watching = await watch();
    await watching.waitFor(/in sync/, 30_000, "stderr");
    await randomWork(place.source, random, 200, {
      onOperation: async () => {
        if (random.chance(0.1)) await Bun.sleep(random.int(60));
      },
    });
    await waitUntil(
      () => differences().length === 0,
      60_000,
      100,
      () => `${differences().join("\n")}\n${watching.stderr}`,
    );
    watching.signal("SIGTERM");
    expect(await watching.exit).toBe(0);
  },
  180_000,
);

test("no call has more than 1,000 operations, and what one acknowledged is not sent again", async () => {
  configure(
    'tee -a "$0.told" | $apply; n=$(wc -l <"$0.told"); [ -e "$0.open" ] || [ "$n" -lt 2 ] || exit 75',
  );
  for (let at = 0; at < 1_200; at++) put(`${at}`);
  expect((await run("sync")).code).toBe(exitCodes.target);
  writeFileSync(at("push.open"), "");
  expect((await run("sync")).code).toBe(exitOk);
  const told = readFileSync(at("push.told"), "utf8").trimEnd().split("\n");
  expect(told.map((line) => JSON.parse(line).operations.length)).toEqual([1_000, 200, 200]);
  expect(differences()).toEqual([]);
});

test("what a command says on standard error is told, and its target's name with it", async () => {
  configure("echo 'for people' >&2; exec $apply");
  put("a");
  expect((await run("sync")).stderr).toContain("tsync: bucket: for people\n");
  put("b");
  const { stdout } = await run("sync", "--json");
  const said = stdout.split("\n").find((line) => line.includes('"said"'))!;
  expect(JSON.parse(said)).toMatchObject({
    event: "said",
    mirror: "www",
    target: "bucket",
    line: "for people",
  });
});

describe("when it does not work", () => {
  test("exit code 75: nothing counts as done, and it is called again until it works", async () => {
    configure('[ -e "$0.open" ] || { echo "closed" >&2; exit 75; }; exec $apply');
    put("a");
    const watching = await watch();
    await watching.waitFor(
      /bucket: push asks to be called again later \(exit code 75\): closed; next try in/,
    );
    expect(existsSync(join(place.target, "a"))).toBe(false);
    writeFileSync(at("push.open"), "");
    await watching.waitFor(/in sync/, 30_000, "stderr");
    expect(differences()).toEqual([]);
    rmSync(at("push.open"));
    renameSync(from("a"), from("b"));
    await watching.waitFor(/later[^\n]*\n(?:.*\n)*.*later/);
    writeFileSync(at("push.open"), "");
    await waitUntil(() => differences().length === 0, 30_000);
  });

  test("sync says so and ends", async () => {
    configure("exit 75");
    put("a");
    const { code, stderr } = await run("sync");
    expect(code).toBe(exitCodes.target);
    expect(stderr).toContain("push asks to be called again later");
  });

  test("an operation whose outcome was lost comes again, and is marked", async () => {
    configure(
      'tee -a "$0.told" >"$0.now"; [ -e "$0.open" ] || { $apply <"$0.now"; kill -9 $$; }; exec $apply <"$0.now"',
    );
    writeFileSync(at("push.open"), "");
    put("a");
    const watching = await watch();
    await watching.waitFor(/in sync/, 30_000, "stderr");
    rmSync(at("push.open"));
    renameSync(from("a"), from("b"));
    await watching.waitFor(/push was ended by SIGKILL/);
    writeFileSync(at("push.open"), "");
    await watching.waitFor(/in sync(?:.*\n)*.*in sync/, 30_000, "stderr");
    expect(differences()).toEqual([]);
    const told = readFileSync(at("push.told"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const moves = told.filter(({ operations }) => operations[0].do === "move");
    expect(moves.length).toBeGreaterThan(1);
    expect(moves.map(({ again }) => again)).toEqual(moves.map((_, index) => index > 0));
  });

  test("what it names as failed is failing, all else is done, and it is tried again", async () => {
    configure(
      `[ -e "$0.open" ] && exec $apply; cat >/dev/null; cp -p good ${place.target}; echo '{"failed":"bad","reason":"it is cursed"}'`,
    );
    put("good");
    put("bad");
    const watching = await watch();
    await watching.waitFor(/bucket: bad: it is cursed/);
    await watching.waitFor(
      /in sync \(2 entries\), except for 1 path that fail|in sync.*except for 1/,
      10_000,
      "stderr",
    );
    expect(readFileSync(join(place.target, "good"), "utf8")).toBe("good");
    writeFileSync(at("push.open"), "");
    await watching.waitFor(/bad works again/, 30_000);
    expect(differences()).toEqual([]);
  });

  test("what could not be removed keeps its directory, and is removed later with it", async () => {
    configure(
      `[ -e "$0.open" ] && exec $apply; ` +
        `case $(cat) in *d/file*) echo '{"failed":"d/file","reason":"it is in use"}';; esac`,
    );
    writeFileSync(at("push.open"), "");
    mkdirSync(from("d"));
    put("d/file");
    put("stays");
    const watching = await watch();
    await watching.waitFor(/in sync/, 30_000, "stderr");
    rmSync(at("push.open"));
    rmSync(from("d"), { recursive: true });
    await watching.waitFor(/d\/file: it is in use/);
    writeFileSync(at("push.open"), "");
    await waitUntil(() => !existsSync(join(place.target, "d")), 30_000);
  });

  test("another exit code: everything in the batch is failing", async () => {
    configure("echo 'no such bucket' >&2; exit 1");
    put("a");
    const { code, stderr } = await run("sync");
    expect(code).toBe(exitPartial);
    expect(stderr).toContain("bucket: a: push ended with exit code 1: no such bucket");
  });

  test("what it misses when it is to be moved is sent", async () => {
    configure("exec $apply");
    put("a", "content");
    expect((await run("sync")).code).toBe(exitOk);
    renameSync(from("a"), from("b"));
    rmSync(join(place.target, "a"));
    const { code, stderr } = await run("sync", "-v");
    expect({ code, stderr }).toEqual({ code: exitOk, stderr });
    expect(stderr).toContain("send b");
    expect(differences()).toEqual([]);
  });

  test("a command that can move nothing is told to remove and to send", async () => {
    configure('tee -a "$0.told" | $apply', ", moves = false");
    put("a", "content");
    put("b", "other");
    mkdirSync(from("d"));
    put("d/file");
    expect((await run("sync")).code).toBe(exitOk);
    for (const [one, other] of [
      ["a", "c"],
      ["b", "a"],
      ["c", "b"],
      ["d", "e"],
    ])
      renameSync(from(one!), from(other!));
    expect((await run("sync")).code).toBe(exitOk);
    expect(differences()).toEqual([]);
    expect(readFileSync(at("push.told"), "utf8")).not.toContain('"move"');
  });

  test("it hangs: it is ended after the time-out, and called again; a stop does not wait for it", async () => {
    configure('[ -e "$0.open" ] || { echo $$ >"$0.pid"; exec sleep 1000; }; exec $apply', ', timeout = "1s"');
    put("a");
    const watching = await watch();
    await watching.waitFor(/bucket: push printed nothing for 1 s, and was ended; see timeout/);
    rmSync(at("push.pid"));
    await waitUntil(() => existsSync(at("push.pid")), 30_000);
    watching.signal("SIGTERM");
    expect(await watching.exit).toBe(exitOk);
    const pid = Number(readFileSync(at("push.pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow();
  });

  test("a chatty command is told to be quiet, and nothing counts as done", async () => {
    configure("echo 'upload: a'; exec $apply");
    put("a");
    const { code, stderr } = await run("sync");
    expect(code).toBe(exitCodes.target);
    expect(stderr).toContain('push printed "upload: a" on its standard output');
    expect(stderr).toContain("standard error");
  });

  test("other arguments may mean another place: everything is sent once more", async () => {
    configure('echo "$1" >>"$0.calls"; exec $apply');
    put("a");
    expect((await run("sync")).code).toBe(exitOk);
    const config = readFileSync(at("tsync.toml"), "utf8");
    writeFileSync(at("tsync.toml"), config.replace('"./push"', '"./push", "other"'));
    const { stderr } = await run("sync");
    expect(stderr).toContain("1 sent");
    expect(readFileSync(at("push.calls"), "utf8").trimEnd().endsWith("other")).toBe(true);
  });
});

describe("what cannot be asked for", () => {
  test("is refused before anything is touched", async () => {
    put("a");
    for (const [option, line] of Object.entries({
      delete: 'delete = "exact"',
      "verify-every": 'verify-every = "1h"',
      backup: "backup = true",
      chown: 'chown = "ann"',
      "hard-links": "hard-links = true",
    })) {
      configure('touch "$0.called"', "", line);
      const { code, stderr } = await run("sync");
      expect([option, code]).toEqual([option, exitCodes.usage]);
      expect(stderr).toMatch(`${option} (${at("tsync.toml")}:4) cannot be had of bucket, which is a command`);
    }
    configure("exit 0", ', delete = "tracked"', 'delete = "exact"');
    expect((await run("sync")).code).toBe(exitOk);
    expect(existsSync(at("push.called"))).toBe(false);
  });

  test("verify: refused, or done for the other targets", async () => {
    configure("exec $apply");
    put("a");
    expect((await run("sync")).code).toBe(exitOk);
    const alone = await run("verify");
    expect(alone.code).toBe(exitCodes.usage);
    expect(alone.stderr).toContain("bucket cannot be verified: a command keeps it");
    const config = readFileSync(at("tsync.toml"), "utf8");
    writeFileSync(at("tsync.toml"), config.replace("targets = [", 'targets = ["out", '));
    expect((await run("sync")).code).toBe(exitOk);
    const both = await run("verify");
    expect(both.code).toBe(exitPartial);
    expect(both.stderr).toContain("warning: bucket cannot be verified");
    expect(both.stderr).toContain("all are as they should be");
  });

  test("a command that is missing: check and start say so", async () => {
    configure("exit 0");
    put("a");
    const good = await run("check");
    expect(good.code).toBe(exitOk);
    expect(good.stdout).toContain(`target bucket: ${at("push")} can be run`);
    // It needs no rsync.
    expect(good.stdout).not.toContain("rsync");
    rmSync(at("push"));
    const bad = await run("check");
    expect(bad.code).toBe(exitCodes["missing-program"]);
    expect(bad.stdout).toContain(`the command ${at("push")} is not there, or cannot be run`);
    expect((await run("sync")).code).toBe(exitCodes["missing-program"]);
  });

  test("two commands of one name for one source", async () => {
    configure("exit 0");
    const config = readFileSync(at("tsync.toml"), "utf8");
    const twice = config.replace("targets = [", 'targets = [{ exec = ["true"], name = "bucket" }, ');
    writeFileSync(at("tsync.toml"), twice);
    expect((await run("sync")).stderr).toContain(
      `two commands for the source ${place.source} are called bucket`,
    );
  });
});
