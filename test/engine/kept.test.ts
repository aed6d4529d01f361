/** A directory that could not be removed yet is not forgotten. */
import { expect, test } from "bun:test";
import { isFault } from "../../src/core/fault.ts";
import type { Outcome, Step } from "../../src/core/operation.ts";
import { root } from "../../src/core/path.ts";
import { CarryOut } from "../../src/engine/carry-out.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { systemClock } from "../../src/system/clock.ts";
import type { Target } from "../../src/target/target.ts";
import { Source } from "../../src/watch/source.ts";
import { entryOf, held } from "../helpers/model.ts";
import { tempDir } from "../helpers/process.ts";

/** Removes `d/f` and `d` from a target that holds `d/f` and `d/g`; `ofFile` is what comes of the removal of `d/f`. */
async function removal(ofFile: Outcome, heldInIt: readonly string[]) {
  const ledger = Ledger.open(":memory:");
  if (isFault(ledger)) throw new Error(ledger.message);
  ledger.put(root, held(entryOf("directory", 1)));
  ledger.put("d", held(entryOf("directory", 2)));
  for (const [at, name] of heldInIt.entries()) ledger.put(`d/${name}`, held(entryOf("file", at + 3)));
  const outcomes: Outcome[] = [ofFile, { is: "kept" }];
  const target = {
    run: async (_: readonly Step[], report: (index: number, outcome: Outcome) => void) => {
      for (const [index, outcome] of outcomes.entries()) report(index, outcome);
      return null;
    },
  } as unknown as Target;
  const source = new Source(tempDir("tsync-kept-"));
  const carryOut = new CarryOut(target, ledger, source, systemClock, { parallel: 1, hardLinks: false });
  await carryOut.steps([
    { do: "remove", path: "d/f" },
    { do: "remove-directory", path: "d" },
  ]);
  return { ...carryOut.result, isHeld: ledger.get("d") !== null, isFileHeld: ledger.get("d/f") !== null };
}

test("something in it was refused: it fails as well, and has a next try of its own", async () => {
  const { failed, missed, done, isHeld } = await removal({ is: "failed", reason: "no permission" }, ["f"]);
  expect([...failed]).toEqual([
    ["d/f", "no permission"],
    ["d", "something in it could not be removed"],
  ]);
  expect({ missed, done, isHeld }).toEqual({ missed: [], done: [], isHeld: true });
});

test("something else that is held is in it: it is looked at again", async () => {
  const { failed, missed, isHeld } = await removal({ is: "done" }, ["f", "g"]);
  expect({ failed: failed.size, missed, isHeld }).toEqual({ failed: 0, missed: ["d"], isHeld: true });
});

test("only what is not held is in it: it is not tsync's any more", async () => {
  const { failed, missed, isHeld } = await removal({ is: "done" }, ["f"]);
  expect({ failed: failed.size, missed, isHeld }).toEqual({ failed: 0, missed: [], isHeld: false });
});

test("somebody else's directory in the place of a file is not tsync's", async () => {
  const { failed, missed, again, isFileHeld } = await removal({ is: "kept" }, ["f"]);
  expect({ failed: failed.size, missed, again, isFileHeld }).toEqual({
    failed: 0,
    missed: [],
    again: [],
    isFileHeld: false,
  });
});
