/** The options of how content is sent: each with the compiled program, on a local target and through ssh. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { startLink } from "../helpers/link.ts";
import { startProcess, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, makeTree, namesIn, Random } from "../helpers/trees.ts";
import { binary, makePlace, type Place, tsync } from "../helpers/tsync.ts";

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

describe.each(["local", "ssh"])("%s target", (kind) => {
  let place: Place;
  beforeEach(() => {
    place = makePlace();
  });
  const at = (path: string) => join(place.target, path);
  const from = (path: string) => join(place.source, path);
  const past = 1_700_000_000;
  const put = (path: string, content: string | Buffer = path, time = past) => {
    writeFileSync(from(path), content);
    utimesSync(from(path), time, time);
  };
  const argv = (args: string[], configFile = sshd.configFile) =>
    kind === "ssh"
      ? ["sync", place.source, `${sshd.host}:${place.target}`, "-F", configFile, ...args]
      : ["sync", place.source, place.target, ...args];
  const run = (...args: string[]) => tsync(place, argv(args));
  /** Syncs, expects success, and returns the bytes of content that travelled. */
  async function sync(...args: string[]): Promise<number> {
    const { code, stdout, stderr } = await run("--json", ...args);
    expect(stderr).not.toMatch(/warning|error|failing/);
    expect(code).toBe(exitOk);
    let bytes = 0;
    for (const line of stdout.split("\n").filter((line) => line !== ""))
      bytes += JSON.parse(line).contentBytes ?? 0;
    return bytes;
  }
  const equal = () => expect(diffTrees(place.source, place.target)).toEqual([]);
  /** A program that does `before`, then is rsync. */
  function wrapper(before: string): string {
    const file = join(place.folder, "my rsync");
    writeFileSync(file, `#!/bin/sh\n${before}\nexec rsync "$@"\n`);
    chmodSync(file, 0o755);
    return file;
  }
  const random = (bytes: number, seed = 1) => new Random(seed).bytes(bytes);

  test.each([
    [1, 1, 1_500],
    [90, 3, 1_500],
  ])("--bwlimit with %p files and --parallel %p", async (files, parallel, leastMs) => {
    for (let n = 0; n < files; n++) put(`f${n}`, random(Math.floor(2_000_000 / files), n));
    const start = performance.now();
    await sync("--bwlimit", "800K", "--parallel", `${parallel}`);
    // rsync lets a first part pass at once.
    expect(performance.now() - start).toBeGreaterThan(leastMs);
    equal();
  });

  test("--checksum compares what is there by content", async () => {
    put("file", "ours!!");
    mkdirSync(place.target);
    writeFileSync(at("file"), "theirs");
    utimesSync(at("file"), past, past);
    await sync();
    expect(readFileSync(at("file"), "utf8")).toBe("theirs");
    place = makePlace();
    put("file", "ours!!");
    mkdirSync(place.target);
    writeFileSync(at("file"), "theirs");
    utimesSync(at("file"), past, past);
    await sync("--checksum");
    equal();
  });

  test("--partial-dir keeps what arrived, and nothing half-written is in place", async () => {
    const size = 8_000_000;
    put("large", random(size));
    const options = ["--partial-dir", ".part s'"];
    const running = startProcess([binary, ...argv([...options, "--bwlimit", "2M"])], { env: place.env });
    const half = () => (existsSync(place.target) ? namesIn(place.target) : []);
    await waitUntil(() => half().some((name) => statSync(at(name)).size > 3_000_000), 20_000);
    running.signal("SIGTERM");
    await running.exit;
    await waitUntil(() => existsSync(at(".part s'/large")), 10_000);
    expect(existsSync(at("large"))).toBe(false);
    // It is no leftover, and the source's own of that name are not mirrored.
    mkdirSync(from(".part s'"));
    put(".part s'/other");
    put("small");
    const sent = await sync(...options, "--delete", "exact");
    expect(sent).toBeLessThan(size * 0.8);
    expect(readFileSync(at("large")).equals(readFileSync(from("large")))).toBe(true);
    expect(existsSync(at(".part s'/other"))).toBe(false);
  });

  test("--inplace writes into the file that is there", async () => {
    put("file", "before");
    await sync("--inplace");
    const { ino } = statSync(at("file"));
    put("file", "after that", past + 1);
    await sync("--inplace");
    expect(statSync(at("file")).ino).toBe(ino);
    equal();
    put("file", "and then", past + 2);
    await sync();
    expect(statSync(at("file")).ino).not.toBe(ino);
    equal();
  });

  test.each([
    ["--append", "TAMPERED!!"],
    ["--append-verify", "0123456789"],
  ])("%s sends the end of a file that grew", async (option, start) => {
    put("log", "0123456789");
    put("shrinks", "0123456789");
    put("rewritten", "0123456789");
    await sync(option);
    writeFileSync(at("log"), "TAMPERED!!");
    appendFileSync(from("log"), "abc");
    truncateSync(from("shrinks"), 5);
    put("rewritten", "9876543210", past + 1);
    await sync(option);
    // Only what was checked is mended.
    expect(readFileSync(at("log"), "utf8")).toBe(`${start}abc`);
    expect(readFileSync(at("shrinks"), "utf8")).toBe("01234");
    expect(readFileSync(at("rewritten"), "utf8")).toBe("9876543210");
    const { ino } = statSync(at("log"));
    appendFileSync(from("log"), "def");
    await sync(option);
    expect(statSync(at("log")).ino).toBe(ino);
  });

  test("--delay-updates puts all in place at the end", async () => {
    put("a", "a");
    put("b", random(2_000_000));
    const argvs = argv(["--delay-updates", "--bwlimit", "1M", "--delete", "exact"]);
    const running = startProcess([binary, ...argvs], { env: place.env });
    await waitUntil(() => existsSync(at(".~tmp~/a")), 10_000, 5);
    expect(existsSync(at("a"))).toBe(false);
    expect(await running.exit).toBe(exitOk);
    equal();
  });

  test("--sparse", async () => {
    put("file", Buffer.alloc(4_000_000));
    await sync();
    expect(statSync(at("file")).blocks).toBeGreaterThan(7_000);
    place = makePlace();
    put("file", Buffer.alloc(4_000_000));
    await sync("--sparse");
    expect(statSync(at("file")).blocks).toBeLessThan(100);
    equal();
  });

  test("--parallel sends at the same time, and all arrives", async () => {
    makeTree(place.source, { files: 400, filesPerDirectory: 50, bytes: 3_000 });
    const log = join(place.folder, "log");
    const program = wrapper(
      `echo start >> '${log}'; (sleep 0.3; echo on >> '${log}'); trap 'echo end >> ${log}' EXIT; rsync "$@"; exit`,
    );
    await sync("--sender", "stock", "--parallel", "3", "--rsync", program);
    equal();
    const lines = readFileSync(log, "utf8").split("\n");
    // All three began before any went on.
    expect(lines.slice(0, 3)).toEqual(["start", "start", "start"]);
    expect((await run("--parallel", "3")).stderr).not.toContain("sent");
  });

  test("--parallel: what cannot be sent fails alone", async () => {
    makeTree(place.source, { files: 300, filesPerDirectory: 300, bytes: 100 });
    mkdirSync(at("d0000/f0123/theirs"), { recursive: true });
    const { code, stderr } = await run("--parallel", "4");
    expect(code).toBe(3);
    expect(stderr).toContain("f0123");
    expect(namesIn(at("d0000"))).toHaveLength(300);
  });

  test("--rsync and --timeout", async () => {
    put("file");
    const log = join(place.folder, "log");
    await sync(
      "--sender",
      "stock",
      "--rsync",
      wrapper(`printf '%s\\n' "$@" >> '${log}'`),
      "--timeout",
      "90s",
    );
    equal();
    const given = readFileSync(log, "utf8");
    expect(given).toContain("\n./file\n");
    if (kind === "local") expect(given).toContain("--timeout=90\n");
    const missing = await run("--rsync", join(place.folder, "missing"));
    expect(missing.code).toBe(exitCodes["missing-program"]);
    expect(missing.stderr).toMatch(/the rsync program .*missing is missing here.*--rsync/);
  });

  test("--nice and --ionice hold for what is started", async () => {
    put("file");
    const log = join(place.folder, "log");
    const program = wrapper(`nice >> '${log}'; ionice >> '${log}'`);
    await sync("--nice", "7", "--ionice", "idle", "--sender", "stock", "--rsync", program);
    expect(readFileSync(log, "utf8").slice(0, 7)).toBe("7\nidle\n");
    put("file", "changed", past + 1);
    await sync("--ionice", "best-effort", "--sender", "stock", "--rsync", program);
    expect(readFileSync(log, "utf8")).toContain("\n0\nbest-effort: prio 7\n");
  });

  test("--ionice without ionice is a warning", async () => {
    put("file");
    const bin = join(place.folder, "bin");
    mkdirSync(bin);
    for (const name of ["rsync", "sh", "ssh", "cat", "kill"]) {
      const path = Bun.which(name);
      if (path !== null) writeFileSync(join(bin, name), `#!/bin/sh\nexec ${path} "$@"\n`, { mode: 0o755 });
    }
    const { code, stderr } = await tsync(place, argv(["--ionice", "idle"]), { PATH: bin });
    expect(stderr).toMatch(/warning: .*ionice is not installed here/);
    expect(code).toBe(exitOk);
    equal();
  });

  test("--rsync-arg", async () => {
    mkdirSync(from("directory"));
    put("directory/file");
    utimesSync(from("directory"), past, past);
    await sync("--rsync-arg=--omit-dir-times", "--rsync-arg", "-W");
    expect(statSync(at("directory/file")).mtimeMs).toBe(past * 1000);
    expect(statSync(at("directory")).mtimeMs).not.toBe(past * 1000);
  });
});

