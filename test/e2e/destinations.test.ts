/** The forms of SRC and DEST, through the compiled program. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { tempDir } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, namesIn } from "../helpers/trees.ts";
import { makePlace, type Place, tsync } from "../helpers/tsync.ts";

let sshd: TestSshd;
let place: Place;
/** Where sessions begin, in place of the account's real home directory. */
let home: string;
beforeAll(async () => {
  home = tempDir("tsync-home-");
  const command = `cd ${home} && HOME=${home} exec sh -c \\"$SSH_ORIGINAL_COMMAND\\"`;
  sshd = await startSshd({ keyOptions: `command="${command}"` });
});
afterAll(() => sshd.stop());
beforeEach(() => {
  place = makePlace();
  mkdirSync(join(place.source, "bar/baz"), { recursive: true });
  writeFileSync(join(place.source, "bar/baz/file"), "content");
  writeFileSync(join(place.source, "above"), "not mirrored");
});

const sync = (source: string, ...destinations: string[]) =>
  tsync(place, ["sync", source, ...destinations, "-F", sshd.configFile]);
/** Expects `folder` to be a copy of what is below the virtual root. */
const expectBelow = (folder: string) => {
  expect(namesIn(folder)).toEqual(["bar"]);
  expect(diffTrees(join(place.source, "bar/baz"), join(folder, "bar/baz"))).toEqual([]);
};

test("what comes after a virtual root is repeated on the target", async () => {
  const source = `${place.source}/./bar/baz`;
  const remote = join(place.folder, "remote");
  expect(await sync(source, place.target, `${sshd.host}:${remote}`)).toMatchObject({ code: exitOk });
  expectBelow(place.target);
  expectBelow(remote);
});

test("a virtual root at the end repeats nothing", async () => {
  expect(await sync(`${place.source}/./`, place.target)).toMatchObject({ code: exitOk });
  expect(diffTrees(place.source, place.target)).toEqual([]);
});

test("an ssh URL: its port counts, its path is absolute or below home, and is decoded", async () => {
  const odd = join(place.folder, "a b%");
  const server = `ssh://${sshd.user}@${sshd.host}:${sshd.port}`;
  expect(await sync(place.source, `${server}${place.folder}/a%20b%25`)).toMatchObject({ code: exitOk });
  expect(diffTrees(place.source, odd)).toEqual([]);
  expect(await sync(place.source, `${server}/~/in-home`)).toMatchObject({ code: exitOk });
  expect(diffTrees(place.source, join(home, "in-home"))).toEqual([]);
  const wrong = await sync(place.source, `ssh://${sshd.host}:1${place.target}`);
  expect(wrong.code).toBe(exitCodes.connection);
  expect(wrong.stderr).toContain("127.0.0.1:1");
});

test("a colon alone is the home directory, a user alone the source's own path", async () => {
  expect(await sync(`${place.source}/./bar`, `${sshd.user}@${sshd.host}:`)).toMatchObject({ code: exitOk });
  expect(readFileSync(join(home, "bar/baz/file"), "utf8")).toBe("content");
  // On this one machine the same path is the source itself: equal from the start.
  const same = await tsync(place, [
    "sync",
    "-n",
    place.source,
    `${sshd.user}@${sshd.host}`,
    "-F",
    sshd.configFile,
  ]);
  expect(same).toMatchObject({ code: exitOk });
});

test("a password in an URL is refused, and not repeated", async () => {
  for (const url of ["rsync://ann:hush@127.0.0.1/m", "ssh://ann:hush@127.0.0.1/m"]) {
    const { code, stderr } = await sync(place.source, url);
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain("has a password in it");
    expect(stderr).not.toContain("hush");
  }
});

test("forms of one place are one target", async () => {
  const { code, stderr } = await sync(place.source, "rsync://h/m/x", "h::m/x");
  expect(code).toBe(exitCodes.usage);
  expect(stderr).toContain("given twice");
  const local = await sync(`${place.source}/./bar`, place.target, `${place.target}/`);
  expect(local.code).toBe(exitCodes.usage);
});

test("a destination that the virtual root leads into the source is refused", async () => {
  renameSync(join(place.source, "above"), join(place.source, "bar/above"));
  const { code, stderr } = await sync(`${place.source}/./bar`, place.source);
  expect(code).toBe(exitCodes.usage);
  expect(stderr).toContain("same directory");
});
