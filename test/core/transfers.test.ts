import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Send } from "../../src/core/operation.ts";
import { transfers } from "../../src/core/transfers.ts";
import { entryOf } from "../helpers/model.ts";

const send = (path: string, bytes: number, ino: number): Send => ({
  path,
  entry: { ...entryOf("file", ino), size: bytes },
  compare: "changed",
});
const sends = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 2_000_000_000 }), fc.integer({ min: 1, max: 300 })), {
    maxLength: 500,
  })
  .map((files) => files.map(([bytes, ino], at) => send(`f${at}`, bytes, ino)));

describe("transfers", () => {
  test("have everything once, in bounded parts, and names of one file together", () => {
    fc.assert(
      fc.property(sends, fc.integer({ min: 1, max: 16 }), fc.boolean(), (all, parallel, together) => {
        const parts = transfers(all, parallel, together);
        expect(parts.flat().sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
          [...all].sort((a, b) => (a.path < b.path ? -1 : 1)),
        );
        if (!together) expect(parts.flat()).toEqual(all);
        for (const [at, part] of parts.entries()) {
          expect(part.length).toBeGreaterThan(0);
          const bytes = part.reduce((sum, { entry }) => sum + entry.size, 0);
          if (part.length > 1 && !together) expect(bytes).toBeLessThanOrEqual(1024 ** 3);
          const inodes = new Set(part.map(({ entry }) => entry.ino));
          for (const other of together ? parts.slice(at + 1) : [])
            expect(other.some(({ entry }) => inodes.has(entry.ino))).toBe(false);
        }
      }),
    );
  });

  test("little is one, much is as many as run at the same time", () => {
    const files = (count: number, bytes: number) =>
      Array.from({ length: count }, (_, at) => send(`f${at}`, bytes, at + 1));
    expect(transfers([], 4, false)).toEqual([]);
    expect(transfers(files(64, 100), 4, false)).toHaveLength(1);
    expect(transfers(files(5_000, 100), 1, false)).toHaveLength(1);
    expect(transfers(files(5_000, 100), 4, false).map((part) => part.length)).toEqual([
      1250, 1250, 1250, 1250,
    ]);
    expect(transfers(files(4, 10_000_000), 4, false)).toHaveLength(4);
    expect(transfers(files(20_001, 1), 1, false).map((part) => part.length)).toEqual([10_000, 10_000, 1]);
  });
});
