import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Step } from "../../src/core/operation.ts";
import { isWithin, type Path } from "../../src/core/path.ts";
import { segments } from "../../src/core/segments.ts";
import { entryOf } from "../helpers/model.ts";

const move = (from: Path, to: Path): Step => ({ do: "move", from, to });
const remove = (path: Path): Step => ({ do: "remove", path });
const makeDirectory = (path: Path): Step => ({ do: "make-directory", path, entry: entryOf("directory", 9) });
const setMode = (path: Path): Step => ({ do: "set-mode", path, mode: 0o755 });

const path = fc
  .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("/"));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(path, path).map(([from, to]) => move(from, to)),
  path.map(makeDirectory),
  fc.record({ do: fc.constantFrom("remove", "remove-tree", "remove-directory"), path }),
  path.map(setMode),
);
const steps = fc.array(step, { maxLength: 15 });

/** The path that a step puts something at, and the one that it makes free. */
const takenBy = (one: Step) => (one.do === "move" ? one.to : one.do === "make-directory" ? one.path : null);
const freedBy = (one: Step) =>
  one.do === "move" ? one.from : one.do.startsWith("remove") ? (one as { path: Path }).path : null;

describe("segments", () => {
  test("are the steps in their order, none empty", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const parts = segments(list);
        expect(parts.flat()).toEqual(list);
        for (const part of parts) expect(part.length).toBeGreaterThan(0);
      }),
    );
  });

  test("take no path that they made free", () => {
    fc.assert(
      fc.property(steps, (list) => {
        for (const part of segments(list)) {
          for (const [at, one] of part.entries()) {
            const freed = part.slice(0, at).map(freedBy);
            if (takenBy(one) !== null) expect(freed).not.toContain(takenBy(one));
          }
        }
      }),
    );
  });

  test("move no directory in which they put or changed something", () => {
    fc.assert(
      fc.property(steps, (list) => {
        for (const part of segments(list)) {
          for (const [at, one] of part.entries()) {
            if (one.do !== "move") continue;
            for (const before of part.slice(0, at)) {
              const touched = before.do === "set-mode" ? before.path : takenBy(before);
              expect(touched !== null && isWithin(touched, one.from)).toBe(false);
            }
          }
        }
      }),
    );
  });

  test("of nothing are none", () => {
    expect(segments([])).toEqual([]);
  });

  test("of plain renames, removals and new directories are one", () => {
    const list = [makeDirectory("d"), move("a", "d/a"), move("b", "d/b"), remove("c"), setMode("d")];
    expect(segments(list)).toEqual([list]);
  });

  test("divide a swap before the name that it frees is taken", () => {
    const [park, first, second] = [move("a", "tmp"), move("b", "a"), move("tmp", "b")];
    expect(segments([park, first, second])).toEqual([[park], [first], [second]]);
  });

  test("divide before a directory is made where something was removed", () => {
    expect(segments([remove("a"), makeDirectory("a")])).toEqual([[remove("a")], [makeDirectory("a")]]);
  });

  test("divide before a directory is moved that something was put into", () => {
    expect(segments([move("f", "d/f"), move("d", "e")])).toEqual([[move("f", "d/f")], [move("d", "e")]]);
  });
});

test("no segment is very long: what is under way takes memory, and is repeated if the connection is lost", () => {
  const steps = Array.from({ length: 12_000 }, (_, at): Step => ({ do: "remove", path: `f${at}` }));
  const parts = segments(steps);
  expect(parts.map((part) => part.length)).toEqual([5_000, 5_000, 2_000]);
  expect(parts.flat()).toEqual(steps);
});
