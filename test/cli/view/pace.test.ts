import { expect, test } from "bun:test";
import { bytesPerSecond, leftMs, type Pace, paceOf, share, stalledMs } from "../../../src/cli/view/pace.ts";
import type { Progress } from "../../../src/engine/progress.ts";

const MiB = 1024 * 1024;
const of = (filesDone: number, bytesDone: number, more: Partial<Progress> = {}): Progress => ({
  filesDone,
  files: 1_000,
  bytesDone,
  bytes: 1_000 * MiB,
  isOpen: false,
  ...more,
});

/** The pace after a second at each of `steps`. */
function run(steps: readonly Progress[]): Pace {
  let pace: Pace | null = null;
  for (const [at, progress] of steps.entries()) pace = paceOf(progress, at * 1_000, pace);
  return pace!;
}

test("a steady rate is that rate, and tells what is left", () => {
  const steps = Array.from({ length: 11 }, (_, at) => of(at * 10, at * 10 * MiB));
  const pace = run(steps);
  expect(bytesPerSecond(pace)).toBeCloseTo(10 * MiB, 0);
  expect(leftMs(pace, steps.at(-1)!, 10_000)! / 1_000).toBeCloseTo(90, 0);
});

test("the last seconds weigh most", () => {
  const slow = Array.from({ length: 20 }, (_, at) => of(0, at * MiB));
  const fast = Array.from({ length: 20 }, (_, at) => of(0, (20 + at * 9) * MiB));
  const rate = bytesPerSecond(run([...slow, ...fast]))! / MiB;
  expect(rate).toBeGreaterThan(7.5);
  expect(rate).toBeLessThan(9);
});

test("small files count besides their bytes", () => {
  const small = { files: 10_000, bytes: 10_000 };
  const steps = Array.from({ length: 6 }, (_, at) => of(at * 100, at * 100, small));
  expect(leftMs(run(steps), steps.at(-1)!, 5_000)! / 1_000).toBeCloseTo(95, 0);
  expect(share(of(5_000, 5_000, small))).toBeCloseTo(0.5, 3);
});

test("nothing is told before it is known", () => {
  expect(bytesPerSecond(run([of(0, 0), of(0, MiB)]))).toBeNull();
  expect(leftMs(run([of(0, 0)]), of(0, 0), 0)).toBeNull();
  const open = { isOpen: true };
  expect(leftMs(run([of(0, 0, open), of(0, 1, open), of(0, 2, open)]), of(0, 2, open), 3_000)).toBeNull();
  expect(share(of(0, 2, open))).toBeNull();
});

test("no sign of progress is told after a while, and other work begins anew", () => {
  const pace = run([of(0, 0), of(0, MiB), of(0, 2 * MiB)]);
  expect(stalledMs(pace, 6_000)).toBeNull();
  expect(stalledMs(pace, 9_000)).toBe(7_000);
  expect(paceOf(of(0, 2 * MiB), 9_000, pace)).toBe(pace);
  expect(bytesPerSecond(paceOf(of(0, MiB), 10_000, pace))).toBeNull();
});
