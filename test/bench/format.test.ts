import { expect, test } from "bun:test";
import { formatBinary, formatRatio, formatTable, formatValue } from "./format.ts";

test("values come with their units, and as many digits as matter", () => {
  expect(formatValue(3.61, "ms")).toBe("3.6 ms");
  expect(formatValue(9.96, "ms")).toBe("10 ms");
  expect(formatValue(357.4, "ms")).toBe("357 ms");
  expect(formatValue(9999.4, "ms")).toBe("9999 ms");
  expect(formatValue(12_345, "ms")).toBe("12 s");
  expect(formatValue(999, "bytes")).toBe("999 B");
  expect(formatValue(1234, "bytes")).toBe("1.2 kB");
  expect(formatValue(10_500_000, "bytes")).toBe("11 MB");
  expect(formatValue(2_500_000_000, "bytes")).toBe("2.5 GB");
  expect(formatValue(123_456_789, "rate")).toBe("123 MB/s");
  expect(formatValue(10_000, "count")).toBe("10,000");
  expect(formatBinary(2 ** 28)).toBe("256 MiB");
  expect(formatBinary(2 ** 30)).toBe("1 GiB");
});

test("ratios", () => {
  expect(formatRatio(7.12)).toBe("7.1x");
  expect(formatRatio(23.4)).toBe("23x");
  expect(formatRatio(0.04)).toBe("0.04x");
});

test("a table is as wide as its cells", () => {
  const table = formatTable(
    ["what", "a", "b"],
    [
      ["x", "1 ms", "2"],
      ["longer", "3", ""],
    ],
  );
  expect(table).toBe("what       a  b\n------  ----  -\nx       1 ms  2\nlonger     3");
});
