/** Waits after failures: longer each time, but not longer than needed. */
import { expect, spyOn, test } from "bun:test";
import { Fault } from "../../src/core/fault.ts";
import type { Report } from "../../src/engine/report.ts";
import { Retry } from "../../src/engine/retry.ts";
import { States } from "../../src/engine/state.ts";
import { thisMachine } from "../../src/engine/surroundings.ts";
import { systemClock } from "../../src/system/clock.ts";
import { Sleeper } from "../../src/system/sleeper.ts";
import type { Target } from "../../src/target/target.ts";

const fault = new Fault("connection", "it is away", "look after it", true);

/** What waits, with `listeners` to call when the target can be reached, and how long the waits were to be. */
function make() {
  const listeners = new Set<() => void>();
  const target = {
    onReachable(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Target;
  const reports: Report[] = [];
  const report = (report: Report) => void reports.push(report);
  const options = { ...thisMachine, name: "there", target, report };
  const sleeper = new Sleeper(systemClock);
  const states = new States(options);
  const waits = () => reports.flatMap((report) => (report.event === "disconnected" ? [report.retryMs] : []));
  return { retry: new Retry(options, sleeper, states), sleeper, states, listeners, waits };
}

test("a wait ends at once when the target can be reached, and says until when it was to last", async () => {
  const { retry, listeners, states, waits } = make();
  const begin = performance.now();
  for (let tries = 0; tries < 8; tries++) {
    const waiting = retry.wait(fault, () => false);
    expect(listeners.size).toBe(1);
    for (const listener of listeners) listener();
    await waiting;
    expect(listeners.size).toBe(0);
  }
  expect(performance.now() - begin).toBeLessThan(5_000);
  expect(waits().at(-1)).toBeGreaterThanOrEqual(30_000);
  const state = states.now!;
  if (state.state !== "backing-off") throw new Error(state.state);
  expect(state).toMatchObject({ reason: "it is away", hint: "look after it" });
  expect(state.untilMs - Date.now()).toBeGreaterThan(25_000);
});

test("waits are short again after something worked, or after the target was connected for long", async () => {
  const { retry, waits } = make();
  const fail = async () => {
    await retry.wait(fault, () => true);
    return waits().at(-1)!;
  };
  const failAfter = async (connectedMs: number) => {
    retry.connected();
    const clock = spyOn(performance, "now").mockReturnValue(performance.now() + connectedMs);
    try {
      return await fail();
    } finally {
      clock.mockRestore();
    }
  };
  for (let tries = 0; tries < 5; tries++) await fail();
  expect(await failAfter(1_000)).toBeGreaterThan(5_000);
  expect(await failAfter(60_000)).toBeLessThanOrEqual(500);
  for (let tries = 0; tries < 5; tries++) await fail();
  retry.reset();
  expect(await fail()).toBeLessThanOrEqual(500);
});
