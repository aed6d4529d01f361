/** The engine with its ledger, against random work, faults and crashes, on a clock that takes no time. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { diffTrees, snapshot } from "../helpers/trees.ts";
import { noFaults } from "./faults.ts";
import { scenarioOf, simulateMany } from "./run.ts";
import { type Simulation, simulate } from "./scenario.ts";

/** How many simulations are part of the suite; `npm run sim` does as many as you like. */
const count = 1_500;

test(`${count} scenarios end as they must`, async () => {
  const { failure, crashes, moved } = await simulateMany(1, count);
  expect(failure).toBeNull();
  // There was something to it.
  expect(crashes).toBeGreaterThan(count / 4);
  expect(moved).toBeGreaterThan(count);
}, 300_000);

test("the same seed does the same", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [first, second] = [await simulate(scenarioOf(seed)), await simulate(scenarioOf(seed))];
    expect(first.trace.length).toBeGreaterThan(20);
    expect(second.trace).toEqual(first.trace);
  }
});

/** Plays a scenario of its own, without faults. */
async function play(script: (simulation: Simulation) => Promise<void>, seed = 7): Promise<void> {
  await simulate({ seed, steps: 0, rates: noFaults }, async (simulation) => {
    await script(simulation);
    return [];
  });
}

/** A source with two directories and some files, in sync. */
async function begin(simulation: Simulation): Promise<void> {
  const { directory } = simulation.source;
  simulation.happen(
    await simulation.source.changedBy(() => {
      for (const name of ["a", "b"]) {
        mkdirSync(`${directory}/${name}`);
        for (const file of ["1", "2", "3"]) writeFileSync(`${directory}/${name}/${file}`, `${name}${file}`);
      }
    }),
    noFaults,
  );
  simulation.start();
  expect(await simulation.quiet()).toBe(true);
  expect(simulation.differences()).toEqual([]);
}

describe("without faults", () => {
  test("renames alone send nothing", async () => {
    for (let seed = 1; seed <= 100; seed++) await play(renames, seed);

    async function renames(simulation: Simulation) {
      await begin(simulation);
      const { directory } = simulation.source;
      const before = simulation.contentBytes;
      expect(before).toBeGreaterThan(0);
      const list: [string, string][] = [
        ["a", "c"],
        ["b/1", "c/one"],
        ["c/2", "b/1"],
        ["b", "c/b"],
      ];
      for (const [from, to] of list) {
        const rename = () => renameSync(`${directory}/${from}`, `${directory}/${to}`);
        simulation.happen(await simulation.source.changedBy(rename), noFaults);
        simulation.deliver();
        // Renames that come faster than they are followed may hide behind each other.
        await simulation.time.advance(1_000 + simulation.random.int(60));
      }
      expect(await simulation.quiet()).toBe(true);
      expect(simulation.differences()).toEqual([]);
      expect(simulation.contentBytes).toBe(before);
      expect(simulation.moved).toBeGreaterThan(2);
    }
  });

  test("a source that is no directory at the first start is followed once it is one", async () => {
    await play(async (simulation) => {
      const { directory } = simulation.source;
      rmdirSync(directory);
      writeFileSync(directory, "a file");
      simulation.start();
      await simulation.time.advance(10_000);
      expect(simulation.halted).toContain("is gone");
      rmSync(directory);
      mkdirSync(directory);
      simulation.happen(
        await simulation.source.changedBy(() => writeFileSync(`${directory}/file`, "")),
        noFaults,
      );
      simulation.deliver();
      expect(await simulation.quiet()).toBe(true);
      expect(simulation.halted).toBeNull();
      expect(simulation.differences()).toEqual([]);
    });
  });

  test("a source that is emptied empties nothing, also across a restart", async () => {
    await play(async (simulation) => {
      await begin(simulation);
      const { directory } = simulation.source;
      const held = snapshot(simulation.target);
      const away = `${simulation.place}/away`;
      mkdirSync(away);
      const names = readdirSync(directory);
      const empty = () => {
        for (const name of names) renameSync(`${directory}/${name}`, `${away}/${name}`);
      };
      simulation.happen(await simulation.source.changedBy(empty), noFaults);
      simulation.deliver();
      await simulation.time.advance(10_000);
      expect(simulation.halted).toContain("empty");
      simulation.crash();
      simulation.start();
      await simulation.time.advance(10_000);
      expect(simulation.halted).toContain("empty");
      expect(diffTrees(held, simulation.target, { mtimeOfDirectories: false })).toEqual([]);
      const fill = () => {
        for (const name of names) renameSync(`${away}/${name}`, `${directory}/${name}`);
      };
      simulation.happen(await simulation.source.changedBy(fill), noFaults);
      simulation.deliver();
      expect(await simulation.quiet()).toBe(true);
      expect(simulation.differences()).toEqual([]);
    });
  });
});
