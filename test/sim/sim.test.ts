/** The engine with its ledger, against random work, faults and crashes, on a clock that takes no time. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { diffTrees, snapshot } from "../helpers/trees.ts";
import { noFaults } from "./faults.ts";
import { begin, playMany } from "./play.ts";
import { scenarioOf, simulateMany } from "./run.ts";
import { simulate } from "./scenario.ts";

/** How many simulations are part of the suite; `npm run sim` does as many as you like. */
const count = 1_200;

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

describe("without faults", () => {
  test("a source that is no directory at the first start is followed once it is one", async () => {
    await playMany(1, async (simulation) => {
      const { directory } = simulation.source;
      rmdirSync(directory);
      writeFileSync(directory, "a file");
      void simulation.start();
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
    await playMany(1, async (simulation) => {
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
      void simulation.start();
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
