import { expect, test } from "bun:test";
import { isBeyond } from "../../src/core/size-limits.ts";

const limits = { minBytes: 10, maxBytes: 20 };

test.each([
  [9, true],
  [10, false],
  [20, false],
  [21, true],
])("a file of %d bytes is beyond 10 to 20: %p", (size, beyond) => {
  expect(isBeyond(limits, { kind: "file", size })).toBe(beyond);
});

test("only files have a size that counts", () => {
  for (const kind of ["directory", "symlink", "special", "problem"] as const) {
    expect(isBeyond(limits, { kind, size: 0 })).toBe(false);
    expect(isBeyond(limits, { kind, size: 100 })).toBe(false);
  }
});
