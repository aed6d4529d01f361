/** Coalescing: one run at a time, nothing is lost, and what waits is one item. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { CoalescingQueue } from "../../src/hooks/queue.ts";

/** A queue of lists of numbers whose runs end when they are told to. */
function makeQueue() {
  const runs: { items: readonly number[]; end: () => void; signal: AbortSignal }[] = [];
  let open = 0;
  let openMost = 0;
  const queue = new CoalescingQueue<readonly number[]>(
    async (items, signal) => {
      openMost = Math.max(openMost, ++open);
      const { promise, resolve } = Promise.withResolvers<void>();
      runs.push({ items, end: resolve, signal });
      signal.addEventListener("abort", () => resolve());
      await promise;
      open--;
    },
    (older, newer) => [...older, ...newer],
  );
  return { queue, runs, openMost: () => openMost };
}

/** Lets all that is ready go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("whatever comes when, each item is in one run, in order, and runs do not overlap", async () => {
  const step = fc.constantFrom("offer", "end");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { queue, runs, openMost } = makeQueue();
      let offered = 0;
      let ended = 0;
      for (const what of steps) {
        if (what === "offer") queue.offer([offered++]);
        else if (ended < runs.length) runs[ended++]!.end();
        await settle();
        // What runs, and at most one that waits.
        const known = runs.flatMap(({ items }) => items);
        expect(known).toEqual(known.map((_, at) => at));
        expect(known.length === offered || ended < runs.length).toBe(true);
      }
      while (ended < runs.length) {
        runs[ended++]!.end();
        await settle();
      }
      await queue.idle;
      expect(runs.flatMap(({ items }) => items)).toEqual(Array.from({ length: offered }, (_, at) => at));
      expect(openMost()).toBeLessThanOrEqual(1);
    }),
    { numRuns: 200 },
  );
});

test("what comes while it runs is one more run", async () => {
  const { queue, runs } = makeQueue();
  for (const item of [1, 2, 3, 4]) queue.offer([item]);
  expect(runs.map(({ items }) => items)).toEqual([[1]]);
  runs[0]!.end();
  await settle();
  expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
  runs[1]!.end();
  await queue.idle;
});

test("a stop lets what runs and waits come to its end", async () => {
  const { queue, runs } = makeQueue();
  queue.offer([1]);
  queue.offer([2]);
  const stopped = queue.stop(60_000);
  runs[0]!.end();
  await settle();
  queue.offer([3]);
  runs[1]!.end();
  await settle();
  runs[2]!.end();
  await stopped;
  expect(runs.map(({ items, signal }) => [items, signal.aborted])).toEqual([
    [[1], true],
    [[2], true],
    [[3], true],
  ]);
});

test("what takes too long after a stop is broken off, and nothing else begins", async () => {
  const { queue, runs } = makeQueue();
  queue.offer([1]);
  queue.offer([2]);
  await queue.stop(1);
  queue.offer([3]);
  await queue.idle;
  expect(runs.map(({ items }) => items)).toEqual([[1]]);
});
