/** Many new files at once in a new directory. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeTree, Random } from "../../helpers/trees.ts";
import { ExpectedTree } from "../expected-tree.ts";
import { formatCount } from "../format.ts";
import type { Reading } from "../result.ts";
import { percentile } from "../statistics.ts";
import { bytesReading, type Measure, type Session, smallFileBytes, timeReading } from "./measure.ts";

/** The new directory. */
const name = "burst";

/** The median of so many counts; a tool that takes long is not asked again. */
const roundsMax = 3;
const longMs = 3000;

/** How long there is nothing to do between two. */
const pauseMs = 500;

/** When the first file was made, when the last one was, and when all were there, as `poll` of wait.ts. */
interface Round {
  beginMs: number;
  madeMs: number;
  seen: number | string;
}

export const burst: Measure = {
  name: "burst",
  about: "many new files of 1 KiB at once: time until all are there, the median of three",
  prepare() {},
  async run(session, { burstFiles: files, bulkLimitMs }) {
    const rounds: Round[] = [];
    const readings: Reading[] = [];
    for (let at = 0; at < roundsMax; at++) {
      const round = await one(session, files, bulkLimitMs, at);
      rounds.push(round);
      if (at === 0)
        readings.push(await bytesReading("  bytes on the link for the burst", session, round.seen));
      if (typeof round.seen === "string" || round.seen - round.beginMs > longMs || at === roundsMax - 1)
        break;
      if (!(await removed(session, bulkLimitMs))) break;
    }
    const title = `burst of ${formatCount(files)} new files`;
    return [
      median(title, "time", rounds, ({ beginMs }) => beginMs, bulkLimitMs),
      median("  burst, from its last file on", "after", rounds, ({ madeMs }) => madeMs, bulkLimitMs),
      ...readings,
    ];
  },
};

async function one(session: Session, files: number, limitMs: number, seed: number): Promise<Round> {
  const from = join(session.source, name);
  const random = new Random(3 + seed);
  const beginMs = performance.now();
  let madeMs = beginMs;
  session.change(() => {
    makeTree(from, { files, filesPerDirectory: files, bytes: smallFileBytes, random });
    madeMs = performance.now();
  });
  const expected = new ExpectedTree(from);
  const to = join(session.destination, name);
  return { beginMs, madeMs, seen: await session.wait(() => expected.isAt(to), limitMs) };
}

/** Takes it all away again. (The yardstick removes nothing.) */
async function removed(session: Session, limitMs: number): Promise<boolean> {
  session.change(() => rmSync(join(session.source, name), { recursive: true }));
  const to = join(session.destination, name);
  if (session.keepsRemoved) rmSync(to, { recursive: true });
  const seen = await session.wait(() => !existsSync(to), limitMs);
  await Bun.sleep(pauseMs);
  return typeof seen === "number";
}

/** Of the times from a moment of each round until all were there. */
function median(
  title: string,
  key: string,
  rounds: readonly Round[],
  from: (round: Round) => number,
  limitMs: number,
): Reading {
  const failed = rounds.find(({ seen }) => typeof seen === "string");
  if (failed !== undefined) return { ...timeReading(title, from(failed), failed.seen, limitMs), key };
  const raw = rounds.map((round) => Number(round.seen) - from(round));
  return { key, title, unit: "ms", value: percentile(raw, 50), raw };
}
