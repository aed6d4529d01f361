/** Random work on a real tree, mirrored live by the compiled program: in the end both trees are equal. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomWork } from "../helpers/random-work.ts";
import { startRsyncd, type TestRsyncd } from "../helpers/rsyncd.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { Random } from "../helpers/trees.ts";
import { makePlace, startWatch } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";

/** Seeds per kind of target; `TSYNC_TEST_SEEDS=30` for more. */
const seeds = Number(process.env.TSYNC_TEST_SEEDS ?? 3);
const operations = 300;

let sshd: TestSshd;
let rsyncd: TestRsyncd;
beforeAll(async () => {
  sshd = await startSshd();
  rsyncd = await startRsyncd({ all: { path: "/" } });
});
afterAll(async () => {
  await sshd.stop();
  await rsyncd.stop();
});

describe.each(["ssh", "local", "rsync daemon"])("random work, live, %s target", (kind) => {
  test.each(Array.from({ length: seeds }, (_, seed) => seed + 1))("seed %d", async (seed) => {
    const place = makePlace();
    const random = new Random(seed);
    await randomWork(place.source, random, 20);
    const running =
      kind === "ssh"
        ? await startWatch(place, ["-F", sshd.configFile, "-v"], `${sshd.host}:${place.target}`)
        : kind === "local"
          ? await startWatch(place, ["-v"])
          : await startWatch(place, ["-v"], `${rsyncd.url}/all${place.target}`);
    await randomWork(place.source, random, operations, {
      shared: true, // (a change through one of several names, which is then removed, is told of under no other)
      // Now and then a pause, so that changes reach tsync in batches of every size.
      onOperation: async () => {
        if (random.chance(0.1)) await Bun.sleep(random.int(60));
      },
    });
    await untilEqual(place, 60_000, (differences) => aboutFirst(differences, running.stderr));
    expect(running.stderr).not.toContain("warning");
    running.signal("SIGTERM");
    expect(await running.exit).toBe(0);
  });
});

/** What tsync said of the first of the paths that differ, and what it said last. */
function aboutFirst([first = ""]: readonly string[], said: string): string {
  const path = first.slice(0, first.indexOf(": "));
  const lines = said.split("\n");
  const about = lines.flatMap((line, at) => (line.includes(` ${path}`) ? [`${at}: ${line}`] : []));
  return [...about.slice(-60), "...", ...lines.slice(-20)].join("\n");
}
