/** Finds a smaller scenario that still goes wrong: fewer steps, then fewer kinds of faults. */
import type { FaultRates } from "./faults.ts";
import { type Outcome, type Scenario, simulate } from "./scenario.ts";

/** A scenario that went wrong, and how. */
export interface Failure {
  readonly scenario: Scenario;
  readonly outcome: Outcome;
}

/** See above. */
export async function shrink(failure: Failure): Promise<Failure> {
  let smallest = failure;
  const attempt = async (scenario: Scenario) => {
    const outcome = await simulate(scenario);
    if (outcome.wrong.length === 0) return false;
    smallest = { scenario, outcome };
    return true;
  };
  for (let steps = 1; steps < failure.scenario.steps; steps++)
    if (await attempt({ ...failure.scenario, steps })) break;
  for (const kind of Object.keys(failure.scenario.rates) as (keyof FaultRates)[]) {
    const rates = { ...smallest.scenario.rates, [kind]: 0 };
    await attempt({ ...smallest.scenario, rates });
  }
  return smallest;
}

/** A failure as text: how to have it again, what was wrong, and the end of what the target was asked. */
export function describeFailure({ scenario, outcome }: Failure): string {
  const { seed, steps, rates } = scenario;
  return [
    `seed ${seed}, ${steps} steps, faults ${JSON.stringify(rates)}:`,
    ...outcome.wrong.slice(0, 10).map((line) => `  ${line}`),
    "the target, at last:",
    ...outcome.trace.slice(-30).map((line) => `  ${line}`),
  ].join("\n");
}
