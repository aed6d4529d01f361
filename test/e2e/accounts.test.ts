/** The compiled program with servers and accounts that are not as usual. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { loginShell, startAccount } from "../helpers/account.ts";
import { type KeyType, startDropbear, type TestDropbear } from "../helpers/dropbear.ts";
import { waitUntil } from "../helpers/process.ts";
import { bytesOf, diffTrees } from "../helpers/trees.ts";
import { makePlace, startWatch, tsync } from "../helpers/tsync.ts";

const mtimeOfDirectories = false;

describe("dropbear", () => {
  let dropbear: TestDropbear;
  beforeAll(async () => {
    dropbear = await startDropbear();
  });
  afterAll(() => dropbear.stop());

  test("live work: saves, moves, removals", async () => {
    const place = makePlace();
    mkdirSync(join(place.source, "d"));
    for (let at = 0; at < 20; at++) writeFileSync(join(place.source, "d", `f${at}`), `${at}`);
    const watch = await startWatch(place, ["-v", "-F", dropbear.configFile], "testhost:site");
    const target = join(dropbear.home, "site");
    expect(diffTrees(place.source, target, { mtimeOfDirectories })).toEqual([]);
    renameSync(join(place.source, "d"), join(place.source, "e"));
    await watch.waitFor(/mv.*d.*e|d -> e/);
    for (let at = 0; at < 5; at++) {
      writeFileSync(join(place.source, "e/saved"), `save ${at}`);
      await waitUntil(
        () =>
          existsSync(join(target, "e/saved")) &&
          readFileSync(join(target, "e/saved"), "utf8") === `save ${at}`,
        10_000,
      );
    }
    rmSync(join(place.source, "e/f1"));
    await waitUntil(() => !existsSync(join(target, "e/f1")), 10_000);
    await waitUntil(() => diffTrees(place.source, target, { mtimeOfDirectories }).length === 0, 10_000);
    watch.signal("SIGTERM");
    expect(await watch.exit).toBe(0);
  });
});

test.each<[KeyType, KeyType, string]>([
  ["rsa", "ecdsa", "/usr/bin/fish"],
  ["ecdsa", "rsa", "/bin/tcsh"],
  ["ed25519", "ed25519", "/bin/zsh"],
])(
  "dropbear with a host key %s, a client's key %s, and the login shell %s",
  async (hostKey, clientKey, shell) => {
    const dropbear = await startDropbear({ hostKey, clientKey, shell });
    const place = makePlace();
    const name = "it's $(touch CANARY) `!\\";
    writeFileSync(join(place.source, name), "content");
    mkdirSync(join(place.source, "a\nb"));
    const { code, stderr } = await tsync(place, [
      "sync",
      place.source,
      `testhost:~/${name}`,
      "-F",
      dropbear.configFile,
    ]);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(diffTrees(place.source, join(dropbear.home, name), { mtimeOfDirectories })).toEqual([]);
    expect(existsSync(join(dropbear.home, "CANARY"))).toBe(false);
    await dropbear.stop();
  },
);

test("a noisy account, with --delete exact and names of all sorts", async () => {
  const noise = "echo Welcome; echo 'rsync: oh' >&2; printf './not-there\\0'\n";
  const account = await startAccount({
    session: loginShell("tcsh"),
    files: { ".tcshrc": noise, ".bashrc": noise },
  });
  const place = makePlace();
  const names = ["$(touch CANARY)", "`touch CANARY`", "!!", "\\", "'\n'", "\xff", "-rf", "#x"];
  for (const name of names) writeFileSync(bytesOf(`${place.source}/${name}`), name);
  mkdirSync(bytesOf(`${place.target}/old $(touch CANARY)/'"`), { recursive: true });
  writeFileSync(bytesOf(`${place.target}/;touch CANARY;`), "");
  const args = [
    "sync",
    place.source,
    `testhost:${place.target}`,
    "-F",
    account.sshd.configFile,
    "--delete",
    "exact",
  ];
  const first = await tsync(place, [...args, "--accept-deletes"]);
  expect([first.code, first.stderr]).toEqual([0, expect.not.stringContaining("Welcome")]);
  expect(diffTrees(place.source, place.target, { mtimeOfDirectories })).toEqual([]);
  expect(account.canaries()).toEqual([]);
  await account.stop();
});

test("an account that is of no use is said to be, by sync and by check", async () => {
  const account = await startAccount({ session: "/bin/false" });
  const place = makePlace();
  const args = [place.source, `testhost:${place.target}`, "-F", account.sshd.configFile];
  const message = /the account at \S+ has no shell: exit code 1; give it one/;
  const synced = await tsync(place, ["sync", ...args]);
  expect([synced.code, synced.stderr]).toEqual([9, expect.stringMatching(message)]);
  const checked = await tsync(place, ["check", ...args]);
  expect([checked.code, checked.stdout]).toEqual([9, expect.stringMatching(message)]);
  await account.stop();
});

test("what is kept here, nobody else can read", async () => {
  const place = makePlace();
  writeFileSync(join(place.source, "f"), "content");
  const watch = await startWatch(place);
  const folder = join(place.folder, "state/tsync");
  const found = [".", ...readdirSync(folder, { recursive: true, encoding: "utf8" })].sort();
  expect(found.map((path) => path.split("/").at(-1)!)).toEqual(
    expect.arrayContaining(["ledger.db", "ledger.db-wal", "in-use"]),
  );
  for (const path of found) expect([path, statSync(join(folder, path)).mode & 0o077]).toEqual([path, 0]);
  watch.signal("SIGTERM");
  await watch.exit;
});
