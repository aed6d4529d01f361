import { expect, test } from "bun:test";
import fc from "fast-check";
import { RateLimiter } from "../../src/core/rate-limit.ts";

const limits = { countMax: 3, windowMs: 1_000 };

test("lets the first of a kind through, and tells how many it held back", () => {
  const limiter = new RateLimiter(limits);
  expect([0, 1, 2, 3, 4].map((at) => limiter.allows("a", at))).toEqual([true, true, true, false, false]);
  expect(limiter.allows("b", 5)).toBe(true);
  expect(limiter.takeHeldBack(999).size).toBe(0);
  expect([...limiter.takeHeldBack(1_000)]).toEqual([["a", 2]]);
  expect(limiter.allows("a", 1_001)).toBe(true);
});

test("at the end tells all", () => {
  const limiter = new RateLimiter(limits);
  for (let at = 0; at < 5; at++) limiter.allows("a", 0);
  expect([...limiter.takeHeldBack(1, true)]).toEqual([["a", 2]]);
  expect(limiter.takeHeldBack(1, true).size).toBe(0);
});

test("what is let through and what is told make up all, at no more than the rate", () => {
  const step = fc.record({ afterMs: fc.nat(400), tells: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const limiter = new RateLimiter(limits);
      let nowMs = 0;
      const shownMs: number[] = [];
      let told = 0;
      for (const { afterMs, tells } of steps) {
        nowMs += afterMs;
        if (tells) told += limiter.takeHeldBack(nowMs).get("a") ?? 0;
        if (limiter.allows("a", nowMs)) shownMs.push(nowMs);
      }
      told += limiter.takeHeldBack(nowMs, true).get("a") ?? 0;
      expect(shownMs.length + told).toBe(steps.length);
      // Two windows may meet.
      for (const [at, ms] of shownMs.entries()) {
        const later = shownMs[at + 2 * limits.countMax];
        if (later !== undefined) expect(later - ms).toBeGreaterThanOrEqual(limits.windowMs);
      }
    }),
  );
});
