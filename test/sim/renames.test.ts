/** A moved entry costs nothing but the move: nothing is sent, and nothing removed. */
import { expect, test } from "bun:test";
import { renameSync } from "node:fs";
import { isWithin, join, nameOf, type Path, parentOf, root } from "../../src/core/path.ts";
import { snapshot } from "../helpers/trees.ts";
import { noFaults } from "./faults.ts";
import { begin, mustSync, playMany, removedSince } from "./play.ts";
import type { Simulation } from "./scenario.ts";

test("renames alone send and remove nothing, however late their events come", async () => {
  await playMany(100, renames);
});

/** How long it takes at most until a change is followed. */
const followMaxMs = 2_000;

async function renames(simulation: Simulation): Promise<void> {
  await begin(simulation);
  const { random, source, time } = simulation;
  const [sent, begun] = [simulation.contentBytes, simulation.trace.length];
  expect(sent).toBeGreaterThan(0);
  for (let round = 0; round < 5; round++) {
    const isSeen = random.chance(0.7);
    if (!isSeen) simulation.crash();
    const events = await source.changedBy(() => {
      // Renames that come faster than they are followed may hide behind each other.
      rename(simulation, `new${round}`);
    });
    if (isSeen) simulation.happen(events, noFaults);
    else void simulation.start();
    for (let part = 0; part < 3; part++) {
      simulation.deliver(0.4);
      await time.advance(random.int(60));
    }
    // What comes later than that may come after all that the target was asked.
    if (random.chance(0.5)) simulation.deliver();
    await time.advance(followMaxMs);
    simulation.deliver();
    await time.advance(followMaxMs);
  }
  await mustSync(simulation);
  expect(simulation.contentBytes).toBe(sent);
  expect(removedSince(simulation, begun)).toEqual(new Set());
  expect(simulation.moved).toBeGreaterThan(2);
}

/** Moves something to another name or another directory, or swaps two entries. */
function rename({ source: { directory }, random }: Simulation, name: string): void {
  const tree = snapshot(directory);
  const paths = [...tree.keys()];
  const from = random.pick(paths);
  const move = (a: Path, b: Path) => renameSync(`${directory}/${a}`, `${directory}/${b}`);
  const apart = paths.filter((path) => !isWithin(path, from) && !isWithin(from, path));
  if (random.chance(0.3) && apart.length > 0) {
    const other = random.pick(apart);
    const aside = join(parentOf(from), name);
    move(from, aside);
    move(other, from);
    move(aside, other);
    return;
  }
  const directories = paths.filter((path) => tree.get(path)!.startsWith("dir") && !isWithin(path, from));
  move(
    from,
    join(random.pick([root, ...directories]), random.chance(0.5) ? name : `${name} ${nameOf(from)}`),
  );
}
