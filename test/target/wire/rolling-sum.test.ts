/** The weak sum: however far it was rolled, it is that of the window. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { RollingSum, WeakFilter } from "../../../src/target/wire/rolling-sum.ts";
import { weakOf } from "./sums.ts";

const anyContent = fc
  .oneof(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 3_000 }))
  .map((content) => (typeof content === "number" ? Buffer.alloc(content, 0x80) : Buffer.from(content)));

const anyWindow = anyContent.chain((content) =>
  fc.record({ content: fc.constant(content), length: fc.integer({ min: 1, max: content.length }) }),
);

const signed = (content: Buffer) => new Int8Array(content.buffer, content.byteOffset, content.length);

test("rolled byte by byte, it is the sum of each window", () => {
  fc.assert(
    fc.property(anyWindow, ({ content, length }) => {
      const sum = new RollingSum(length);
      sum.start(signed(content), 0);
      for (let at = 0; ; at++) {
        const window = content.subarray(at, at + length);
        if (sum.value >>> 0 !== weakOf(window)) throw new Error(`at ${at}`);
        if (at === content.length - length) break;
        sum.roll(signed(content), at);
      }
    }),
  );
});

test("it stops at the first window whose sum is looked for, with its sum, or at the end", () => {
  fc.assert(
    fc.property(anyWindow, fc.nat(), fc.boolean(), ({ content, length }, chance, isWanted) => {
      const end = content.length - length;
      const wanted = chance % (end + 1);
      const sumAt = (at: number) => weakOf(content.subarray(at, at + length));
      const filter = new WeakFilter(1);
      if (isWanted) filter.add(sumAt(wanted) | 0);
      const sum = new RollingSum(length);
      sum.start(signed(content), 0);
      const found = sum.seek(signed(content), 0, end, filter);
      expect(sum.value >>> 0).toBe(sumAt(found));
      if (isWanted) expect(found).toBeLessThanOrEqual(wanted);
      else expect(found).toBe(end);
    }),
  );
});

test("a filter lets few others pass", () => {
  const filter = new WeakFilter(1_000);
  for (let weak = 0; weak < 1_000; weak++) filter.add(weak * 65_536);
  const bytes = new Int8Array(200_000).map((_, at) => (at * at * 7919) >> 5);
  const sum = new RollingSum(500);
  sum.start(bytes, 0);
  let passed = 0;
  for (let at = 0; at < 199_000; at++) {
    at = sum.seek(bytes, at, 199_000, filter);
    passed++;
    sum.roll(bytes, at);
  }
  expect(passed).toBeLessThan(199_000 / 20);
});
