/** Runs many simulations, of every mix of faults. */
import { type FaultRates, noFaults } from "./faults.ts";
import { type Scenario, simulate } from "./scenario.ts";
import { describeFailure, shrink } from "./shrink.ts";

/** How a scenario's faults are mixed, by its seed. */
const mixes: readonly FaultRates[] = [
  noFaults,
  { call: 0.15, event: 0.05, crash: 0.1 },
  { call: 0.4, event: 0, crash: 0 },
  { call: 0, event: 0.3, crash: 0 },
  { call: 0.05, event: 0, crash: 0.5 },
];

/** The scenario with this seed. */
export function scenarioOf(seed: number): Scenario {
  return { seed, steps: 10, rates: mixes[seed % mixes.length]! };
}

/** What came of many simulations. */
export interface Summary {
  readonly count: number;
  readonly crashes: number;
  readonly moved: number;
  /** The first that went wrong, made as small as it gets, as text; null if none did. */
  readonly failure: string | null;
}

/** Simulates `count` scenarios from `seed` on; ends with the first that goes wrong. */
export async function simulateMany(seed: number, count: number): Promise<Summary> {
  let [crashes, moved] = [0, 0];
  for (let at = 0; at < count; at++) {
    const scenario = scenarioOf(seed + at);
    const outcome = await simulate(scenario);
    crashes += outcome.crashes;
    moved += outcome.moved;
    if (outcome.wrong.length > 0) {
      const failure = describeFailure(await shrink({ scenario, outcome }));
      return { count: at + 1, crashes, moved, failure };
    }
  }
  return { count, crashes, moved, failure: null };
}
