/**
 * A program that works on a tree together with others, until its input ends: `writer.ts KIND DIR SEED`. It tells
 * each operation on stderr, and how many there were on stdout at its end.
 */
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomWork } from "../helpers/random-work.ts";
import { Random } from "../helpers/trees.ts";

/** What a writer does next; the number of operations that it was. */
type Work = (dir: string, random: Random, tell: (text: string) => void) => number | Promise<number>;

/** Everything, in short bursts. */
const anything: Work = async (dir, random, tell) => {
  const count = 1 + random.int(random.chance(0.1) ? 40 : 4);
  await randomWork(dir, random, count, { shared: true, onOperation: tell });
  return count;
};

/** A log that grows line by line and is rotated now and then. */
const log: Work = (dir, random, tell) => {
  const rotates = random.chance(0.02);
  if (rotates) renameSync(`${dir}/log`, `${dir}/log.1`);
  appendFileSync(`${dir}/log`, `${"line ".repeat(1 + random.int(30))}\n`);
  if (rotates) tell("rotated log");
  return 1;
};

/** Unpacks a directory of many small files, moves it into place over the one before, and lets it be for a while. */
const unpack: Work = async (dir, random, tell) => {
  const [fresh, place] = [`${dir}/unpacked.new`, `${dir}/unpacked`];
  mkdirSync(fresh);
  const files = 20 + random.int(100);
  for (let n = 0; n < files; n++) {
    if (n % 10 === 0) mkdirSync(`${fresh}/${n}/deep`, { recursive: true });
    writeFileSync(`${fresh}/${n - (n % 10)}/deep/${n}`, random.bytes(random.int(3_000)));
  }
  rmSync(place, { recursive: true, force: true });
  renameSync(fresh, place);
  tell(`unpacked ${files} files`);
  await Bun.sleep(random.int(3_000));
  return files;
};

/** Each kind of writer, with the longest pause between two of its deeds, in ms. */
const kinds: Record<string, [Work, pauseMaxMs: number]> = {
  anything: [anything, 150],
  log: [log, 40],
  unpack: [unpack, 500],
};

const [kind = "", dir = "", seed = ""] = Bun.argv.slice(2);
const [work, pauseMaxMs] = kinds[kind]!;
const random = new Random(Number(seed));
const tell = (text: string) => console.error(`${new Date().toISOString()} ${text}`);
let ending = false;
process.stdin.on("end", () => {
  ending = true;
});
process.stdin.resume();

let operations = 0;
while (!ending) {
  try {
    operations += await work(dir, random, tell);
  } catch (error) {
    // Another writer was in the way.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  await Bun.sleep(random.int(pauseMaxMs));
}
console.log(operations);
process.exit(0);
