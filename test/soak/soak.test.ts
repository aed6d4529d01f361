/** The soak in small: `npm run soak -- --minutes N --seed S` is the same for as long as you like. */
import { expect, test } from "bun:test";
import { told } from "./figures.ts";
import { soak } from "./run.ts";

test("several writers at once, every kind of fault, and in the end the targets are what the source is", async () => {
  const figures = await soak({
    seed: 36, // lost events come last, so that no restart heals what they break
    durationMs: 0,
    chaosMs: [9_000, 9_001],
    pauseShare: 0.2,
    convergeMaxMs: 60_000,
    progress: () => {},
  });
  console.log(told(figures));
  expect(figures.findings).toEqual([]);
  expect(figures.operations).toBeGreaterThan(300);
  expect(Math.min(...figures.faults.values())).toBeGreaterThan(0);
}, 180_000);
