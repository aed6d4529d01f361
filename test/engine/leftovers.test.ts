/** What transfers left that were killed is removed, and nothing else. */
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isFault } from "../../src/core/fault.ts";
import { fromText, root } from "../../src/core/path.ts";
import { removeLeftovers } from "../../src/engine/leftovers.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { systemClock } from "../../src/system/clock.ts";
import { LocalTarget } from "../../src/target/local.ts";
import { Source } from "../../src/watch/source.ts";
import { entryOf, held } from "../helpers/model.ts";
import { tempDir } from "../helpers/process.ts";

test("only temporary files of what was under way, and not if they are mirrored", async () => {
  const [from, to] = [tempDir("tsync-from-"), tempDir("tsync-to-")];
  const ledger = Ledger.open(":memory:");
  if (isFault(ledger)) throw new Error(ledger.message);
  const sent = (ino: number) => ({ ...held(entryOf("file", ino)), doubt: "transfer" as const });
  ledger.put(root, held(entryOf("directory", 1)));
  ledger.put("d", held(entryOf("directory", 2)));
  ledger.put("cut", sent(3));
  ledger.put("d/cut", { ...sent(4), doubt: "first-transfer" });
  ledger.put("done", held(entryOf("file", 5)));
  ledger.put(".cut.mirror", held(entryOf("file", 6)));
  mkdirSync(join(to, "d"));
  const gone = [".cut.a1B2c3", "d/.cut.zzzzzz"];
  const kept = [".done.a1B2c3", ".cut.mirror", ".cut.source", "cut.a1B2c3", "d/.other.zzzzzz", "d/.cut"];
  for (const name of [...gone, ...kept]) writeFileSync(join(to, name), "");
  mkdirSync(join(to, ".cut.folder"));
  writeFileSync(join(from, ".cut.source"), "");
  const target = new LocalTarget(fromText(to), fromText(from), true);
  expect(await target.connect()).toBeNull();
  const source = new Source(fromText(from));
  const sending = { parallel: 1, hardLinks: false };
  const result = await removeLeftovers(
    { ledger, source, target, sending, clock: systemClock },
    new Set(ledger.unfinished()),
  );
  if (isFault(result) || result === null) throw new Error("nothing was removed");
  // Their directories have other times now.
  expect([...result.stale].sort()).toEqual(["", "d"]);
  const left = readdirSync(to, { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => name !== "d").sort()).toEqual([...kept, ".cut.folder"].sort());
});
