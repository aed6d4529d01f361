/** The compiled program compares targets of every kind with their source, and mends what somebody else changed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodes, exitDifferent, exitOk, exitPartial } from "../../src/cli/exit-codes.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { daemonUser, startRsyncd, type TestRsyncd, withPassword } from "../helpers/rsyncd.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { bytesOf, diffTrees } from "../helpers/trees.ts";
import { binary, makePlace, type Place, startWatch, tsync } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";

let sshd: TestSshd;
let restricted: TestSshd;
let rsyncd: TestRsyncd;
let place: Place;

beforeAll(async () => {
  rsyncd = await startRsyncd({
    tmp: { path: tmpdir(), ...withPassword },
    drop: { path: tmpdir(), "write only": "yes" },
  });
  sshd = await startSshd();
  // Other tests have rrsync work in that folder at the same time.
  restricted = await startSshd({ keyOptions: `command="rrsync -no-lock ${tmpdir()}",restrict` });
});
afterAll(async () => {
  await Promise.all([rsyncd, sshd, restricted].map((server) => server.stop()));
});
beforeEach(() => {
  place = makePlace();
});

const isRoot = process.getuid?.() === 0;
const from = (path: string) => join(place.source, path);
const at = (path: string) => join(place.target, path);
const put = (path: string, content = path) => writeFileSync(from(path), content);
const below = () => place.target.slice(tmpdir().length + 1);
/** Everything is a while old: so changes on the target alone never have the same times by accident. */
const old = 1_600_000_000;

const kinds = {
  local: { destination: () => place.target, options: () => [] },
  ssh: { destination: () => `${sshd.host}:${place.target}`, options: () => ["-F", sshd.configFile] },
  "rsync daemon": {
    destination: () => `rsync://${daemonUser}@127.0.0.1:${rsyncd.port}/tmp/${below()}`,
    options: () => ["--password-file", rsyncd.passwordFile],
  },
  rrsync: {
    destination: () => `${restricted.host}:${below()}`,
    options: () => ["-F", restricted.configFile],
  },
};

/** Runs `tsync verify`; what it printed on standard output, by line, and its exit code. */
async function verifyAt(destination: string, ...options: string[]) {
  const { code, stdout, stderr } = await tsync(place, ["verify", place.source, destination, ...options]);
  return { code, lines: stdout.split("\n").filter((line) => line !== ""), stderr };
}

