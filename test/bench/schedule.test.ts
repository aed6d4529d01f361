import { expect, test } from "bun:test";
import { type Choice, hasConnections, measures, plannedAt, roundTripsMs } from "./schedule.ts";
import { allTools } from "./tools/all.ts";

const whole = { quick: false, measures: measures.map(({ name }) => name), roundTripsMs: undefined };
const quick = { ...whole, quick: true };
const planned = (rttMs: number, choice: Choice) =>
  plannedAt(rttMs, allTools, choice).map(({ measure, tools }) => ({
    measure: measure.name,
    tools: tools.map(({ name }) => name),
  }));

test("a save is measured with every mirror at every round trip", () => {
  for (const rttMs of roundTripsMs) {
    const save = planned(rttMs, whole).find(({ measure }) => measure === "save");
    expect(save?.tools).toEqual(["tsync", "lsyncd", "loop", "unison", "syncthing"]);
  }
});

test("the yardstick has its own measures", () => {
  const all = roundTripsMs.flatMap((rttMs) => planned(rttMs, whole));
  const withRsync = all.filter(({ tools }) => tools.includes("rsync -a")).map(({ measure }) => measure);
  expect(new Set(withRsync)).toEqual(new Set(["burst", "delta", "large-files", "many-files"]));
});

test("a quick run takes fewer, and leaves others out where they take long", () => {
  expect(planned(20, quick)).toEqual([]);
  const sustained = planned(0, quick).find(({ measure }) => measure === "sustained");
  expect(sustained?.tools).toEqual(["tsync"]);
  expect(hasConnections(0, quick)).toBe(false);
  expect(hasConnections(0, whole)).toBe(true);
});

test("what is asked for is taken at the round trips that are asked for", () => {
  const asked = { quick: true, measures: ["renames"], roundTripsMs: [20] };
  expect(planned(20, asked).map(({ measure }) => measure)).toEqual(["renames"]);
  expect(planned(50, asked)).toEqual([]);
  expect(hasConnections(20, asked)).toBe(false);
});
