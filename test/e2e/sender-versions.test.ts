/** Which rsync on the target tsync's own sender works with, and what happens where it does not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakeRsync } from "../helpers/old-rsync.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { makeTree } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place, tsync } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";

let sshd: TestSshd;
let place: Place;
let running: Running | null = null;

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());
beforeEach(() => {
  place = makePlace();
  makeTree(place.source, { files: 5, filesPerDirectory: 2, bytes: 3_000 });
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
});

const destination = () => `${sshd.host}:${place.target}`;
const argv = (program: string, ...args: string[]) => [
  ...["-F", sshd.configFile, "--rsync-path", program, ...args],
  ...[place.source, destination()],
];

/** Watches, saves some files one after the other, and returns what it said. */
async function watchAndSave(program: string, ...args: string[]): Promise<string> {
  await outliveRaces();
  running = startProcess([binary, "watch", ...argv(program, ...args)], { env: place.env });
  await running.waitFor(/in sync/, 40_000, "stderr");
  for (let save = 0; save < 4; save++) {
    writeFileSync(join(place.source, `save${save}`), `${save}`);
    await waitUntil(
      () => existsSync(join(place.target, `save${save}`)),
      15_000,
      10,
      () => running!.stderr,
    );
  }
  await untilEqual(place, 5_000);
  running.signal("SIGTERM");
  expect(await running.exit).toBe(0);
  return running.stderr;
}

describe("--sender builtin is refused", () => {
  test.each([
    "--compress",
    "--checksum",
    "--bwlimit=1m",
    "--partial-dir=.p",
    "--inplace",
    "--append",
    "--delay-updates",
    "--sparse",
    "--no-times",
    "--acls",
    "--xattrs",
    "--hard-links",
    "--chmod=u+w",
    "--chown=root",
    "--copy-links",
    "--copy-unsafe-links",
    "--safe-links",
    "--backup",
    "--rsync-arg=--fuzzy",
  ])("with %s", async (option) => {
    const { code, stderr } = await tsync(place, ["sync", ...argv("rsync", "--sender", "builtin", option)]);
    const name = option.split("=")[0];
    expect(stderr).toBe(
      `tsync: error: --sender builtin and ${name} contradict each other: that is for rsync to do; leave one of them out\n`,
    );
    expect(code).toBe(2);
    expect(existsSync(place.target)).toBe(false);
  });

  test.each(["./folder", "host::module", "rsync://host/module"])("for %s", async (to) => {
    const { code, stderr } = await tsync(place, ["sync", "--sender", "builtin", place.source, to]);
    expect(stderr).toMatch(/--sender builtin is for ssh targets, and \S+ is none; leave it out for this one/);
    expect(code).toBe(2);
  });
});

const warning = /warning: .*own sender is not used any more: .*; rsync is used until/g;

describe("left to rsync without a word", () => {
  test.each([
    "rsync  version 3.1.2  protocol version 31",
    "rsync  version 2.6.9  protocol version 29",
    "openrsync: protocol version 29",
    "openrsync 1.0 (rsync version 2.6.9 compatible)",
    "",
  ])("%s", async (version) => {
    const program = fakeRsync(place.folder, version, `echo used >${place.folder}/used; exit 1`);
    expect(await watchAndSave(program)).not.toContain("warning");
    expect(existsSync(join(place.folder, "used"))).toBe(false);
    const { code, stderr } = await tsync(place, ["sync", ...argv(program, "--sender", "builtin")]);
    expect(code).toBe(9);
    expect(stderr).toMatch(/own sender needs rsync 3.1.3 or later on .*install it there, or leave --sender/);
  });
});

describe("left to rsync with one warning", () => {
  test.each([
    ["greets with garbage", "printf 'Welcome to this host!\\n'; exec cat >/dev/null"],
    ["speaks an old protocol", "printf '\\036\\0\\0\\0\\0\\0\\0\\0\\0'; exec cat >/dev/null"],
    ["is older than it says", "printf '\\037\\0\\0\\0\\016\\0\\0\\0\\0'; exec cat >/dev/null"],
    ["ends at once", "exit 1"],
    ["complains and ends", "echo 'cannot load libpopt.so.0' >&2; exit 127"],
    ["talks on", "printf '\\037\\0\\0\\0\\176\\0\\0\\0\\0more'; exec cat >/dev/null"],
    [
      "breaks the rules later",
      "printf '\\037\\0\\0\\0\\176\\0\\0\\0\\0'; head -c 300 >/dev/null; printf 'abcdefgh'; exec cat >/dev/null",
    ],
    ["dies with the first file", "printf '\\037\\0\\0\\0\\176\\0\\0\\0\\0'; head -c 20 >/dev/null; exit 3"],
  ])("what %s", async (_, receiver) => {
    const said = await watchAndSave(fakeRsync(place.folder, null, receiver));
    expect(said.match(warning)).toHaveLength(1);
    expect(said).not.toContain("failing");
  });

  test("what hangs", async () => {
    const program = fakeRsync(place.folder, null, "exec cat >/dev/null");
    const said = await watchAndSave(program, "--timeout", "1s");
    expect(said.match(warning)).toHaveLength(1);
    expect(said).toContain("did not answer for 1 s");
  });
});