const verify = (...options: string[]) => verifyAt(place.target, ...options);
const sync = (...options: string[]) => tsync(place, ["sync", place.source, place.target, ...options]);

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])("verify: %s", (kind) => {
  const { destination, options } = kinds[kind];
  const run = (...more: string[]) => verifyAt(destination(), ...options(), ...more);

  test("every kind of difference is found, mended, and found no more", async () => {
    for (const directory of ["d/e", "gone/deep", "kept", "other"])
      mkdirSync(from(directory), { recursive: true });
    for (const file of [
      "content",
      "d/e/owner",
      "file",
      "gone/deep/f",
      "kept/same",
      "lost",
      "mode",
      "mtime",
      "size",
    ])
      put(file);
    symlinkSync("here", from("link"));
    lutimesSync(from("link"), old, old);
    for (const path of ["content", "d/e/owner", "kept", "mode", "mtime", "size"])
      utimesSync(from(path), old, old);
    const synced = await tsync(place, ["sync", place.source, destination(), ...options()]);
    expect(synced).toMatchObject({ code: exitOk });

    writeFileSync(at("content"), "CONTENT");
    utimesSync(at("content"), old, old);
    if (isRoot) chownSync(at("d/e/owner"), 1, 2);
    rmSync(at("file"));
    mkdirSync(at("file"));
    rmSync(at("gone"), { recursive: true });
    chmodSync(at("kept"), 0o700);
    rmSync(at("link"));
    symlinkSync("there", at("link"));
    lutimesSync(at("link"), old, old);
    rmSync(at("lost"));
    chmodSync(at("mode"), 0o600);
    utimesSync(at("mtime"), old, old + 0.25);
    rmdirSync(at("other"));
    writeFileSync(at("other"), "a file");
    appendFileSync(at("size"), "more");
    utimesSync(at("size"), old, old);
    mkdirSync(at("theirs/deep"), { recursive: true });
    writeFileSync(at("theirs/deep/file"), "");
    writeFileSync(at("kept/extra"), "");
    utimesSync(at("kept"), old, old);

    const differences = [
      ...(isRoot ? ["different  d/e/owner  owner; group"] : []),
      "different  file  kind directory, should be file",
      "missing    gone",
      "different  kept  mode 700, should be 755",
      "extra      kept/extra",
      "different  link  link",
      "missing    lost",
      "different  mode  mode 600, should be 644",
      "different  mtime  mtime",
      "different  other  kind file, should be directory",
      "different  size  size 8, should be 4",
      "extra      theirs",
    ];
    const found = await run();
    expect(found).toMatchObject({ code: exitDifferent, lines: differences });
    expect(found.stderr).toMatch(/entries compared in .*: 2 missing, \d different, 2 extra/);

    // What tsync did not put there stays, and is left over.
    const repaired = await run("--checksum", "--repair");
    expect(repaired.code).toBe(exitDifferent);
    expect(repaired.lines).toEqual([
      "different  content  content",
      ...differences.map((line) => line.replace("size  size 8", "size  content; size 8")),
    ]);
    // Unless it is to be as the source is.
    expect(await run("--checksum", "--repair", "--delete", "exact")).toMatchObject({
      code: exitOk,
      lines: ["extra      kept/extra", "extra      theirs"],
    });
    expect(await run("--checksum")).toMatchObject({ code: exitOk, lines: [] });
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test("a target that is gone, or another one, is no target where everything is missing", async () => {
    put("file");
    await tsync(place, ["sync", place.source, destination(), ...options()]);
    renameSync(place.target, join(place.folder, "away"));
    for (const more of [[], ["--repair"]]) {
      const gone = await run(...more);
      expect(gone).toMatchObject({ code: exitCodes.target, lines: [] });
      expect(gone.stderr).toMatch(/error: .*(is not there|No such file)/);
    }
    mkdirSync(place.target);
    const other = await run("--repair");
    expect(other).toMatchObject({ code: exitCodes.target, lines: [] });
    expect(other.stderr).toMatch(/is another directory than before|is empty, but was not before/);
  });
});

describe("what is found", () => {
  test("odd names are displayed in a safe way, one a line, in the order of the tree", async () => {
    for (const name of oddNames) {
      mkdirSync(bytesOf(from(`${name}`)));
      writeFileSync(bytesOf(from(`${name}/${name}`)), name, "latin1");
    }
    await sync();
    for (const [at, name] of oddNames.entries()) {
      if (at % 3 === 0) rmSync(bytesOf(join(place.target, `${name}/${name}`)));
      else if (at % 3 === 1) chmodSync(bytesOf(join(place.target, `${name}/${name}`)), 0o600);
      else writeFileSync(bytesOf(join(place.target, `${name}/+${name}`)), "");
    }
    const { code, lines } = await verify();
    expect(code).toBe(exitDifferent);
    for (const line of lines)
      expect(line).toMatch(/^(missing {2}|different|extra {4}) {2}[^\x00-\x1f\x7f-\x9f]+$/);
    // The directories that something was put in, or taken from, have another time now.
    const files = lines.filter((line) => !line.endsWith("  mtime"));
    expect(files.length).toBe(oddNames.length);
    const newline = oddNames.indexOf("line\nbreak") % 3;
    const what = [
      "missing    line\\x0abreak/line",
      "different  line\\x0abreak/line",
      "extra      line\\x0abreak/+line",
    ];
    expect(files).toContainEqual(expect.stringContaining(what[newline]!));
    expect(await verify("--repair", "--delete", "exact")).toMatchObject({ code: exitOk });
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test("as JSON, and of several targets", async () => {
    put("file");
    utimesSync(from("file"), old, old);
    const second = join(place.folder, "second");
    await tsync(place, ["sync", place.source, place.target, second]);
    chmodSync(join(second, "file"), 0o600);
    expect(await verify(second)).toMatchObject({
      code: exitDifferent,
      lines: [`${second}  different  file  mode 600, should be 644`],
    });
    const { lines } = await verify(second, "--json");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: "verified", target: place.target, entries: 1, missing: 0, different: 0, extra: 0 },
      {
        event: "drift",
        target: second,
        found: "different",
        path: "file",
        differs: [{ what: "mode", is: "600", should: "644" }],
      },
      { event: "verified", target: second, different: 1 },
    ]);
  });

  test("a target that cannot be compared does not keep another one from being repaired", async () => {
    put("file");
    mkdirSync(from("directory"));
    const second = join(place.folder, "second");
    await tsync(place, ["sync", place.source, place.target, second]);
    rmSync(place.target, { recursive: true });
    rmSync(join(second, "file"));
    const { code, lines } = await verify(second, "--repair");
    expect({ code, lines }).toEqual({ code: exitCodes.target, lines: [`${second}  missing    file`] });
    expect(readFileSync(join(second, "file"), "utf8")).toBe("file");
    expect(existsSync(place.target)).toBe(false);
  });

  test("changes of the source that were not mirrored yet are differences, and moved things are moved", async () => {
    mkdirSync(from("old"));
    put("old/file");
    put("edited");
    await sync();
    renameSync(from("old"), from("new"));
    put("edited", "otherwise");
    expect(await verify()).toMatchObject({
      code: exitDifferent,
      lines: [expect.stringMatching(/^different {2}edited {2}size/), "missing    new", "extra      old"],
    });
    const { code, stderr } = await verify("--repair");
    expect({ code, stderr }).toMatchObject({ code: exitOk, stderr: expect.stringMatching(/1 moved/) });
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test("a target that somebody else made, without a ledger", async () => {
    mkdirSync(place.target);
    put("file");
    expect(await verify()).toMatchObject({ code: exitDifferent, lines: ["missing    file"] });
  });
});

describe("what is left out, or kept otherwise, is no difference", () => {
  test("rules, sizes, .gitignore", async () => {
    mkdirSync(from("cache"));
    mkdirSync(from("keep"));
    for (const file of ["a.tmp", "cache/x", "keep/y", "ignored"]) put(file);
    put("large", "x".repeat(3_000));
    put(".gitignore", "ignored\n");
    utimesSync(from("keep"), old, old);
    const options = ["--exclude", "*.tmp", "--exclude", "cache/", "--max-size", "1K", "--gitignore"];
    await sync(...options);
    mkdirSync(at("theirs"));
    for (const file of ["b.tmp", "large", "ignored", "theirs/c.tmp", "keep/d.tmp"])
      writeFileSync(at(file), "theirs");
    utimesSync(at("keep"), old, old);
    expect(await verify(...options)).toMatchObject({ code: exitOk, lines: [] });
    // With those that are excluded on the target as well.
    expect(await verify(...options, "--delete-excluded")).toMatchObject({
      code: exitDifferent,
      lines: ["extra      b.tmp", "extra      ignored", "extra      keep/d.tmp", "extra      theirs"],
    });
  });

  test.each([
    ["--no-perms", "--no-owner", "--no-group"],
    ["--chmod=D750,F640", ...(isRoot ? ["--chown=1:1"] : [])],
    ["--copy-links"],
    ["--safe-links"],
    ["--no-links", "--no-times"],
    ["--hard-links"],
    ["--backup", "--suffix=.old"],
  ])("%s", async (...options) => {
    put("file");
    linkSync(from("file"), from("second name"));
    mkdirSync(from("directory"));
    put("directory/inner");
    symlinkSync("directory", from("link"));
    symlinkSync("/etc/hostname", from("unsafe"));
    utimesSync(from("directory"), old, old);
    expect(await sync(...options)).toMatchObject({ code: exitOk });
    if (options.includes("--no-perms")) chmodSync(at("file"), 0o700);
    if (options.includes("--backup")) {
      writeFileSync(at("directory/inner.old"), "");
      utimesSync(at("directory"), old, old);
      mkdirSync(at("removed.old"));
    }
    expect(await verify(...options, "--checksum")).toMatchObject({ code: exitOk, lines: [] });
    writeFileSync(at("directory/inner"), "x");
    expect((await verify(...options)).lines).toContainEqual(
      expect.stringMatching(/^different {2}directory\/inner {2}(content; )?size 1, should be 15/),
    );
  });
});

test("where nothing may be listed, nothing can be compared, and that is said", async () => {
  put("file");
  const destination = `rsync://127.0.0.1:${rsyncd.port}/drop/${below()}`;
  await tsync(place, ["sync", place.source, destination]);
  const { code, lines, stderr } = await verifyAt(destination);
  expect({ code, lines }).toEqual({ code: exitCodes.target, lines: [] });
  expect(stderr).toMatch(/lets nobody list what is there/);
});

test("what cannot be read in the source is told, and is no difference", async () => {
  symlinkSync("nowhere", from("broken"));
  put("file");
  await sync("--copy-links");
  const { code, lines, stderr } = await verify("--copy-links");
  expect({ code, lines }).toEqual({ code: exitPartial, lines: [] });
  expect(stderr).toMatch(/broken: the symbolic link points to nothing/);
});

test("a source that is empty or gone does not make everything extra", async () => {
  put("file");
  await sync();
  rmSync(from("file"));
  for (const options of [[], ["--repair", "--delete", "exact"]]) {
    const { code, lines, stderr } = await verify(...options);
    expect({ code, lines }).toEqual({ code: exitCodes.halted, lines: [] });
    expect(stderr).toMatch(/is empty, but was not before/);
  }
  expect(readFileSync(at("file"), "utf8")).toBe("file");
});

test("much that only the target has is not removed unseen", async () => {
  put("file");
  await sync("--delete", "exact");
  for (let i = 0; i < 5; i++) writeFileSync(at(`theirs-${i}`), "");
  const { code, stderr } = await verify("--repair", "--delete", "exact", "--max-delete", "3");
  expect(code).toBe(exitCodes.halted);
  expect(stderr).toMatch(/much of what is on the target is not in the source/);
  expect(await verify("--repair", "--delete", "exact", "--max-delete", "5")).toMatchObject({ code: exitOk });
});

describe("beside a running watch", () => {
  let running: Running;

  const stopped = async () => {
    running.signal("SIGTERM");
    return await running.exit;
  };

  test("looks while the tree is being changed without a false alarm, and leaves repairs to it", async () => {
    mkdirSync(from("d"));
    for (let i = 0; i < 20; i++) put(`d/${i}`);
    put("steady");
    running = await startWatch(place);
    await untilEqual(place, 20_000);
    const writer = startProcess(
      [
        "sh",
        "-c",
        "i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo $i > d/$((i%20)); mkdir -p n$((i%5)); mv d/$((i%20)) n$((i%5))/; mv n$((i%5))/$((i%20)) d/; [ $((i%7)) = 0 ] && rm -r n$((i%5)); sleep 0.01; done",
      ],
      { cwd: place.source },
    );
    expect(await verify()).toMatchObject({ code: exitOk, lines: [] });
    await writer.exit;
    const { mtime } = lstatSync(at("steady"));
    chmodSync(at("steady"), 0o600);
    utimesSync(at("steady"), mtime, mtime);
    const { code, lines } = await verify();
    expect({ code, lines }).toEqual({
      code: exitDifferent,
      lines: ["different  steady  mtime; mode 600, should be 644"],
    });
    const repair = await verify("--repair");
    expect(repair).toMatchObject({ code: exitCodes.locked, lines: [] });
    expect(repair.stderr).toMatch(/another tsync \(process \d+\).*--verify-every/);
    expect(await stopped()).toBe(exitOk);
  });

  test("--verify-every finds what others changed, says so, and mends it", async () => {
    mkdirSync(from("d/deep"), { recursive: true });
    for (const file of ["d/deep/file", "d/mode", "d/content", "moved"]) put(file);
    const { destination, options } = kinds.ssh;
    running = await startWatch(place, [...options(), "--verify-every", "500ms", "--checksum"], destination());
    const equal = () =>
      waitUntil(
        () => diffTrees(place.source, place.target).length === 0,
        20_000,
        50,
        () => `${diffTrees(place.source, place.target).join("\n")}\n${running.stderr.slice(-2_000)}`,
      );
    await equal();
    await running.waitFor(/entries compared in .*: all are as they should be/, 20_000, "stderr");
    rmSync(at("d/deep"), { recursive: true });
    chmodSync(at("d/mode"), 0o600);
    const { atimeMs, mtimeMs } = lstatSync(from("d/content"));
    writeFileSync(at("d/content"), "D/CONTENT");
    utimesSync(at("d/content"), atimeMs / 1000, mtimeMs / 1000);
    await running.waitFor(
      /warning: .*changed there by somebody else: missing {4}d\/deep\n/,
      20_000,
      "stderr",
    );
    await running.waitFor(/different {2}d\/mode {2}mode 600, should be 644/, 20_000, "stderr");
    await running.waitFor(/different {2}d\/content {2}/, 20_000, "stderr");
    await equal();
    // Goes on as before.
    put("after");
    renameSync(from("moved"), from("d/moved"));
    await equal();
    writeFileSync(at("theirs"), "theirs");
    await running.waitFor(/extra {6}theirs/, 20_000, "stderr");
    expect(readFileSync(at("theirs"), "utf8")).toBe("theirs");
    expect(await stopped()).toBe(exitOk);
    expect(running.stderr).not.toMatch(/else: .*(after|moved)/);
  });

  test("--verify-every takes no change of the source for one of the target", async () => {
    for (let i = 0; i < 5; i++) put(`file-${i}`);
    running = await startWatch(place, ["--verify-every", "20ms"]);
    for (let i = 0; i < 14; i++) {
      put(`file-${i % 5}`, `${i}`);
      if (i % 4 === 0) mkdirSync(from(`directory-${i}`));
      if (i % 4 === 2) renameSync(from(`directory-${i - 2}`), from(`renamed-${i}`));
      if (i % 8 === 3) rmSync(from(`renamed-${i - 1}`), { recursive: true });
      // About when the target has been quiet for long enough for a comparison to begin, so that some are overtaken.
      await Bun.sleep(300 + ((i * 37) % 130));
    }
    await untilEqual(place, 20_000);
    expect(await stopped()).toBe(exitOk);
    expect(running.stderr).toMatch(/entries compared in .*: all are as they should be/);
    expect(running.stderr).not.toMatch(/somebody else|[1-9]\d* (missing|different|extra)/);
  });

  test("--verify-every also has its turn where the source is never quiet", async () => {
    put("file");
    put("log");
    running = await startWatch(place, ["--verify-every", "100ms"]);
    const writer = startProcess(["sh", "-c", "while sleep 0.003; do echo x >> log; done"], {
      cwd: place.source,
    });
    await Bun.sleep(100);
    chmodSync(at("file"), 0o600);
    await running.waitFor(/else: different {2}file {2}mode 600, should be 644/, 30_000, "stderr");
    await waitUntil(() => (lstatSync(at("file")).mode & 0o777) === 0o644, 20_000, 50);
    writer.signal("SIGKILL");
    expect(await stopped()).toBe(exitOk);
    expect(running.stderr).not.toMatch(/else: .* log/);
  });

  test("with --delete exact it removes what others put there; a target that was replaced is filled anew", async () => {
    put("file");
    const config = join(place.folder, "tsync.toml");
    const target = JSON.stringify(place.target);
    writeFileSync(
      config,
      `[[mirror]]\nname = "m"\nsource = ${JSON.stringify(place.source)}\ntargets = [${target}]\nverify-every = "300ms"\ndelete = "exact"\n`,
    );
    running = startProcess([binary, "watch", "--config", config], { env: place.env });
    await running.waitFor(/in sync/, 20_000, "stderr");
    mkdirSync(at("theirs"));
    writeFileSync(at("theirs/file"), "");
    const equal = () => untilEqual(place, 20_000);
    await equal();
    await running.waitFor(/extra {6}theirs/, 20_000, "stderr");
    renameSync(place.target, join(place.folder, "away"));
    mkdirSync(place.target);
    await equal();
    await running.waitFor(/the target directory is not the one it was/, 20_000, "stderr");
    expect(await stopped()).toBe(exitOk);
  });
});
