/** The compiled program and targets where only rsync works: a daemon, and an account with a forced rrsync. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodes, exitOk, exitPartial } from "../../src/cli/exit-codes.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { waitUntil } from "../helpers/process.ts";
import { daemonPassword, daemonUser, startRsyncd, type TestRsyncd, withPassword } from "../helpers/rsyncd.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { bytesOf, diffTrees, snapshot } from "../helpers/trees.ts";
import { makePlace, type Place, startWatch, tsync } from "../helpers/tsync.ts";

let rsyncd: TestRsyncd;
let sshd: TestSshd;
let place: Place;

beforeAll(async () => {
  const path = tmpdir();
  rsyncd = await startRsyncd({
    tmp: { path, ...withPassword },
    open: { path },
    fixed: { path, "read only": "yes" },
    drop: { path, "write only": "yes" },
    keep: { path, "refuse options": "delete" },
    gone: { path: join(path, "there-is-no-such-directory") },
    far: { path, "hosts allow": "192.0.2.1" },
  });
  sshd = await startSshd({ keyOptions: `command="rrsync ${path}",restrict` });
});
afterAll(async () => {
  await rsyncd.stop();
  await sshd.stop();
});
beforeEach(() => {
  place = makePlace();
});

const from = (path: string) => join(place.source, path);
const at = (path: string) => join(place.target, path);
const put = (path: string, content = path) => writeFileSync(from(path), content);
/** The target's path as a module or rrsync sees it. */
const below = () => place.target.slice(tmpdir().length + 1);

const kinds = {
  "rsync daemon": {
    destination: () => `rsync://${daemonUser}@127.0.0.1:${rsyncd.port}/tmp/${below()}`,
    options: () => ["--password-file", rsyncd.passwordFile],
  },
  rrsync: { destination: () => `${sshd.host}:${below()}`, options: () => ["-F", sshd.configFile] },
};

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])("target by rsync alone: %s", (kind) => {
  const { destination, options } = kinds[kind];
  const run = (...more: string[]) =>
    tsync(place, ["sync", place.source, destination(), ...options(), ...more]);

  /** Syncs, expects both trees to be equal, and returns what was done. */
  async function sync(...more: string[]): Promise<Record<string, number>> {
    const { code, stdout, stderr } = await run("--json", ...more);
    expect({ code, stderr }).toMatchObject({ code: exitOk });
    expect(diffTrees(place.source, place.target)).toEqual([]);
    const sum: Record<string, number> = { moved: 0, removed: 0, directories: 0, modes: 0, sent: 0 };
    for (const line of stdout.split("\n").filter((one) => one !== "")) {
      const event = JSON.parse(line);
      if (event.event === "batch") for (const name of Object.keys(sum)) sum[name]! += event[name];
    }
    return sum;
  }

  test("odd names, edits, renamed and removed directories; a restart does nothing", async () => {
    for (const name of oddNames) {
      mkdirSync(bytesOf(from(name)));
      writeFileSync(bytesOf(`${from(name)}/${name}`), name, "latin1");
    }
    mkdirSync(from("private/inner"), { recursive: true });
    put("private/inner/file");
    chmodSync(from("private"), 0o500);
    expect(await sync()).toMatchObject({ sent: oddNames.length + 1, directories: oddNames.length + 2 });
    const nothing = { moved: 0, removed: 0, directories: 0, modes: 0, sent: 0 };
    expect(await sync()).toEqual(nothing);
    put("a/a", "edited");
    renameSync(from("b"), from("renamed"));
    rmSync(from("private"), { recursive: true });
    chmodSync(from("c/c"), 0o600);
    chmodSync(from("c"), 0o700);
    expect(await sync()).toMatchObject({ moved: 0 });
    rmSync(from("main.ts"), { recursive: true });
    put("main.ts", "a file now");
    rmSync(from("a/a"));
    mkdirSync(from("a/a"));
    await sync();
    for (const name of oddNames.slice(10)) rmSync(bytesOf(from(name)), { recursive: true });
    await sync();
    expect(await sync()).toEqual(nothing);
  });

  test("what tsync did not put there is kept, whatever it took the place of", async () => {
    for (const directory of ["full", "replaced", "gone"]) {
      mkdirSync(from(`${directory}/deep`), { recursive: true });
      put(`${directory}/deep/ours`);
    }
    put("stays");
    await sync();
    writeFileSync(at("full/deep/theirs"), "theirs");
    rmSync(at("replaced"), { recursive: true });
    writeFileSync(at("replaced"), "theirs");
    rmSync(at("gone"), { recursive: true });
    for (const directory of ["full", "replaced", "gone"]) rmSync(from(directory), { recursive: true });
    const { code, stderr } = await run();
    expect({ code, stderr }).toMatchObject({ code: exitOk });
    expect([...snapshot(place.target).keys()].sort()).toEqual(
      ["full", "full/deep", "full/deep/theirs", "replaced", "stays"].sort(),
    );
    expect(readFileSync(at("replaced"), "utf8")).toBe("theirs");
    // Only when told to.
    await sync("--delete", "exact");
  });

  test("live", async () => {
    mkdirSync(from("old/deep"), { recursive: true });
    put("old/deep/file");
    const running = await startWatch(place, options(), destination());
    const equal = () =>
      waitUntil(
        () => diffTrees(place.source, place.target).length === 0,
        20_000,
        50,
        () => `${diffTrees(place.source, place.target).join("\n")}\n${running.stderr.slice(-2_000)}`,
      );
    await equal();
    put("new");
    put("old/deep/file", "edited");
    await equal();
    renameSync(from("old"), from("renamed"));
    await equal();
    chmodSync(from("renamed/deep/file"), 0o600);
    rmSync(from("new"));
    await equal();
    // The directory itself vanishes: it is made again.
    rmSync(place.target, { recursive: true });
    put("after");
    await equal();
    const server = kind === "rrsync" ? sshd : rsyncd;
    await server.restart();
    put("after-restart");
    await equal();
    running.signal("SIGTERM");
    expect(await running.exit).toBe(exitOk);
  });
});

