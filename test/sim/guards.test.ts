/** What nobody asked for is not removed: a source that goes away, and deletions that nobody saw. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { root } from "../../src/core/path.ts";
import { noFaults } from "./faults.ts";
import { begin, directories, mustSync, playMany, removedSince } from "./play.ts";
import type { Simulation } from "./scenario.ts";

/** Ways in which a source goes away; each returns how it comes back. */
const absences: ((simulation: Simulation) => () => void)[] = [
  function isGone({ source: { directory }, place }) {
    renameSync(directory, `${place}/away`);
    return () => renameSync(`${place}/away`, directory);
  },
  function isUnmounted({ source: { directory }, place }) {
    renameSync(directory, `${place}/away`);
    mkdirSync(directory);
    return () => {
      rmSync(directory, { recursive: true });
      renameSync(`${place}/away`, directory);
    };
  },
  function isReplaced(simulation) {
    const comeBack = absences[1]!(simulation);
    writeFileSync(`${simulation.source.directory}/NOT MOUNTED`, "");
    return comeBack;
  },
  function isEmptied({ source: { directory }, place }) {
    const names = readdirSync(directory);
    mkdirSync(`${place}/away`);
    for (const name of names) renameSync(`${directory}/${name}`, `${place}/away/${name}`);
    return () => {
      for (const name of names) renameSync(`${place}/away/${name}`, `${directory}/${name}`);
      rmSync(`${place}/away`, { recursive: true });
    };
  },
  function isUnreadable({ readFaults }) {
    readFaults.set(root, "look");
    return () => void readFaults.delete(root);
  },
];

describe("a source that goes away in the middle of work", () => {
  for (const [at, leave] of absences.entries()) {
    const name = leave.name.replace("is", "").toLowerCase();
    test(`and is ${name}, removes nothing`, async () => {
      await playMany(40, (simulation) => goAway(simulation, leave), ratesOf);
    });
    // A third of them with a bad connection.
    const ratesOf = (seed: number) => ((seed + at) % 3 === 0 ? { ...noFaults, call: 0.2 } : noFaults);
  }
});

/** Works, goes away in the middle of it for a short or a long time, and comes back; several times. */
async function goAway(simulation: Simulation, leave: (simulation: Simulation) => () => void): Promise<void> {
  await begin(simulation);
  const { time, random, source } = simulation;
  const doomed = ["b/1", "b/sub/1", "c/1"];
  const begun = simulation.trace.length;
  for (const path of doomed) {
    const work = () => {
      rmSync(`${source.directory}/${path}`);
      writeFileSync(`${source.directory}/d/${random.int(4)}`, path);
    };
    simulation.happen(await source.changedBy(work), noFaults);
    simulation.deliver(0.7);
    let comeBack = () => {};
    time.after(random.int(80), () => {
      comeBack = leave(simulation);
      const told = [root, ...directories, "a/1", "c/2"].filter(() => random.chance(0.3));
      for (const gone of told) simulation.happen([{ path: gone, scope: "tree" }], noFaults);
      simulation.deliver(0.7);
    });
    await time.advance(80);
    const isLong = random.chance(0.3);
    if (random.chance(0.2)) {
      simulation.crash();
      void simulation.start();
    }
    await time.advance(isLong ? 20_000 : random.int(60));
    if (isLong && simulation.scenario.rates.call === 0) expect(simulation.halted).not.toBeNull();
    comeBack();
    simulation.happen([{ path: root, scope: "tree" }], noFaults);
    await time.advance(random.int(3_000));
  }
  await mustSync(simulation);
  expect(simulation.halted).toBeNull();
  expect(removedSince(simulation, begun)).toEqual(new Set(doomed));
}
