import { describe, expect, test } from "bun:test";
import { bytes, count, counted, duration } from "../../src/cli/amounts.ts";

test("numbers have their thousands marked", () => {
  expect([0, 999, 1234, 1234567].map(count)).toEqual(["0", "999", "1,234", "1,234,567"]);
});

test("one is singular, all else is plural", () => {
  expect([0, 1, 2, 1000].map((value) => counted(value, "file"))).toEqual([
    "0 files",
    "1 file",
    "2 files",
    "1,000 files",
  ]);
  expect(counted(2, "directory", "directories")).toBe("2 directories");
});

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [100 * 1024, "100 KiB"],
    [123.4 * 1024 ** 2, "123 MiB"],
    [3 * 1024 ** 3, "3 GiB"],
    [5000 * 1024 ** 4, "5000 TiB"],
  ])("%d is %s", (value, text) => {
    expect(bytes(value)).toBe(text);
  });
});

describe("duration", () => {
  test.each([
    [0, "0 ms"],
    [12.4, "12 ms"],
    [999, "999 ms"],
    [1_000, "1 s"],
    [3_449, "3.4 s"],
    [60_000, "1 min"],
    [5.25 * 60_000, "5.3 min"],
  ])("%d ms are %s", (value, text) => {
    expect(duration(value)).toBe(text);
  });
});
