/** The order of a list, and the forms of its entries. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeList, inOrder, type ListEntry } from "../../../src/target/wire/file-list.ts";
import { lists } from "./random-list.ts";
import { hexOf, listEntry } from "./support.ts";

const numbers = { owner: false, group: false, names: null };
const isDirectory = ({ kind }: ListEntry) => kind === "directory" || kind === "implied";

/**
 * The rule as it is told: names are compared part by part; at the first difference a file comes before a directory,
 * and of two alike the smaller name, a directory's with a slash behind it; a directory comes before what is in it.
 */
function compare(a: ListEntry, b: ListEntry): number {
  const [left, right] = [a.path.split("/"), b.path.split("/")];
  for (let depth = 0; ; depth++) {
    const [one, other] = [left[depth], right[depth]];
    if (one === undefined) return -1;
    if (other === undefined) return 1;
    if (one === other) continue;
    const oneIsDirectory = depth < left.length - 1 || isDirectory(a);
    const otherIsDirectory = depth < right.length - 1 || isDirectory(b);
    if (oneIsDirectory !== otherIsDirectory) return oneIsDirectory ? 1 : -1;
    const bytes = (name: string) => Buffer.from(oneIsDirectory ? `${name}/` : name, "latin1");
    return Buffer.compare(bytes(one), bytes(other));
  }
}

describe("the order", () => {
  test("is the one of the rule", () => {
    fc.assert(
      fc.property(lists, (entries) => {
        const ordered = inOrder(entries);
        for (let at = 1; at < ordered.length; at++)
          expect(compare(ordered[at - 1]!, ordered[at]!)).toBeLessThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test("has all that was given, and every directory above it, each once", () => {
    fc.assert(
      fc.property(lists, (entries) => {
        const ordered = inOrder(entries);
        const paths = ordered.map(({ path }) => path);
        expect(new Set(paths).size).toBe(paths.length);
        const given = new Map(entries.map((entry) => [entry.path, entry]));
        const above = new Set<string>();
        for (const path of given.keys()) {
          const parts = path.split("/");
          for (let depth = 1; depth < parts.length; depth++) above.add(parts.slice(0, depth).join("/"));
        }
        expect(new Set(paths)).toEqual(new Set([...given.keys(), ...above]));
        for (const entry of ordered) {
          const original = given.get(entry.path);
          if (original !== undefined) expect(entry).toBe(original);
          else expect(entry.kind).toBe("implied");
        }
      }),
    );
  });

  test("does not depend on the order that entries are given in", () => {
    fc.assert(
      fc.property(lists, (entries) => {
        const paths = (list: ListEntry[]) => inOrder(list).map(({ path }) => path);
        expect(paths([...entries].reverse())).toEqual(paths(entries));
      }),
    );
  });

  test("begins with the root", () => {
    const root = listEntry("", { kind: "directory" });
    expect(inOrder([listEntry("a"), root, listEntry("-")]).map(({ path }) => path)).toEqual(["", "-", "a"]);
  });

  test("of very many entries takes little time", () => {
    const entries = Array.from({ length: 100_000 }, (_, at) => listEntry(`d${at % 100}/e/f/${at * 7919}`));
    const start = performance.now();
    encodeList(inOrder(entries), numbers);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe("an entry", () => {
  const one = (given: Partial<ListEntry>, path = "f", options: Parameters<typeof encodeList>[1] = numbers) =>
    hexOf(encodeList([listEntry(path, given)], options));
  // Flags, length of the name, name.
  const file = "18 01 66";
  const mode = "a4 81 00 00";

  test("that is empty and of 1970", () => {
    expect(one({})).toBe(`${file} 00 00 00 00 00 00 00 ${mode} 00`);
  });

  test("of any size", () => {
    const size = (bytes: number) =>
      one({ size: bytes }).slice(file.length + 1, -` 00 00 00 00 ${mode} 00`.length);
    expect(size(300)).toBe("00 2c 01");
    expect(size(2 ** 23 - 1)).toBe("7f ff ff");
    expect(size(2 ** 23)).toBe("80 00 00 80");
    expect(size(2 ** 31)).toBe("c0 00 00 00 80");
    expect(size(2 ** 32)).toBe("c1 00 00 00 00");
    expect(size(2 ** 53)).toBe("f8 00 00 00 00 00 00 20");
    expect(size(Number.MAX_SAFE_INTEGER)).toBe("f8 ff ff ff ff ff ff 1f");
  });

  test("of any time", () => {
    const time = (given: Partial<ListEntry>) => one(given).slice(file.length + 10, -` ${mode} 00`.length);
    expect(time({ mtimeSeconds: 0x6b02e7f2 })).toBe("6b f2 e7 02");
    expect(time({ mtimeSeconds: 2 ** 31 })).toBe("80 00 00 00 80");
    expect(time({ mtimeSeconds: 2 ** 32 })).toBe("81 00 00 00 00");
    expect(time({ mtimeSeconds: -1 })).toBe("f8 ff ff ff ff ff ff ff ff");
  });
});
