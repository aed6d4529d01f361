/** The connection is cut again and again, at random moments: the trees end equal, and nothing is left over. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type Link, startLink } from "../helpers/link.ts";
import { startProcess, waitUntil } from "../helpers/process.ts";
import { childrenOf, commandLine, isRunning } from "../helpers/process-tree.ts";
import { randomWork } from "../helpers/random-work.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, makeTree, namesIn, Random } from "../helpers/trees.ts";
import { binary, makePlace } from "../helpers/tsync.ts";

const cutsMax = Number(process.env.TSYNC_TEST_CUTS ?? 50);
const seed = Number(process.env.TSYNC_TEST_SEED ?? 1);

/** So many bytes travel until commands can be run. */
const loginBytes = 8_000;

/** How long a connection is left alone, at most, while it is made, and once it is. */
const loginMaxMs = 1_000;
const workMaxMs = 500;

/** After so many cuts before anything was acknowledged, one waits for that. */
const inVainMax = 2;

let sshd: TestSshd;
let link: Link;
beforeAll(async () => {
  sshd = await startSshd();
  link = await startLink({ targetPort: sshd.port, rttMs: 4 });
});
afterAll(async () => {
  await link.stop();
  await sshd.stop();
});

/** How many TCP connections process `pid` has. */
function connections(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  const open = readdirSync(folder).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? [];
    } catch {
      return []; // closed meanwhile
    }
  });
  const lines = readFileSync(`/proc/${pid}/net/tcp`, "utf8").trim().split("\n").slice(1);
  const inodes = new Set(lines.map((line) => line.trim().split(/\s+/)[9]!));
  return open.filter((inode) => inodes.has(inode)).length;
}

/** Waits for the moment of a cut: by what has travelled, so that each phase has its share on any machine, or by time. */
async function lifetime(random: Random): Promise<void> {
  const bytes = random.chance(0.25) ? random.int(loginBytes) : loginBytes * 2 ** random.int(10);
  const [loginMs, workMs] = [random.int(loginMaxMs), random.int(workMaxMs)];
  const startMs = performance.now();
  let loggedInMs = Number.POSITIVE_INFINITY;
  await waitUntil(
    () => {
      const [now, travelled] = [performance.now(), link.bytesUp + link.bytesDown];
      if (travelled > loginBytes) loggedInMs = Math.min(loggedInMs, now);
      return travelled >= bytes || now - loggedInMs > workMs || now - startMs > loginMs + workMaxMs;
    },
    20_000,
    1,
  );
}

test(`${cutsMax} cuts during a first sync of 2,000 files and live work (seed ${seed})`, async () => {
  const place = makePlace();
  const random = new Random(seed);
  makeTree(place.source, { files: 2_000, filesPerDirectory: 50, bytes: 3_000 });
  const ssh = ["-F", sshd.clientConfigFor(link.port)];
  const running = startProcess(
    [binary, "watch", place.source, `${sshd.host}:${place.target}`, "--json", "--insist", ...ssh],
    { env: place.env },
  );
  const tell = () => running.stderr.slice(-3_000);

  let isWorking = true;
  const live = join(place.source, "live");
  mkdirSync(live);
  const work = (async () => {
    // By one that is not the cuts', whose moments are to be the same each time.
    const random = new Random(seed + 1_000);
    const directories = namesIn(place.source).filter((name) => name.startsWith("d"));
    for (let renames = 0; isWorking; renames++) {
      await randomWork(live, random, 1 + random.int(10));
      const at = random.int(directories.length);
      const renamed = `d${renames} moved`;
      renameSync(join(place.source, directories[at]!), join(place.source, renamed));
      directories[at] = renamed;
      await Bun.sleep(random.int(300));
    }
  })();
  const batches = () => running.stdout.match(/"event":"batch"/g)?.length ?? 0;
  let before = 0;
  for (let cuts = 0, inVain = 0; cuts < cutsMax; cuts++) {
    link.reset();
    await waitUntil(() => link.open > 0, 20_000, 1, tell);
    // The waits between tries become short again when something was acknowledged: so that happens now and then.
    inVain = batches() > before ? 0 : inVain + 1;
    before = batches();
    if (inVain >= inVainMax) await waitUntil(() => batches() > before, 20_000, 1, tell);
    await lifetime(random);
    link.cut();
    await waitUntil(() => link.open === 0, 5_000, 1);
  }
  isWorking = false;
  await work;
  console.log(
    running.stderr
      .split("\n")
      .filter((l) => l.includes("warning"))
      .map((l) =>
        l
          .replace(/.*target: /, "")
          .replace(/next try.*/, "")
          .replace(/:\d+/g, ""),
      )
      .reduce((m, l) => m.set(l, (m.get(l) ?? 0) + 1), new Map()),
  );

  let differences: string[] = [];
  await waitUntil(
    () => {
      differences = diffTrees(place.source, place.target);
      return differences.length === 0 && running.stdout.trimEnd().split("\n").at(-1)!.includes('"in-sync"');
    },
    60_000,
    100,
    () => `${differences.slice(0, 20).join("\n")}\n${tell()}`,
  );
  // One connection is left, over which a shell waits, and two receivers.
  await waitUntil(
    () => link.open === 1 && sshd.clients() === 1 && sshd.commands().size <= 3,
    5_000,
    50,
    () => `${link.open} ${sshd.clients()} ${[...sshd.commands().values()].join("\n")}`,
  );
  expect(childrenOf(running.pid).map(commandLine)).toEqual([]);
  expect(connections(running.pid)).toBe(1);

  running.signal("SIGTERM");
  expect(await running.exit).toBe(0);
  await waitUntil(
    () => sshd.clients() === 0 && sshd.commands().size === 0,
    5_000,
    50,
    () => [...sshd.commands().values()].join("\n"),
  );
  expect(isRunning(running.pid)).toBe(false);
});
