/** Steps whose acknowledgements were lost are repeated once, and never again. */
import { expect, test } from "bun:test";
import { isFault } from "../../src/core/fault.ts";
import type { Step } from "../../src/core/operation.ts";
import { root } from "../../src/core/path.ts";
import { CarryOut } from "../../src/engine/carry-out.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { systemClock } from "../../src/system/clock.ts";
import type { Target } from "../../src/target/target.ts";
import { Source } from "../../src/watch/source.ts";
import { entryOf, held } from "../helpers/model.ts";
import { tempDir } from "../helpers/process.ts";

const sending = { parallel: 1, hardLinks: false };

test("a replay of what is left of a segment leaves nothing in the journal", async () => {
  const ledger = Ledger.open(":memory:");
  if (isFault(ledger)) throw new Error(ledger.message);
  ledger.put(root, held(entryOf("directory", 1)));
  for (const [at, name] of ["a", "b", "c"].entries()) ledger.put(name, held(entryOf("file", at + 2)));
  const steps: Step[] = ["a", "b", "c"].map((name) => ({ do: "move", from: name, to: `${name}2` }));
  ledger.openJournal(steps);
  // The first one was acknowledged before the connection broke.
  ledger.closeJournal(0);
  const ran: Step[] = [];
  const target = {
    run: async (list: readonly Step[], report: (index: number, outcome: { is: "already" }) => void) => {
      for (const [index, step] of list.entries()) {
        ran.push(step);
        report(index, { is: "already" });
      }
      return null;
    },
  } as unknown as Target;
  expect(
    await new CarryOut(target, ledger, new Source(tempDir("tsync-replay-")), systemClock, sending).replay(),
  ).toBeNull();
  expect(ran).toEqual(steps.slice(1));
  expect(ledger.journal()).toEqual([]);
  expect([...ledger.children(root).keys()].sort()).toEqual(["a", "b2", "c2"]);
});
