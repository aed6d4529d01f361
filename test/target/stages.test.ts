import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { pathOf, type Step } from "../../src/core/operation.ts";
import { isWithin } from "../../src/core/path.ts";
import { stages } from "../../src/target/stages.ts";
import { entryOf } from "../helpers/model.ts";

const make = (path: string): Step => ({ do: "make-directory", path, entry: entryOf("directory", 2) });
const remove = (path: string): Step => ({ do: "remove", path });
const removeDirectory = (path: string): Step => ({ do: "remove-directory", path });
const setMode = (path: string): Step => ({ do: "set-mode", path, mode: 0o700 });

describe("stages", () => {
  test("a tree is removed in as many as it is deep", () => {
    const steps = ["a/b/x", "a/y"].map(remove).concat(["a/b", "a"].map(removeDirectory), remove("z"));
    expect(stages(steps)).toEqual([[0, 1, 4], [2], [3]]);
  });

  test("directories within one another are made in one", () => {
    expect(stages(["a", "a/b", "a/b/c", "d"].map(make))).toEqual([[0, 1, 2, 3]]);
    expect(stages([make("a"), setMode("a"), make("a/b"), make("a/b/c")])).toEqual([[0], [1], [2, 3]]);
  });

  test("what is freed is taken later", () => {
    expect(stages([remove("a"), make("a"), remove("b")])).toEqual([[0, 2], [1]]);
  });

  test("steps that touch each other keep their order", () => {
    const path = fc
      .array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("/"));
    const step = fc.tuple(fc.constantFrom(make, remove, removeDirectory, setMode), path);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (list) => {
        const steps = list.map(([kind, at]) => kind(at));
        const found = stages(steps);
        const stageOf = (index: number) => found.findIndex((stage) => stage.includes(index));
        expect(found.flat().sort((a, b) => a - b)).toEqual(steps.map((_, index) => index));
        for (const [later, b] of steps.entries()) {
          for (const [earlier, a] of steps.slice(0, later).entries()) {
            const [above, below] = [isWithin(pathOf(b), pathOf(a)), isWithin(pathOf(a), pathOf(b))];
            if (!above && !below) continue;
            const together = above && !below && a.do === "make-directory" && b.do === "make-directory";
            if (together) expect(stageOf(earlier)).toBeLessThanOrEqual(stageOf(later));
            else expect(stageOf(earlier)).toBeLessThan(stageOf(later));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