describe("ssh only", () => {
  let place: Place;
  beforeEach(() => {
    place = makePlace();
  });
  const argv = (args: string[], configFile = sshd.configFile) => [
    "sync",
    place.source,
    `${sshd.host}:${place.target}`,
    "-F",
    configFile,
    ...args,
  ];

  test("--compress", async () => {
    const link = await startLink({ targetPort: sshd.port, rttMs: 0 });
    const config = sshd.clientConfigFor(link.port);
    writeFileSync(join(place.source, "file"), "x".repeat(3_000_000));
    const { code } = await tsync(place, argv(["--compress"], config));
    expect(code).toBe(exitOk);
    expect(link.bytesUp).toBeLessThan(300_000);
    expect(diffTrees(place.source, place.target)).toEqual([]);
    await link.stop();
  });

  test("--timeout", async () => {
    const link = await startLink({ targetPort: sshd.port, rttMs: 0 });
    const config = sshd.clientConfigFor(link.port);
    writeFileSync(join(place.source, "file"), new Random(1).bytes(3_000_000));
    const running = startProcess([binary, ...argv(["--timeout", "1s", "--bwlimit", "500K"], config)], {
      env: place.env,
    });
    await waitUntil(() => link.bytesUp > 500_000, 20_000, 5);
    link.stall();
    await running.waitFor(/nothing travelled for 1 s/, 10_000);
    expect(await running.exit).toBe(exitCodes.connection);
    await link.stop();
  });

  test("--rsync-path: a path with ~, words before it, nothing that a shell looks into", async () => {
    writeFileSync(join(place.source, "file"), "content");
    const log = join(place.folder, "log");
    const home = join(sshd.dir, "home");
    writeFileSync(join(home, "my'rsync"), `#!/bin/sh\necho "$MARK" >> '${log}'\nexec rsync "$@"\n`, {
      mode: 0o755,
    });
    expect((await tsync(place, argv(["--rsync-path", "~/my'rsync"]))).stderr).not.toMatch(/error/);
    expect(readFileSync(log, "utf8")).toMatch(/^\n+$/);
    writeFileSync(join(place.source, "file"), "changed");
    expect((await tsync(place, argv(["--rsync-path", "env MARK=$(id) rsync"]))).code).toBe(exitOk);
    writeFileSync(join(place.source, "file"), "changed again");
    expect((await tsync(place, argv(["--rsync-path", `env MARK=$HOME;x ${home}/my'rsync`]))).code).toBe(
      exitOk,
    );
    expect(readFileSync(log, "utf8")).toContain("$HOME;x\n");
    expect(diffTrees(place.source, place.target)).toEqual([]);
    const missing = await tsync(place, argv(["--rsync-path", "/opt/none/rsync"]));
    expect(missing.code).toBe(exitCodes["missing-program"]);
    expect(missing.stderr).toContain("/opt/none/rsync is not installed on");
  });
});

