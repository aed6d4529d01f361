import { expect, test } from "bun:test";
import { parseDeletionLimit } from "../../src/config/deletion-limit.ts";
import { usualDeletionLimit } from "../../src/core/safety.ts";

test("reads numbers, percentages and none", () => {
  expect(parseDeletionLimit(undefined)).toEqual(usualDeletionLimit);
  expect(parseDeletionLimit("50")).toEqual({ count: 50, share: 0 });
  expect(parseDeletionLimit("0")).toEqual({ count: 0, share: 0 });
  expect(parseDeletionLimit("12.5%")).toEqual({ count: 0, share: 0.125 });
  expect(parseDeletionLimit("none")).toEqual({ count: Number.POSITIVE_INFINITY, share: 1 });
});

test("refuses everything else", () => {
  for (const text of ["", "-1", "101%", "%", "1e3", "ten", "10 %"])
    expect([text, parseDeletionLimit(text)]).toEqual([text, null]);
});
