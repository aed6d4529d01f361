/** What is recorded of a file depends on how old its last change was when its transfer began, not when it was looked at. */
import { expect, test } from "bun:test";
import { utimesSync, writeFileSync } from "node:fs";
import { isFault } from "../../src/core/fault.ts";
import { root } from "../../src/core/path.ts";
import { CarryOut } from "../../src/engine/carry-out.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { SendReport, Target } from "../../src/target/target.ts";
import { Source } from "../../src/watch/source.ts";
import { entryOf, held } from "../helpers/model.ts";
import { tempDir } from "../helpers/process.ts";

/** When the work begins; the transfer begins a minute later. */
const beginMs = 1_700_000_000_000;
const transferMs = beginMs + 60_000;

/** The doubt with which a file is held that was changed at `mtimeMs`, and whether something is told to be racy. */
async function sentWith(mtimeMs: number) {
  const folder = tempDir("tsync-doubt-");
  writeFileSync(`${folder}/file`, "content");
  utimesSync(`${folder}/file`, mtimeMs / 1000, mtimeMs / 1000);
  const ledger = Ledger.open(":memory:");
  if (isFault(ledger)) throw new Error(ledger.message);
  ledger.put(root, held(entryOf("directory", 1)));
  let nowMs = beginMs;
  const report: SendReport = { failed: new Map(), missed: new Set(), contentBytes: 7 };
  const target = {
    run: async () => {
      nowMs = transferMs;
      return null;
    },
    send: async () => {
      nowMs += 60_000;
      return report;
    },
  } as unknown as Target;
  const source = new Source(folder);
  const clock = { nowMs: () => nowMs };
  const carryOut = new CarryOut(target, ledger, source, clock, { parallel: 1, hardLinks: false });
  await carryOut.steps([{ do: "remove", path: "before it" }]);
  await carryOut.sends([{ path: "file", entry: source.look("file")!, compare: "changed" }]);
  return { doubt: ledger.get("file")?.doubt, racy: carryOut.result.racy };
}

test.each([
  ["just before the transfer", transferMs - 10.5, "racy"],
  ["just before the transfer, by a coarse time stamp", transferMs - 1_000, "racy"],
  ["when the work began", beginMs + 0.5, "none"],
  ["long before the transfer", transferMs - 500.5, "none"],
  ["in the far future", transferMs + 3_600_000, "none"],
])("changed %s", async (_, mtimeMs, doubt) => {
  expect(await sentWith(mtimeMs)).toEqual({ doubt: doubt as "racy" | "none", racy: doubt === "racy" });
});
