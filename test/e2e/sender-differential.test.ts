/**
 * tsync's own sender against rsync's: the same random changes go through both, live and at once, into two trees, which
 * then are equal to each other and to the source. `TSYNC_SENDER_SEEDS=1-200` for other seeds.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { lchownSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { nssWrapper } from "../helpers/dropbear.ts";
import { targetRsyncs } from "../helpers/old-rsync.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { randomContent } from "../helpers/random-content.ts";
import { randomWork } from "../helpers/random-work.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { setTimeOf } from "../helpers/times.ts";
import { bytesOf, diffTrees, Random, show, snapshot } from "../helpers/trees.ts";
import { binary, makePlace, type Place, tsync } from "../helpers/tsync.ts";

const senders = ["stock", "builtin"] as const;
type Sender = (typeof senders)[number];

const [firstSeed = 1, lastSeed = firstSeed] = (process.env.TSYNC_SENDER_SEEDS ?? "1-2")
  .split("-")
  .map(Number);
const seeds = Array.from({ length: lastSeed - firstSeed + 1 }, (_, at) => firstSeed + at);

const isRoot = process.getuid?.() === 0;

/** How often something is changed, and waited for, while both watch. */
const rounds = 4;

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

/** Owners of all in the tree, and of its root: `trees.ts` leaves them out. */
function ownersIn(dir: string): string[] {
  return ["", ...snapshot(dir).keys()].map((path) => {
    const { uid, gid } = lstatSync(bytesOf(`${dir}/${path}`));
    return `${show(path)} ${uid}:${gid}`;
  });
}

/** How the tree differs from the source; empty if in nothing. */
function differences(source: string, target: string): string[] {
  const found = diffTrees(source, target);
  if (found.length > 0) return found;
  const [ours, theirs] = [ownersIn(source), ownersIn(target)];
  return ours.filter((line, at) => line !== theirs[at]).map((line) => `owner: ${line}`);
}

describe.each(targetRsyncs())("rsync $version on the target", ({ program }) => {
  test.each(seeds)("seed %d", async (seed) => {
    const random = new Random(seed);
    const first = makePlace();
    const places: Record<Sender, Place> = { stock: first, builtin: { ...makePlace(), source: first.source } };
    const argv = (sender: Sender) => [
      ...["-F", sshd.configFile, "--rsync-path", program, "--sender", sender, "-v"],
      ...[first.source, `${sshd.host}:${places[sender].target}`],
    ];
    const done: string[] = [];
    const contents = new Map<string, string>();
    const change = async (count: number) => {
      const tell = (text: string) => void done.push(text);
      await randomWork(first.source, random, count, { shared: true, onOperation: tell });
      randomContent(first.source, random, 2 * count, tell);
      giveOwnTimes();
      done.push("---");
    };
    /** Nothing tells two contents apart that have the same size and time: each has a time of its own. */
    const giveOwnTimes = () => {
      for (const [path, line] of snapshot(first.source)) {
        const [, key, sha] = /^file mode=\d+ (.*) sha1=(.*)$/.exec(line) ?? [];
        if (key === undefined || (contents.get(key) ?? sha) === sha) contents.set(key ?? "", sha ?? "");
        else
          setTimeOf(
            bytesOf(`${first.source}/${path}`),
            1_000_000_000_000_000_000n + BigInt(contents.size) * 1_000_000n,
          );
      }
    };
    const sync = async () => {
      const ended = await Promise.all(
        senders.map((sender) => tsync(places[sender], ["sync", ...argv(sender)])),
      );
      for (const { code, stderr } of ended) expect({ code, stderr }).toMatchObject({ code: 0 });
      for (const sender of senders)
        expect({ sender, not: differences(first.source, places[sender].target), done }).toMatchObject({
          not: [],
        });
    };

    await change(30);
    await sync();
    const running = senders.map((sender) =>
      startProcess([binary, "watch", ...argv(sender)], { env: places[sender].env }),
    );
    for (const one of running) await one.waitFor(/in sync/, 20_000, "stderr");
    for (let round = 0; round < rounds; round++) {
      await change(5);
      for (const [at, sender] of senders.entries()) await arrive(sender, places[sender], running[at]!, done);
    }
    for (const one of running) {
      one.signal("SIGTERM");
      expect(one.stderr).not.toMatch(/warning|failing|not used any more/);
      expect(await one.exit).toBe(0);
    }
    await change(10);
    await sync();
  });
});

async function arrive(
  sender: Sender,
  { source, target }: Place,
  running: Running,
  done: readonly string[],
): Promise<void> {
  let not: string[] = ["not compared"];
  await waitUntil(
    () => {
      not = differences(source, target);
      return not.length === 0;
    },
    20_000,
    100,
    () => [sender, ...not, ...done.slice(-40), running.stderr.slice(-4_000)].join("\n"),
  );
}

/** The target has other numbers for the users and groups of this name, or none. */
test.if(isRoot).each([
  ["by name", [], ["7005:7008", "0:7012", "54321:54322", "5:0"]],
  ["by number", ["--rsync-arg=--numeric-ids"], ["5:8", "0:12", "54321:54322", "10:0"]],
])("owners, %s", async (_, args, expected) => {
  const source = makePlace();
  const owners = [
    [5, 8],
    [0, 12],
    [54_321, 54_322],
    [10, 0],
  ] as const;
  for (const [at, [uid, gid]] of owners.entries()) {
    mkdirSync(`${source.source}/d${at}`);
    writeFileSync(`${source.source}/d${at}/file`, `${at}`);
    symlinkSync("nowhere", `${source.source}/d${at}/link`);
    for (const path of ["", "/file", "/link"]) lchownSync(`${source.source}/d${at}${path}`, uid, gid);
  }
  const [user, group] = [nameOf("passwd", 5), nameOf("group", 8)];
  const [passwd, groups] = [`${source.folder}/passwd`, `${source.folder}/group`];
  writeFileSync(
    passwd,
    `root:x:0:0::/root:/bin/sh\n${user}:x:7005:7005::/:/bin/sh\n${nameOf("passwd", 10)}:x:5:5::/:/bin/sh\n`,
  );
  writeFileSync(groups, `root:x:0:\n${group}:x:7008:\n${nameOf("group", 12)}:x:7012:\n`);
  const words = `LD_PRELOAD=${nssWrapper()} NSS_WRAPPER_PASSWD=${passwd} NSS_WRAPPER_GROUP=${groups}`;
  for (const sender of senders) {
    const place = { ...makePlace(), source: source.source };
    const argv = ["-F", sshd.configFile, "--sender", sender, "--rsync-path", `env ${words} rsync`, ...args];
    const { code, stderr } = await tsync(place, [
      "sync",
      ...argv,
      place.source,
      `${sshd.host}:${place.target}`,
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    for (const [at, owner] of expected.entries())
      for (const path of ["", "/file", "/link"]) {
        const { uid, gid } = lstatSync(`${place.target}/d${at}${path}`);
        expect([sender, `d${at}${path}`, `${uid}:${gid}`]).toEqual([sender, `d${at}${path}`, owner]);
      }
  }
});

/** How the user or group with this number is called here. */
function nameOf(table: string, id: number): string {
  const line = readFileSync(`/etc/${table}`, "utf8")
    .split("\n")
    .find((one) => one.split(":")[2] === `${id}`);
  return line!.split(":")[0]!;
}
