/** Deletions that nobody saw are followed up to a limit; those that were seen, whatever their number. */
import { describe, expect, test } from "bun:test";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { noFaults } from "./faults.ts";
import { begin, mustSync, playMany, removedSince } from "./play.ts";
import type { Simulation } from "./scenario.ts";

/** Of the 30 entries that are held, the larger of the two: seven. */
const deletionLimit = { count: 5, share: 0.25 };
const [heldCount, deletionsMax] = [30, 7];

const unheard = { ...noFaults, event: 1 };

/** Ways in which nobody sees what is done to a source. */
const ways: ((simulation: Simulation, work: () => void) => Promise<void>)[] = [
  async function atTheStart(simulation, work) {
    simulation.crash();
    await simulation.source.changedBy(work);
    void simulation.start({ deletionLimit });
  },
  async function afterAnOverflow(simulation, work) {
    simulation.happen(await simulation.source.changedBy(work), unheard);
    simulation.deliver();
  },
  async function afterAReconnect(simulation, work) {
    const { source, time } = simulation;
    simulation.rates = { ...noFaults, call: 1 };
    const touch = () => writeFileSync(`${source.directory}/d/1`, "touched");
    simulation.happen(await source.changedBy(touch), noFaults);
    simulation.deliver();
    await time.advance(1_000);
    simulation.happen(await source.changedBy(work), unheard);
    simulation.deliver();
    simulation.rates = simulation.scenario.rates;
  },
];

/** Removes `count` random files; before that, a directory may move, and a file may come. Returns how to undo it. */
function destroy({ source: { directory }, random }: Simulation, count: number): () => void {
  const [from, to] = random.chance(0.5) ? ["a", random.pick(["e", "c/e"])] : ["a", "a"];
  renameSync(`${directory}/${from}`, `${directory}/${to}`);
  const files = [to, `${to}/sub`, "b", "b/sub", "c"].flatMap((at) => [1, 2, 3, 4].map((n) => `${at}/${n}`));
  const removed = Array.from({ length: count }, () => files.splice(random.int(files.length), 1)[0]!);
  for (const path of removed) rmSync(`${directory}/${path}`);
  if (random.chance(0.5)) writeFileSync(`${directory}/d/new`, "new");
  return () => {
    for (const path of removed) writeFileSync(`${directory}/${path}`, path);
  };
}

/** Removes the files that are in the directories `from`. */
function removal({ source: { directory } }: Simulation, ...from: string[]): () => void {
  return () => {
    for (const at of from) for (const n of [1, 2, 3, 4]) rmSync(`${directory}/${at}/${n}`);
  };
}

async function beginLimited(simulation: Simulation): Promise<void> {
  await begin(simulation, { deletionLimit });
}

describe("deletions that are found", () => {
  for (const way of ways) {
    const when = way.name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    test(`${when} are held to the limit`, async () => {
      await playMany(
        60,
        async (simulation) => {
          await beginLimited(simulation);
          const count = 1 + simulation.random.int(2 * deletionsMax);
          let restore = () => {};
          const begun = simulation.trace.length;
          await way(simulation, () => {
            restore = destroy(simulation, count);
          });
          await simulation.time.advance(10_000);
          simulation.rates = noFaults;
          await simulation.time.advance(60_000);
          const removed = removedSince(simulation, begun).size;
          if (count > deletionsMax) {
            expect(removed).toBeLessThanOrEqual(deletionsMax);
            expect(simulation.halted).toContain("nobody saw it go");
            if (simulation.random.chance(0.5)) {
              simulation.crash();
              void simulation.start({ deletionLimit, acceptDeletes: true });
            } else {
              simulation.happen(await simulation.source.changedBy(restore), noFaults);
            }
          } else expect(removed).toBe(count);
          await mustSync(simulation);
          expect(simulation.halted).toBeNull();
        },
        ratesOf,
      );
    });
  }
  // A third of them with a bad connection.
  const ratesOf = (seed: number) => (seed % 3 === 0 ? { ...noFaults, call: 0.3 } : noFaults);
});

test("what was deleted unseen in a directory that can be read only later is held to the limit as well", async () => {
  await playMany(10, async (simulation) => {
    await beginLimited(simulation);
    const { source, readFaults, time, random } = simulation;
    const begun = simulation.trace.length;
    simulation.crash();
    await source.changedBy(removal(simulation, "b", "b/sub"));
    readFaults.set("b", random.pick(["list", "look"]));
    void simulation.start({ deletionLimit });
    await time.advance(random.int(20_000));
    readFaults.clear();
    await time.advance(60_000);
    expect(removedSince(simulation, begun)).toEqual(new Set());
    expect(simulation.halted).toContain("nobody saw it go");
  });
});

test("deletions that were seen are followed, whatever their number", async () => {
  await playMany(20, async (simulation) => {
    await beginLimited(simulation);
    const work = () => void destroy(simulation, 20);
    simulation.happen(await simulation.source.changedBy(work), noFaults);
    simulation.deliver(0.5);
    await simulation.time.advance(simulation.random.int(100));
    await mustSync(simulation);
    expect(simulation.halted).toBeNull();
  });
});

test("so are those that were seen while everything is looked at, at a start or after the line was cut", async () => {
  await playMany(40, async (simulation) => {
    await beginLimited(simulation);
    const { source, time, random } = simulation;
    simulation.crash();
    void simulation.start({ deletionLimit });
    if (random.chance(0.5)) {
      simulation.rates = { ...noFaults, call: 1 };
      await source.changedBy(() => writeFileSync(`${source.directory}/d/1`, "touched"));
      await time.advance(random.int(2_000));
    } else await time.advance(random.int(100));
    simulation.happen(await source.changedBy(removal(simulation, "a", "a/sub", "b", "c")), noFaults);
    simulation.deliver();
    await mustSync(simulation);
    expect(simulation.halted).toBeNull();
  });
});

test("what else went with deletions that were seen counts all the same", async () => {
  await playMany(20, async (simulation) => {
    await beginLimited(simulation);
    const { source } = simulation;
    const begun = simulation.trace.length;
    simulation.happen(await source.changedBy(removal(simulation, "a")), noFaults);
    simulation.happen(await source.changedBy(removal(simulation, "b", "c")), unheard);
    simulation.deliver();
    await simulation.time.advance(60_000);
    expect(simulation.halted).toContain("nobody saw it go");
    expect([...removedSince(simulation, begun)].filter((path) => !path.startsWith("a/"))).toEqual([]);
  });
});

test("the limit is what it is taken for here", async () => {
  await playMany(1, async (simulation) => {
    await beginLimited(simulation);
    expect(simulation.held).toBe(heldCount);
    expect(Math.floor(heldCount * deletionLimit.share)).toBe(deletionsMax);
  });
});
