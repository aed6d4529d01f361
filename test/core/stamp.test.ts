import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Entry, Kind } from "../../src/core/entry.ts";
import { stampOf, Tally } from "../../src/core/stamp.ts";

const entry: Entry = {
  kind: "file",
  mode: 0o644,
  size: 4096,
  mtimeMs: 1_700_000_000_123.4568,
  uid: 1000,
  gid: 100,
  dev: 0,
  ino: 2 ** 53 - 1,
  birthMs: 1_600_000_000_000.001,
  link: "",
};

test("each part of a name and an entry changes the stamp", () => {
  const stamp = stampOf("name", entry);
  expect(stampOf("name", { ...entry })).toBe(stamp);
  expect(stampOf("nama", entry)).not.toBe(stamp);
  const other: Entry = {
    kind: "directory" as Kind,
    mode: 0o645,
    size: 4097,
    mtimeMs: entry.mtimeMs + 0.001,
    uid: 1001,
    gid: 101,
    dev: 1,
    ino: 2 ** 53 - 2,
    birthMs: entry.birthMs + 0.001,
    link: "x",
  };
  for (const key of Object.keys(entry) as (keyof Entry)[])
    expect([key, stampOf("name", { ...entry, [key]: other[key] })]).not.toEqual([key, stamp]);
});

test("what ends a name is not the start of a link", () => {
  expect(stampOf("ab", { ...entry, link: "c" })).not.toBe(stampOf("a", { ...entry, link: "bc" }));
});

test("a stamp is a whole number of 52 bits", () => {
  fc.assert(
    fc.property(fc.string(), fc.double({ noNaN: true }), (name, mtimeMs) => {
      const stamp = stampOf(name.slice(0, 60), { ...entry, mtimeMs });
      expect(Number.isInteger(stamp) && stamp >= 0 && stamp < 2 ** 52).toBe(true);
    }),
  );
});

test("a tally does not depend on the order, and on every stamp", () => {
  const stamps = fc.array(fc.integer({ min: 0, max: 2 ** 52 - 1 }), { minLength: 1 });
  fc.assert(
    fc.property(stamps, (all) => {
      const tallyOf = (list: readonly number[]) => {
        const tally = new Tally();
        for (const stamp of list) tally.add(stamp);
        return tally;
      };
      expect(tallyOf(all).equals(tallyOf([...all].reverse()))).toBe(true);
      expect(tallyOf(all).equals(tallyOf(all.slice(1)))).toBe(false);
      expect(tallyOf(all).equals(tallyOf([(all[0]! + 1) % 2 ** 52, ...all.slice(1)]))).toBe(false);
    }),
  );
});
