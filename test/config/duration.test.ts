import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseDurationMs } from "../../src/config/duration.ts";

test.each([
  ["10ms", 10],
  ["0ms", 0],
  ["2s", 2_000],
  ["1.5m", 90_000],
  ["1h", 3_600_000],
  ["3", 3_000],
  ["0.25", 250],
])("%s is %d ms", (text, valueMs) => {
  expect(parseDurationMs(text)).toBe(valueMs);
});

test.each([
  "",
  "ms",
  "-1s",
  "+1s",
  "1 s",
  " 1s",
  "1s\n",
  "1.s",
  ".5s",
  "1e3",
  "0x10",
  "1d",
  "1S",
  "Infinity",
  "١s",
])("%j is no duration", (text) => {
  expect(parseDurationMs(text)).toBeNull();
});

test("any text is a duration of 0 or more, or none", () => {
  fc.assert(fc.property(fc.string(), (text) => expect(parseDurationMs(text) ?? 0).toBeGreaterThanOrEqual(0)));
});
