import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { backoffMs, connectionBackoff, pathBackoff } from "../../src/core/backoff.ts";

const limits = { firstMs: 100, lastMs: 1_500 };

describe("backoffMs", () => {
  test("doubles from the first wait up to the last", () => {
    expect([1, 2, 3, 4, 5, 6].map((tries) => backoffMs(tries, limits, 0))).toEqual([
      100, 200, 400, 800, 1500, 1500,
    ]);
  });

  test("takes up to half off at random", () => {
    expect(backoffMs(1, limits, 0.5)).toBe(75);
    expect(backoffMs(1, limits, 0.999999)).toBe(50);
  });

  test("stays within its bounds for any number of tries", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), random, (tries, at) => {
        for (const bounds of [connectionBackoff, pathBackoff]) {
          const waitMs = backoffMs(tries, bounds, at);
          expect(waitMs).toBeGreaterThanOrEqual(bounds.firstMs / 2);
          expect(waitMs).toBeLessThanOrEqual(bounds.lastMs);
          if (tries > 20) expect(waitMs).toBeGreaterThanOrEqual(bounds.lastMs / 2);
        }
      }),
    );
  });
});
