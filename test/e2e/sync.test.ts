/** `tsync sync` of the compiled program, on a local target and through ssh. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { startProcess, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, makeTree, namesIn, snapshot } from "../helpers/trees.ts";
import { binary, makePlace, type Place, tsync } from "../helpers/tsync.ts";

/** The counts of all batches that `--json` printed. */
interface Counts {
  moved: number;
  removed: number;
  directories: number;
  modes: number;
  sent: number;
  contentBytes: number;
}

function countsIn(stdout: string): Counts {
  const sum: Counts = { moved: 0, removed: 0, directories: 0, modes: 0, sent: 0, contentBytes: 0 };
  for (const line of stdout.split("\n").filter((line) => line !== "")) {
    const event = JSON.parse(line);
    if (event.event !== "batch") continue;
    for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += event[name];
  }
  return sum;
}

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

describe.each(["local", "ssh"])("sync, %s target", (kind) => {
  let place: Place;
  beforeEach(() => {
    place = makePlace();
  });

  const at = (path: string) => join(place.target, path);
  const from = (path: string) => join(place.source, path);
  /** Makes a file that did not change just now: what did may have to be sent twice. */
  const put = (path: string, content = path) => {
    writeFileSync(from(path), content);
    utimesSync(from(path), 1_700_000_000, 1_700_000_000.5);
  };
  const argv = (args: string[]) =>
    kind === "ssh"
      ? ["sync", place.source, `${sshd.host}:${place.target}`, "-F", sshd.configFile, ...args]
      : ["sync", place.source, place.target, ...args];
  const run = (...args: string[]) => tsync(place, argv(args));
  /** Syncs, expects that both are equal, and returns what was done. */
  async function sync(...args: string[]): Promise<Counts> {
    const { code, stdout, stderr } = await run("--json", ...args);
    expect(stderr).not.toMatch(/warning|error/);
    expect(code).toBe(exitOk);
    expect(diffTrees(place.source, place.target)).toEqual([]);
    return countsIn(stdout);
  }

  test("the first sync of everything, and a second one that sends nothing", async () => {
    makeTree(place.source, { files: 60, filesPerDirectory: 20, bytes: 500 });
    mkdirSync(from("empty"), { mode: 0o2750 });
    put("file");
    chmodSync(from("file"), 0o4511);
    put("nothing", "");
    linkSync(from("file"), from("hard link"));
    symlinkSync("nowhere", from("link"));
    mkdirSync(from("locked"));
    put("locked/file");
    chmodSync(from("locked"), 0o555);
    for (const path of snapshot(place.source).keys())
      if (/^d\d+\/f/.test(path)) utimesSync(from(path), 1_600_000_000, 1_600_000_000.25);
    const first = await sync();
    expect(first).toMatchObject({ sent: 65, moved: 0, removed: 0, directories: 5 });
    const second = await run();
    expect(second.stderr).toContain("in sync");
    expect(second.stderr).not.toMatch(/sent|moved|removed|made|set/);
    expect(second.code).toBe(exitOk);
  });

  test("a populated target keeps what it has, and is told how much that is", async () => {
    for (const path of ["a", "b"]) put(path);
    mkdirSync(from("shared"));
    put("shared/c");
    mkdirSync(at("shared"), { recursive: true });
    mkdirSync(at("theirs/deep"), { recursive: true });
    for (const path of ["theirs/deep/file", "shared/theirs", "alone", "a"]) writeFileSync(at(path), "theirs");
    const { code, stderr } = await run();
    expect(code).toBe(exitOk);
    // What is in a directory that is extra itself is not counted.
    expect(stderr).toMatch(/3 entries there that the source does not have \(.+\), kept; --delete exact/);
    expect(readFileSync(at("a"), "utf8")).toBe("a");
    expect([...snapshot(place.target).keys()].sort()).toEqual(
      [
        ...snapshot(place.source).keys(),
        "alone",
        "shared/theirs",
        "theirs",
        "theirs/deep",
        "theirs/deep/file",
      ].sort(),
    );
    // Said once.
    expect((await run()).stderr).not.toContain("kept");
  });

  test("what is there already with the same content is not sent again", async () => {
    const content = "x".repeat(100_000);
    put("file", content);
    mkdirSync(place.target);
    writeFileSync(at("file"), content);
    utimesSync(at("file"), 1_700_000_000, 1_700_000_000.5);
    expect((await sync()).contentBytes).toBe(0);
  });

  test("--delete exact removes what the source does not have", async () => {
    put("file");
    mkdirSync(at("theirs/deep"), { recursive: true });
    writeFileSync(at("theirs/deep/file"), "theirs");
    writeFileSync(at("alone"), "theirs");
    expect((await sync("--delete", "exact")).removed).toBe(2);
    // Also later.
    writeFileSync(at("later"), "theirs");
    expect((await sync("--delete", "exact")).removed).toBe(1);
  });

  test("--delete never deletes nothing", async () => {
    mkdirSync(from("directory"));
    for (const path of ["stays", "goes", "moves", "directory/inner"]) put(path);
    await sync();
    rmSync(from("goes"));
    rmSync(from("directory"), { recursive: true });
    renameSync(from("moves"), from("moved"));
    const { code } = await run("--delete", "never");
    expect(code).toBe(exitOk);
    expect([...snapshot(place.target).keys()].sort()).toEqual(
      ["directory", "directory/inner", "goes", "moved", "moves", "stays"].sort(),
    );
  });

  test("what tsync put there is removed, what it did not is kept", async () => {
    mkdirSync(from("a/b"), { recursive: true });
    put("a/b/ours");
    put("stays");
    await sync();
    writeFileSync(at("a/theirs"), "theirs");
    rmSync(from("a"), { recursive: true });
    const { code } = await run();
    expect(code).toBe(exitOk);
    expect([...snapshot(place.target).keys()]).toEqual(["a", "a/theirs", "stays"]);
  });

  test("a directory of 1,000 files that was renamed is one move", async () => {
    makeTree(from("old"), { files: 1_000, filesPerDirectory: 100, bytes: 100 });
    await sync();
    renameSync(from("old"), from("new"));
    expect(await sync()).toEqual({
      moved: 1,
      removed: 0,
      directories: 0,
      modes: 0,
      sent: 0,
      contentBytes: 0,
    });
  });

  test("a moved file that was edited as well is moved, then sent", async () => {
    put("old", "x".repeat(1_000_000));
    mkdirSync(from("directory"));
    await sync();
    renameSync(from("old"), from("directory/new"));
    writeFileSync(from("directory/new"), "y", { flag: "a" });
    const { moved, sent, contentBytes } = await sync();
    expect({ moved, sent }).toEqual({ moved: 1, sent: 1 });
    if (kind === "ssh") expect(contentBytes).toBeLessThan(100_000);
  });

  test("swaps, type changes, modes", async () => {
    for (const path of ["a", "b", "file", "link"]) put(path);
    mkdirSync(from("directory"));
    put("directory/x");
    await sync();
    renameSync(from("a"), from("t"));
    renameSync(from("b"), from("a"));
    renameSync(from("t"), from("b"));
    rmSync(from("file"));
    mkdirSync(from("file"));
    put("file/inner");
    rmSync(from("directory"), { recursive: true });
    put("directory");
    rmSync(from("link"));
    symlinkSync("a", from("link"));
    await sync();
    chmodSync(from("a"), 0o600);
    expect(await sync()).toMatchObject({ contentBytes: 0, sent: 0, modes: 1 });
  });

  test("an emptied source halts; --accept-deletes empties the target", async () => {
    mkdirSync(from("directory"));
    put("directory/file");
    put("file");
    await sync();
    for (const name of namesIn(place.source)) rmSync(from(name), { recursive: true });
    const before = snapshot(place.target);
    const halted = await run();
    expect(halted.code).toBe(exitCodes.halted);
    expect(halted.stderr).toMatch(
      /error: .*is empty, but was not before; nothing was removed.*--accept-deletes/,
    );
    expect(diffTrees(before, place.target)).toEqual([]);
    await sync("--accept-deletes");
    expect(namesIn(place.target)).toEqual([]);
    // And then all is well.
    await sync();
  });

  test("a replaced source halts; --accept-deletes follows it", async () => {
    put("file");
    await sync();
    renameSync(place.source, `${place.source}.away`);
    mkdirSync(place.source);
    put("other");
    const before = snapshot(place.target);
    const halted = await run();
    expect(halted.code).toBe(exitCodes.halted);
    expect(halted.stderr).toMatch(/error: .*another directory than before.*--accept-deletes/);
    expect(diffTrees(before, place.target)).toEqual([]);
    await sync("--accept-deletes");
    expect(namesIn(place.target)).toEqual(["other"]);
  });

  test("killed in the middle of the first sync", async () => {
    makeTree(place.source, { files: 3_000, filesPerDirectory: 100, bytes: 2_000 });
    const running = startProcess([binary, ...argv([])], { env: place.env });
    await waitUntil(() => existsSync(at("d0002/f0000")), 20_000, 1);
    running.signal("SIGKILL");
    await running.exit;
    const { code } = await run();
    expect(code).toBe(exitOk);
    // An rsync that outlived tsync may still have been at work: then the next sync finds out.
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test("killed in the middle of 500 moves", async () => {
    for (const path of makeTree(from("old"), { files: 500, filesPerDirectory: 500, bytes: 1_000 }))
      utimesSync(from(`old/${path}`), 1_600_000_000, 1_600_000_000.25);
    mkdirSync(from("new"));
    put("stays");
    await sync();
    for (const name of namesIn(from("old/d0000"))) renameSync(from(`old/d0000/${name}`), from(`new/${name}`));
    const running = startProcess([binary, ...argv([])], { env: place.env });
    await waitUntil(() => namesIn(at("new")).length > 20, 20_000, 1);
    running.signal("SIGKILL");
    await running.exit;
    const { contentBytes } = await sync();
    expect(contentBytes).toBe(0);
    expect(namesIn(at("new"))).toHaveLength(500);
  });

  test("a target directory with its own link below is not left through it", async () => {
    mkdirSync(from("directory"));
    put("directory/file");
    const outside = join(place.folder, "outside");
    mkdirSync(outside);
    mkdirSync(place.target);
    symlinkSync(outside, at("directory"));
    const { code } = await run();
    expect(code).toBe(exitOk);
    expect(namesIn(outside)).toEqual([]);
    expect(statSync(at("directory/file")).isFile()).toBe(true);
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });
});

test("stopped with SIGTERM in the middle, it goes on later", async () => {
  const place = makePlace();
  makeTree(place.source, { files: 3_000, filesPerDirectory: 100, bytes: 2_000 });
  const args = ["sync", place.source, `${sshd.host}:${place.target}`, "-F", sshd.configFile];
  const running = startProcess([binary, ...args], { env: place.env });
  await waitUntil(() => existsSync(join(place.target, "d0002/f0000")), 20_000, 1);
  running.signal("SIGTERM");
  // It may have been done already.
  expect([exitOk, exitCodes.interrupted]).toContain((await running.exit) as 0);
  expect((await tsync(place, args)).code).toBe(exitOk);
  expect(diffTrees(place.source, place.target)).toEqual([]);
});

test("two targets at once", async () => {
  const place = makePlace();
  makeTree(place.source, { files: 50, filesPerDirectory: 10, bytes: 100 });
  const second = join(place.folder, "second");
  const remote = `${sshd.host}:${place.target}`;
  const { code, stderr } = await tsync(place, ["sync", place.source, remote, second, "-F", sshd.configFile]);
  expect(code).toBe(exitOk);
  expect(stderr.match(/is in sync/g)).toHaveLength(2);
  expect(diffTrees(place.source, place.target)).toEqual([]);
  expect(diffTrees(place.source, second)).toEqual([]);
});

test("one target that fails does not keep the other from being synced", async () => {
  const place = makePlace();
  makeTree(place.source, { files: 50, filesPerDirectory: 10, bytes: 100 });
  writeFileSync(join(place.folder, "file"), "");
  const bad = join(place.folder, "file/below");
  const { code, stderr } = await tsync(place, ["sync", place.source, bad, place.target]);
  expect(stderr).toMatch(/error: cannot write to .*file\/below/);
  expect(code).toBe(exitCodes.target);
  expect(diffTrees(place.source, place.target)).toEqual([]);
});

test("many paths that fail do not flood the log: some are named, the others counted", async () => {
  const place = makePlace();
  for (let at = 0; at < 60; at++) {
    writeFileSync(join(place.source, `f${at}`), "");
    mkdirSync(join(place.target, `f${at}`, "theirs"), { recursive: true });
  }
  const { code, stderr } = await tsync(place, ["sync", place.source, place.target]);
  expect(code).toBe(3);
  expect(stderr.match(/next try in/g)).toHaveLength(20);
  expect(stderr).toContain("40 more paths failed; -v names all");
  const all = await tsync(place, ["sync", "-v", place.source, place.target]);
  expect(all.stderr.match(/next try in/g)).toHaveLength(60);
});
