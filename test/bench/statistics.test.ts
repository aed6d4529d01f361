import { expect, test } from "bun:test";
import { percentile, ratio } from "./statistics.ts";

test("a percentile is one of the values", () => {
  const values = [5, 1, 4, 2, 3];
  expect(percentile(values, 50)).toBe(3);
  expect(percentile(values, 99)).toBe(5);
  expect(percentile(values, 100)).toBe(5);
  expect(percentile(values, 20)).toBe(1);
  expect(percentile([7], 50)).toBe(7);
  expect(values).toEqual([5, 1, 4, 2, 3]);
});

test("of two values the lower one is the median", () => {
  expect(percentile([2, 1], 50)).toBe(1);
});

test("nothing has no percentile", () => {
  expect(percentile([], 50)).toBeNull();
});

test("a ratio needs two numbers and a base above 0", () => {
  expect(ratio(7, 2)).toBe(3.5);
  expect(ratio(0, 2)).toBe(0);
  expect(ratio(7, 0)).toBeNull();
  expect(ratio(null, 2)).toBeNull();
  expect(ratio(7, null)).toBeNull();
});
