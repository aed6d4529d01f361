/** What cannot be read is not gone: it stays on the target, holds up nothing else, and is followed once it can be read. */
import { expect, test } from "bun:test";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { isWithin, type Path, root } from "../../src/core/path.ts";
import { noFaults } from "./faults.ts";
import { begin, mustSync, playMany, removedSince } from "./play.ts";
import type { Simulation } from "./scenario.ts";
import type { ReadFault } from "./sim-tree.ts";

test("what cannot be read stays on the target while work goes on elsewhere", async () => {
  // A third of them with a bad connection.
  await playMany(120, failToRead, (seed) => (seed % 3 === 0 ? { ...noFaults, call: 0.2 } : noFaults));
});

async function failToRead(simulation: Simulation): Promise<void> {
  await begin(simulation);
  const { random, source, time, readFaults } = simulation;
  let top: Path = "a";
  const fails = random.pick<Path>([root, "a", "a/1", "a/sub", "a/sub/1"]);
  // (With a root that cannot be looked at the mirror halts, which is another scenario's.)
  const fault: ReadFault = fails === root || random.chance(0.5) ? "list" : "look";
  readFaults.set(fails, fault);
  // (Of what cannot be looked at nobody can tell that it is what was at another place.)
  const canMove = fails !== root && !(fails === "a" && fault === "look");
  const doomed = ["c/1", "b/1", "b/sub/1"];
  const begun = simulation.trace.length;
  for (const path of doomed) {
    simulation.happen(
      await source.changedBy(() => {
        rmSync(`${source.directory}/${path}`);
        writeFileSync(`${source.directory}/d/${random.int(4)}`, path);
        // Changes also where nothing can be read now.
        if (random.chance(0.5)) writeFileSync(`${source.directory}/${top}/sub/${random.int(4)}`, path);
        if (random.chance(0.3) && canMove) moveTop(random.pick(["e", "c/e", "a"]));
      }),
      noFaults,
    );
    // Something tells of a change where there may be none.
    if (random.chance(0.5)) simulation.happen([{ path: nowAt(fails), scope: "tree" }], noFaults);
    if (random.chance(0.3)) simulation.happen([{ path: root, scope: "tree" }], noFaults);
    simulation.deliver(0.7);
    if (random.chance(0.2)) {
      simulation.crash();
      void simulation.start();
    }
    await time.advance(random.int(random.chance(0.3) ? 20_000 : 100));
  }
  if (simulation.scenario.rates.call === 0) {
    simulation.deliver();
    await time.advance(10_000);
    expect(simulation.halted).toBeNull();
    // One thing is in the way of the others only if they are in it.
    if (fails !== root) expect(removedSince(simulation, begun)).toEqual(new Set(doomed));
  }
  expect(removedSince(simulation, begun).difference(new Set(doomed))).toEqual(new Set());
  readFaults.clear();
  await mustSync(simulation);
  expect(removedSince(simulation, begun)).toEqual(new Set(doomed));

  function nowAt(path: Path): Path {
    return isWithin(path, "a") ? top + path.slice(1) : path;
  }

  function moveTop(to: Path): void {
    if (to === top) return;
    renameSync(`${source.directory}/${top}`, `${source.directory}/${to}`);
    top = to;
    readFaults.clear();
    readFaults.set(nowAt(fails), fault);
  }
}
