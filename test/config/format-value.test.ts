import { expect, test } from "bun:test";
import fc from "fast-check";
import { formatValue } from "../../src/config/format-value.ts";
import { type OptionDef, settingOptions } from "../../src/config/options.ts";
import { type RawValue, readValue } from "../../src/config/values.ts";

test("a value is written so that it is read as the same", () => {
  const defs: OptionDef[] = [settingOptions.delay, settingOptions["max-size"], settingOptions.bwlimit];
  const value = fc.oneof(
    fc.integer({ min: 1024, max: 10 ** 12 }),
    fc
      .tuple(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(1024, 1000, 60_000, 1024 ** 3))
      .map(([a, b]) => a * b),
  );
  fc.assert(
    fc.property(fc.constantFrom(...defs), value, (def, number) => {
      fc.pre(number >= 1024);
      expect(readValue(def, formatValue(def, number) as RawValue)).toEqual({ value: number });
    }),
  );
});

test("the largest unit that fits is taken", () => {
  const { delay, bwlimit, port, identity } = settingOptions;
  const size = settingOptions["max-size"];
  expect([0, 1, 1000, 90_000, 120_000, 3_600_000].map((value) => formatValue(delay, value))).toEqual([
    "0ms",
    "1ms",
    "1s",
    "90s",
    "2m",
    "1h",
  ]);
  expect([0, 1000, 1024, 1536, 1024 ** 3].map((value) => formatValue(size, value))).toEqual([
    "0",
    "1000",
    "1K",
    "1536",
    "1G",
  ]);
  expect([2 * 1024 ** 2, 1025].map((value) => formatValue(bwlimit, value))).toEqual(["2M", "1025B"]);
  expect(formatValue(port, 22)).toBe(22);
  expect(formatValue(identity, ["a"])).toEqual(["a"]);
});
