/** What a look saw as gone, and is back by the time that all events have been told, is not removed on the target. */
import { beforeEach, expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isFault } from "../../src/core/fault.ts";
import { join, type Path, root } from "../../src/core/path.ts";
import { makePlan } from "../../src/core/plan.ts";
import { Look } from "../../src/engine/look.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { Source } from "../../src/watch/source.ts";
import { tempDir } from "../helpers/process.ts";

let folder: string;
let source: Source;
let ledger: Ledger;

/** `file`, and `d` with `inner` in it, are held. */
beforeEach(() => {
  folder = tempDir("tsync-back-again-");
  source = new Source(folder);
  const opened = Ledger.open(":memory:");
  if (isFault(opened)) throw new Error(opened.message);
  ledger = opened;
  mkdirSync(`${folder}/d`);
  writeFileSync(`${folder}/d/inner`, "inner");
  writeFileSync(`${folder}/file`, "content");
  const hold = (path: Path) => {
    ledger.put(path, { ...source.look(path)!, doubt: "none" });
    const names = source.list(path);
    if (Array.isArray(names)) for (const name of names) hold(join(path, name));
  };
  hold(root);
});

/** The plan if `path` was looked at, then `comesBack`, and then the events were told. */
async function planAfter(path: Path, comesBack: () => void) {
  const target = { fresh: false, canMove: true };
  const look = new Look(
    source,
    ledger,
    async () => true,
    () => false,
    target,
  );
  await look.at(new Map([[path, "entry"]]));
  expect(look.finish().get(path)?.entry).toBeNull();
  comesBack();
  await look.addUnsettledMoves([path]);
  return makePlan(ledger, look.finish(), {
    delete: "tracked",
    canMove: true,
    adopt: false,
    unmovable: new Set(),
  });
}

test("a file that is written anew", async () => {
  rmSync(`${folder}/file`);
  const { steps, sends } = await planAfter("file", () => writeFileSync(`${folder}/file`, "new content"));
  // What is in it comes when it is settled.
  expect({ steps, sends }).toEqual({ steps: [], sends: [] });
});

test("the same file, moved away and back", async () => {
  renameSync(`${folder}/file`, `${folder}/away`);
  const { steps, sends } = await planAfter("file", () => renameSync(`${folder}/away`, `${folder}/file`));
  expect({ steps, sends }).toEqual({ steps: [], sends: [] });
});

test.each(["made anew", "moved away and back"])("a directory %s is looked into", async (how) => {
  if (how === "made anew") rmSync(`${folder}/d`, { recursive: true });
  else renameSync(`${folder}/d`, `${folder}/away`);
  const { steps, sends, lookAgain } = await planAfter("d", () => {
    if (how === "made anew") mkdirSync(`${folder}/d`);
    else renameSync(`${folder}/away`, `${folder}/d`);
  });
  expect({ steps, sends }).toEqual({ steps: [], sends: [] });
  expect(lookAgain).toContain("d");
});

test("another file that is moved there takes its place in one go", async () => {
  rmSync(`${folder}/file`);
  const { steps } = await planAfter("file", () => renameSync(`${folder}/d/inner`, `${folder}/file`));
  expect(steps).toEqual([{ do: "move", from: "d/inner", to: "file" }]);
});

test("what stays away is removed", async () => {
  rmSync(`${folder}/file`);
  const { steps } = await planAfter("file", () => {});
  expect(steps).toEqual([{ do: "remove", path: "file" }]);
});
