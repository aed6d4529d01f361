/** The ledger against the map in memory that the planner's properties use. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Kind } from "../../src/core/entry.ts";
import type { Doubt, Held } from "../../src/core/held.ts";
import { isWithin, join, type Path, parentOf, root } from "../../src/core/path.ts";
import { stampOf, Tally } from "../../src/core/stamp.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { entryOf, MemoryStore } from "../helpers/model.ts";

type Call =
  | { do: "put"; at: Path; kind: Kind; ino: number; doubt: Doubt }
  | { do: "move"; at: Path; to: Path }
  | { do: "remove" | "reread"; at: Path };

const inoMax = 5;
const path = fc
  .array(fc.constantFrom("a", "b", "\xff'"), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("/"));
const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("put" as const),
      at: path,
      kind: fc.constantFrom<Kind>("directory", "directory", "file", "symlink"),
      ino: fc.integer({ min: 2, max: inoMax }),
      doubt: fc.constantFrom<Doubt>("none", "racy", "transfer", "first-transfer"),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("move" as const), at: path, to: path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("remove", "reread"), at: path }) },
);

/**
 * What a store must be able to do: nothing goes below what is no directory, a directory is removed before its name
 * holds something else and the other way round, nothing moves into or over itself.
 */
function isAllowed(store: MemoryStore, one: Call): boolean {
  const isDirectory = (at: Path) => store.get(at)?.kind === "directory";
  if (one.do === "put") {
    const there = store.get(one.at);
    const staysSo = there === null || (there.kind === "directory") === (one.kind === "directory");
    return isDirectory(parentOf(one.at)) && staysSo;
  }
  if (one.do !== "move") return true;
  if (store.get(one.at) === null || isWithin(one.to, one.at) || isWithin(one.at, one.to)) return false;
  return isDirectory(parentOf(one.to));
}

function apply(store: MemoryStore | Ledger, one: Call): void {
  if (one.do === "put") store.put(one.at, { ...entryOf(one.kind, one.ino), doubt: one.doubt });
  else if (one.do === "move") store.move(one.at, one.to);
  else if (one.do === "remove") store.remove(one.at);
  else {
    const known = store.get(one.at);
    if (known !== null) store.put(one.at, known);
  }
}

/** All that can be asked of a store, for the paths that the map holds. */
function answers(store: MemoryStore | Ledger, paths: Iterable<Path>): unknown {
  const fields = (held: Held | null) => {
    if (held === null) return null;
    const { kind, mode, size, mtimeMs, uid, gid, dev, ino, birthMs, link, doubt } = held;
    return [kind, mode, size, mtimeMs, uid, gid, dev, ino, birthMs, link, doubt];
  };
  const entries = [...paths].map((at) => {
    const children = [...store.children(at)].map(([name, child]) => [name, fields(child)]);
    return [at, fields(store.get(at)), children.sort()];
  });
  const found = [];
  for (let ino = 2; ino <= inoMax; ino++) {
    for (const kind of ["directory", "file", "symlink"] as const)
      found.push(store.find(entryOf(kind, ino)).sort());
  }
  return { entries, found };
}

/** The sums that are kept are those of what is held. */
function expectTallies(ledger: Ledger, paths: Iterable<Path>): void {
  for (const at of paths) {
    const counted = new Tally();
    for (const [name, held] of ledger.children(at))
      counted.add(held.doubt === "none" ? stampOf(name, held) : 0);
    expect([at, { ...ledger.tally(at) }]).toEqual([at, { ...counted }]);
  }
}

/** Calls that are one transaction; `undone`: it fails at its end. */
interface Group {
  readonly calls: readonly Call[];
  readonly undone: boolean;
}

test("a ledger answers as a map would, after any puts, moves and removals", () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40, size: "max" }), (calls) => {
      const store = new MemoryStore();
      const ledger = Ledger.open(":memory:") as Ledger;
      ledger.put(root, store.get(root)!);
      for (const one of calls) {
        if (!isAllowed(store, one)) continue;
        apply(store, one);
        apply(ledger, one);
      }
      const paths = new Set([root, ...store.entries.keys()]);
      for (const one of calls) paths.add(one.at).add(join(one.at, "a"));
      expect(answers(ledger, paths)).toEqual(answers(store, paths));
      expect(ledger.count()).toBe(store.entries.size - 1);
      expect(ledger.isEmpty()).toBe(store.entries.size === 1);
      expectTallies(ledger, paths);
      ledger.endRaces();
      expectTallies(ledger, paths);
      ledger.startOver("other");
      expectTallies(ledger, paths);
      ledger.close();
    }),
    { numRuns: 300, includeErrorInReport: true },
  );
});

test("transactions that fail leave nothing, also of the sums and of what is kept at hand", () => {
  const group: fc.Arbitrary<Group> = fc.record({
    calls: fc.array(call, { maxLength: 12 }),
    undone: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(group, { maxLength: 8, size: "max" }), (groups) => {
      const store = new MemoryStore();
      const ledger = Ledger.open(":memory:") as Ledger;
      ledger.put(root, store.get(root)!);
      const paths = new Set<Path>([root]);
      for (const { calls, undone } of groups) {
        const before = new Map(store.entries);
        const work = () => {
          for (const one of calls) {
            paths.add(one.at);
            if (!isAllowed(store, one)) continue;
            apply(store, one);
            apply(ledger, one);
          }
          if (undone) throw new Error("undone");
        };
        if (!undone) ledger.transaction(work);
        else {
          expect(() => ledger.transaction(work)).toThrow("undone");
          store.entries.clear();
          for (const [at, entry] of before) store.entries.set(at, entry);
        }
        expect(answers(ledger, paths)).toEqual(answers(store, paths));
        expectTallies(ledger, paths);
      }
      ledger.close();
    }),
    { numRuns: 200 },
  );
});
