/** What is to be looked at again is not forgotten, where no event comes to help. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import type { Path } from "../../src/core/path.ts";
import { noFaults } from "./faults.ts";
import { begin, mustSync, playMany } from "./play.ts";
import type { Simulation } from "./scenario.ts";

/** Writes a file that has a given time then. */
function write(file: string, content: string, timeMs: number): void {
  writeFileSync(file, content);
  utimesSync(file, timeMs / 1000, timeMs / 1000);
}

test("`tsync sync` sends what changes while it is sent, or is not there for a moment", async () => {
  await playMany(40, async (simulation) => {
    await begin(simulation);
    simulation.crash();
    const { source, random, time } = simulation;
    const at = (path: Path) => `${source.directory}/${path}`;
    const files = ["a/1", "a/sub/1", "b/1", "c/1", "d/1"];
    await source.changedBy(() => {
      for (const path of files) writeFileSync(at(path), "changed");
    });
    let changesLeft = 3;
    simulation.onSent = (path) => {
      if (changesLeft === 0 || !files.includes(path) || !existsSync(at(path))) return;
      changesLeft--;
      if (random.chance(0.5)) write(at(path), "changed again", time.nowMs());
      else {
        const gone = random.pick(files.filter((file) => existsSync(at(file))));
        const away = `${simulation.place}/away${changesLeft}`;
        renameSync(at(gone), away);
        time.after(random.int(20), () => renameSync(away, at(gone)));
      }
    };
    expect(await syncOnce(simulation)).toBeNull();
    expect(simulation.differences()).toEqual([]);
  });
});

/** Runs `tsync sync`, to its end. */
async function syncOnce(simulation: Simulation): Promise<unknown> {
  let end: unknown = "it does not end";
  void simulation.start({ once: true }).then((fault) => {
    end = fault;
  });
  await simulation.time.advance(60_000);
  return end;
}

test("what somebody else did on the target is mended where tsync comes upon it", async () => {
  await playMany(60, async (simulation) => {
    await begin(simulation);
    const { source, target, random } = simulation;
    const [from, to] = random.pick([
      ["a", "e"],
      ["a/1", "c/e"],
      ["a/sub", "e"],
    ] as const);
    // What is to be moved is gone, or something is in its way, or both.
    const meddling = random.int(3);
    if (meddling !== 0) rmSync(`${target}/${from}`, { recursive: true });
    if (meddling !== 1) writeFileSync(`${target}/${to}`, "in the way");
    const move = () => renameSync(`${source.directory}/${from}`, `${source.directory}/${to}`);
    simulation.happen(await source.changedBy(move), noFaults);
    await mustSync(simulation);
  });
});

test("of a long look that was broken off the rest is looked at", async () => {
  await playMany(1, async (simulation) => {
    const { source, time } = simulation;
    // More than is gathered before it is handed over.
    await source.changedBy(() => {
      for (let n = 0; n < 10_100; n++) mkdirSync(`${source.directory}/${n}`);
    });
    void simulation.start();
    while (!simulation.trace.at(-1)?.endsWith("connect")) await time.advance(1);
    simulation.rates = { ...noFaults, call: 1 };
    await time.advance(1_000);
    await mustSync(simulation);
  });
});

test("what was refused on the target, or not readable, is tried again without an event", async () => {
  await playMany(60, async (simulation) => {
    await begin(simulation);
    const { source, random, time, readFaults } = simulation;
    const fails = random.pick<Path>(["a", "a/1", "a/sub", "b/2"]);
    readFaults.set(fails, random.chance(0.5) ? "list" : "look");
    simulation.happen([{ path: fails, scope: "tree" }], noFaults);
    simulation.rates = { ...noFaults, call: 0.3 };
    const alsoFails = random.int(8);
    for (let round = 0; round < 4; round++) {
      const work = () => {
        writeFileSync(`${source.directory}/${random.pick(["b", "c"])}/${random.int(4)}`, `${round}`);
        renameSync(`${source.directory}/d`, `${source.directory}/d${round}`);
        mkdirSync(`${source.directory}/d`);
      };
      simulation.happen(await source.changedBy(work), noFaults);
      // Then it waits for what it is in, too.
      if (round === alsoFails) {
        readFaults.set("a", "look");
        simulation.happen([{ path: "a", scope: "tree" }], noFaults);
      }
      // An event for what waits for its next try.
      if (random.chance(0.7)) simulation.happen([{ path: fails, scope: "entry" }], noFaults);
      simulation.deliver();
      await time.advance(random.int(random.chance(0.3) ? 10_000 : 300));
    }
    readFaults.clear();
    await time.advance(random.int(3_000));
    await mustSync(simulation);
  });
});

test("a change within the same time stamp is sent, however late its event comes", async () => {
  await playMany(100, async (simulation) => {
    await begin(simulation);
    const { source, random, time } = simulation;
    const file = `${source.directory}/a/1`;
    const event = [{ path: "a/1", scope: "entry" }] as const;
    // A file system with coarse times, of two seconds at worst.
    const writtenMs = Math.floor(time.nowMs() / 1000) * 1000;
    write(file, "first ", writtenMs);
    simulation.happen(event, noFaults);
    simulation.deliver();
    await time.advance(random.int(1_500));
    write(file, "second", writtenMs);
    simulation.happen(event, noFaults);
    // It may come as late as the barrier.
    if (random.chance(0.7)) await time.advance(random.int(2_500));
    else await time.advance(10_000);
    await mustSync(simulation);
  });
});