describe("refused", () => {
  test.each([
    [["--append", "--append-verify"], "--append and --append-verify"],
    [["--append", "--sparse"], "--append and --sparse"],
    [["--inplace", "--partial-dir", "p"], "--inplace and --partial-dir"],
    [["--append", "--delay-updates"], "--append and --delay-updates"],
    [["--inplace", "--hard-links"], "--inplace and --hard-links"],
    [["--no-perms", "--acls"], "--no-perms and --acls contradict"],
    [["--no-perms", "--chmod", "F644"], "--no-perms and --chmod contradict"],
    [["--chmod", "u+q"], "--chmod"],
    [["--chown", "a b"], "--chown"],
    [["--chown", "a:"], "--chown"],
    [["--no-owner", "--chown", "a"], "--no-owner and --chown contradict"],
    [["--suffix", "x"], "--suffix is given without backup"],
    [["--backup", "--suffix", "a/b"], "--suffix"],
    [["--partial-dir", "a/b"], "--partial-dir"],
    [["--partial-dir", ".."], "--partial-dir"],
    [["--backup-dir", "."], "--backup-dir"],
    [["--rsync-arg", "x"], "--rsync-arg"],
    ...[
      "--files-from=x",
      "--from0",
      "-n",
      "--dry-run",
      "--delete",
      "--delete-after",
      "--remove-source-files",
      "-r",
      "-a",
      "-e",
      "--rsh=x",
      "--out-format=x",
      "--stats",
      "--daemon",
      "--server",
      "--list-only",
      "--max-delete=1",
      "-q",
      "-v",
      "--info=all",
      "--relative",
      "--no-relative",
      "--exclude=x",
      "--filter=x",
      "--backup",
      "-b",
      "--force",
      "--version",
      "--update",
      "--size-only",
      "--block-size",
      "-Wn",
      "-s",
      "--remote-option=--daemon",
      "-M--daemon",
      "--log-file=x",
    ].map((argument): [string[], string] => [["--rsync-arg", argument], argument]),
  ])("%p", async (args, said) => {
    const place = makePlace();
    const { code, stderr } = await tsync(place, ["sync", place.source, place.target, ...args]);
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain(said);
    expect(existsSync(place.target)).toBe(false);
  });
});
