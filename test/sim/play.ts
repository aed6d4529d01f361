/** Scenarios with a script of their own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { type FaultRates, noFaults } from "./faults.ts";
import { type LifeOptions, type Simulation, simulate } from "./scenario.ts";

/** The directories of the source that `begin` makes, with four files in each. */
export const directories = ["a", "a/sub", "b", "b/sub", "c", "d"];
const files = ["1", "2", "3", "4"];

/** Plays `script` once for each seed from 1 to `count`; what it throws tells the seed. */
export async function playMany(
  count: number,
  script: (simulation: Simulation) => Promise<void>,
  ratesOf: (seed: number) => FaultRates = () => noFaults,
): Promise<void> {
  for (let seed = 1; seed <= count; seed++) {
    await simulate({ seed, steps: 0, rates: ratesOf(seed) }, async (simulation) => {
      try {
        await script(simulation);
      } catch (error) {
        const trace = simulation.trace.slice(-30).join("\n  ");
        throw new Error(`seed ${seed}: ${(error as Error).message}\nthe target, at last:\n  ${trace}`);
      }
      return [];
    });
  }
}

/** Starts tsync on a source with `directories`, and waits until the target is in sync. */
export async function begin(simulation: Simulation, options?: LifeOptions): Promise<void> {
  const { directory } = simulation.source;
  await simulation.source.changedBy(() => {
    for (const name of directories) {
      mkdirSync(`${directory}/${name}`);
      for (const file of files) writeFileSync(`${directory}/${name}/${file}`, `${name}/${file}`);
    }
  });
  void simulation.start(options);
  simulation.rates = noFaults;
  await mustSync(simulation);
  simulation.rates = simulation.scenario.rates;
}

/** Ends all faults; the target must then become as the source is. */
export async function mustSync(simulation: Simulation): Promise<void> {
  simulation.rates = noFaults;
  simulation.cutOff(0);
  simulation.deliver();
  const wrong = (await simulation.quiet()) ? [] : ["it never comes to rest"];
  wrong.push(...simulation.check(), ...simulation.differences());
  if (wrong.length > 0) throw new Error(wrong.slice(0, 10).join("\n"));
}

/** What was removed on the target, of what the trace tells from `since` on. */
export function removedSince(simulation: Simulation, since: number): Set<string> {
  const removals = simulation.trace.slice(since).filter((line) => line.startsWith("remove"));
  return new Set(removals.map((line) => line.slice(line.indexOf(" ") + 1)));
}