describe("rsync daemon", () => {
  const sync = (module: string, options: string[] = [], env: Record<string, string> = {}) =>
    tsync(place, ["sync", place.source, `rsync://127.0.0.1:${rsyncd.port}/${module}`, ...options], env);
  const mine = () => `rsync://${daemonUser}@127.0.0.1:${rsyncd.port}/tmp/${below()}`;

  beforeEach(() => put("file"));

  test("the password comes from the environment, too", async () => {
    const RSYNC_PASSWORD = daemonPassword;
    expect(await tsync(place, ["sync", place.source, mine()], { RSYNC_PASSWORD })).toMatchObject({
      code: exitOk,
    });
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test("a wrong password, and none", async () => {
    for (const RSYNC_PASSWORD of ["wrong", ""]) {
      const { code, stderr } = await tsync(place, ["sync", place.source, mine()], { RSYNC_PASSWORD });
      expect(code).toBe(exitCodes.auth);
      expect(stderr).toMatch(/error: rsync:.*refuses user or password for the module "tmp".*--password-file/);
    }
  });

  test("a password file that others can read is refused before anything is done", async () => {
    const file = join(place.folder, "password");
    writeFileSync(file, daemonPassword);
    for (const mode of [0o644, 0o640, 0o604]) {
      chmodSync(file, mode);
      const { code, stderr } = await tsync(place, ["sync", place.source, mine(), "--password-file", file]);
      expect(code).toBe(exitCodes.usage);
      expect(stderr).toMatch(/others than its owner can read.*chmod 600/);
    }
    chmodSync(file, 0o600);
    expect(await tsync(place, ["sync", place.source, mine(), "--password-file", file])).toMatchObject({
      code: exitOk,
    });
  });

  test.each([
    ["nowhere", "target", /no module "nowhere"/],
    ["fixed", "target", /lets nobody write there/],
    ["gone", "target", /the directory that the server gives access to is not there/],
    ["far", "auth", /does not let this host use the module/],
  ] as const)("module %s: %s", async (module, code, message) => {
    const result = await sync(`${module}/x`);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(exitCodes[code]);
  });

  test("nobody listens", async () => {
    const dead = await startRsyncd({ open: { path: place.folder } });
    await dead.stop();
    const { code, stderr } = await tsync(place, ["sync", place.source, `${dead.url}/open`]);
    expect(code).toBe(exitCodes.connection);
    expect(stderr).toMatch(/cannot reach the rsync daemon.*Connection refused/);
  });

  test("what may be written but not listed is a target, too, but cannot be exact", async () => {
    const destination = `drop/${below()}`;
    expect(await sync(destination)).toMatchObject({ code: exitOk });
    expect(diffTrees(place.source, place.target)).toEqual([]);
    rmSync(from("file"));
    put("other");
    expect(await sync(destination)).toMatchObject({ code: exitOk });
    expect(diffTrees(place.source, place.target)).toEqual([]);
    const exact = await sync(destination, ["--delete", "exact"]);
    expect(exact.code).toBe(exitCodes.target);
    expect(exact.stderr).toContain("lets nobody list what is there");
  });

  test("a server that refuses to delete says so, and serves --delete never", async () => {
    const destination = `keep/${below()}`;
    expect(await sync(destination)).toMatchObject({ code: exitOk });
    rmSync(from("file"));
    put("other");
    const refused = await sync(destination);
    expect(refused.code).toBe(exitPartial);
    expect(refused.stderr).toMatch(/file: the server refuses the rsync option --delete.*--delete never/);
    expect([...snapshot(place.target).keys()]).toEqual(["file", "other"]);
    rmSync(from("other"));
    put("third");
    expect(await sync(destination, ["--delete", "never"])).toMatchObject({ code: exitOk });
    expect([...snapshot(place.target).keys()]).toEqual(["file", "other", "third"]);
  });

  test("a dry run plans no moves", async () => {
    mkdirSync(from("old"));
    put("old/inner");
    await sync(`open/${below()}`);
    renameSync(from("old"), from("new"));
    const { stdout, code } = await sync(`open/${below()}`, ["-n"]);
    expect(code).toBe(exitOk);
    expect(stdout).toContain(" 0 to move");
    expect(stdout).toContain("new/inner");
  });

  test("the same module twice", async () => {
    const url = `rsync://127.0.0.1:${rsyncd.port}/open/x`;
    const { code, stderr } = await tsync(place, ["sync", place.source, url, url]);
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain("given twice");
  });
});

describe("accounts without a shell", () => {
  const syncTo = async (command: string) => {
    const server = await startSshd({ keyOptions: `command="${command}",restrict` });
    const result = await tsync(place, [
      "sync",
      place.source,
      `${server.host}:${below()}`,
      "-F",
      server.configFile,
    ]);
    await server.stop();
    return result;
  };
  beforeEach(() => put("file"));

  test("rrsync that only reads", async () => {
    const { code, stderr } = await syncTo(`rrsync -ro ${tmpdir()}`);
    expect(stderr).toContain("lets nobody write there");
    expect(code).toBe(exitCodes.target);
  });

  test("rrsync that only writes", async () => {
    expect(await syncTo(`rrsync -wo ${tmpdir()}`)).toMatchObject({ code: exitOk });
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test("rrsync for a directory that is not there", async () => {
    const { code, stderr } = await syncTo(`rrsync -no-lock ${tmpdir()}/there-is-no-such-directory`);
    expect(stderr).toContain("is not there");
    expect(code).toBe(exitCodes.target);
  });

  test.each(["/usr/sbin/nologin", "echo Go away; exit 1"])("%s is no shell at all", async (command) => {
    const { code, stderr } = await syncTo(command);
    expect(stderr).toMatch(/has no shell: .*(not available|Go away).*rrsync/);
    expect(code).toBe(exitCodes["missing-program"]);
  });

  test("a FIFO that the server keeps out is told", async () => {
    const made = Bun.spawnSync(["mkfifo", from("fifo")]);
    expect(made.exitCode).toBe(0);
    const { code, stderr } = await syncTo(`rrsync ${tmpdir()}`);
    expect(code).toBe(exitPartial);
    expect(stderr).toMatch(/fifo.*takes no devices, FIFOs or sockets/);
  });
});
