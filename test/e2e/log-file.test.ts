/** `--log-file` and `--log-format`. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Running, runProcess, startProcess, waitUntil } from "../helpers/process.ts";
import { binary, makePlace, type Place, startWatch, tsync } from "../helpers/tsync.ts";

let place: Place;
let log: string;
let running: Running | null = null;

beforeEach(() => {
  place = makePlace();
  log = join(place.folder, "log");
  writeFileSync(join(place.source, "file"), "content");
});
afterEach(async () => {
  running?.signal("SIGTERM");
  await running?.exit;
  running = null;
});

const linesOf = (file: string) => readFileSync(file, "utf8").split("\n").slice(0, -1);
const logged = (pattern: RegExp, file = log) =>
  waitUntil(() => existsSync(file) && pattern.test(readFileSync(file, "utf8")), 10_000);

/** Starts to watch; what is waited for is in the log alone. */
function watch(...args: string[]): Running {
  running = startProcess([binary, "watch", place.source, place.target, ...args], { env: place.env });
  return running;
}

test("lines are added, each with the time, and are not on standard error as well; errors are", async () => {
  appendFileSync(log, "before\n");
  const { code, stdout, stderr } = await tsync(place, [
    "sync",
    place.source,
    place.target,
    "--log-file",
    log,
  ]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  const [first, ...rest] = linesOf(log);
  expect(first).toBe("before");
  expect(rest.length).toBe(3);
  for (const line of rest) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z tsync: \S/);
  const failed = await tsync(place, ["sync", join(place.folder, "none"), place.target, "--log-file", log]);
  expect(failed.stderr).toMatch(/^tsync: error: the source .* does not exist/);
  expect(linesOf(log).at(-1)).toMatch(/Z tsync: error: the source .* does not exist/);
});

test("as JSON: the same lines as with --json", async () => {
  const args = [
    "sync",
    "-v",
    place.source,
    place.target,
    "--json",
    "--log-file",
    log,
    "--log-format",
    "json",
  ];
  const { stdout } = await tsync(place, args);
  expect(readFileSync(log, "utf8")).toBe(stdout);
  expect(linesOf(log).map((line) => JSON.parse(line).event)).toContain("in-sync");
});

test("opened anew on SIGUSR1, and cut to nothing while it is open", async () => {
  const tsync = watch("--log-file", log);
  await logged(/in sync/);
  renameSync(log, `${log}.1`);
  tsync.signal("SIGUSR1");
  await waitUntil(() => existsSync(log), 5_000);
  writeFileSync(join(place.source, "second"), "");
  await logged(/second/);
  expect(readFileSync(`${log}.1`, "utf8")).not.toContain("second");
  copyFileSync(log, `${log}.2`);
  truncateSync(log);
  writeFileSync(join(place.source, "third"), "");
  await logged(/third/);
  expect(readFileSync(log)[0]).not.toBe(0);
  expect(readFileSync(log, "utf8")).not.toContain("second");
});

test("a folder that is gone when it is to be opened anew: the old file is used on", async () => {
  const folder = join(place.folder, "logs");
  mkdirSync(folder);
  const tsync = watch("--log-file", join(folder, "log"));
  await logged(/in sync/, join(folder, "log"));
  renameSync(folder, `${folder}.gone`);
  tsync.signal("SIGUSR1");
  await logged(/warning: cannot open the log file .* anew/, join(`${folder}.gone`, "log"));
});

test("SIGUSR1 without a log file does nothing", async () => {
  running = await startWatch(place);
  running.signal("SIGUSR1");
  writeFileSync(join(place.source, "later"), "");
  await running.waitFor(/later/);
});

test("a disk that is full does not stop the mirror", async () => {
  watch("--log-file", "/dev/full", "--json");
  writeFileSync(join(place.source, "later"), "");
  await waitUntil(() => existsSync(join(place.target, "later")), 10_000);
  await running!.waitFor(/in-sync/);
});

test("what cannot be written to is an error before anything is touched", async () => {
  const pipe = join(place.folder, "pipe");
  await runProcess(["mkfifo", pipe]);
  for (const [file, why] of [
    [join(place.folder, "none/log"), "ENOENT"],
    [place.folder, "EISDIR"],
    [pipe, "nobody reads the pipe"],
  ] as const) {
    const { code, stderr } = await tsync(place, ["sync", place.source, place.target, "--log-file", file]);
    expect([file, code]).toEqual([file, 2]);
    expect(stderr).toContain(`cannot write to the log file ${file}: ${why}`);
  }
  expect(existsSync(place.target)).toBe(false);
  const alone = await tsync(place, ["sync", place.source, place.target, "--log-format", "json"]);
  expect(alone.code).toBe(2);
  expect(alone.stderr).toContain("--log-format is given without --log-file");
});

test("a log file that is mirrored would never come to rest: refused, unless it is excluded", async () => {
  const inside = join(place.source, "logs/tsync.log");
  mkdirSync(join(place.source, "logs"));
  const args = ["sync", place.source, place.target, "--log-file", inside];
  const { code, stderr } = await tsync(place, args);
  expect(code).toBe(2);
  expect(stderr).toContain(`the log file ${inside} is inside a source`);
  expect(existsSync(place.target)).toBe(false);
  expect((await tsync(place, [...args, "--exclude", "/logs"])).code).toBe(0);
});
