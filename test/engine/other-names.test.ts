/** What is written through one name of a file is seen at its other names, whatever became of that one meanwhile. */
import { beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, chmodSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Scope } from "../../src/core/aggregate.ts";
import { isFault } from "../../src/core/fault.ts";
import { join, type Path, root } from "../../src/core/path.ts";
import { Look } from "../../src/engine/look.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { Source } from "../../src/watch/source.ts";
import { tempDir } from "../helpers/process.ts";

let folder: string;
let source: Source;
let ledger: Ledger;

/** `file` and `d/other` are one file, and held; so is `alone`. */
beforeEach(() => {
  folder = tempDir("tsync-other-names-");
  source = new Source(folder);
  const opened = Ledger.open(":memory:");
  if (isFault(opened)) throw new Error(opened.message);
  ledger = opened;
  mkdirSync(`${folder}/d`);
  writeFileSync(`${folder}/file`, "content");
  writeFileSync(`${folder}/alone`, "alone");
  linkSync(`${folder}/file`, `${folder}/d/other`);
  const hold = (path: Path) => {
    ledger.put(path, { ...source.look(path)!, doubt: "none" });
    const names = source.list(path);
    if (Array.isArray(names)) for (const name of names) hold(join(path, name));
  };
  hold(root);
});

/** What a look at `dirty` finds. */
async function found(canMove: boolean, ...dirty: [Path, Scope][]): Promise<Path[]> {
  const look = new Look(
    source,
    ledger,
    async () => true,
    () => false,
    { fresh: false, canMove },
  );
  await look.at(new Map(dirty));
  return [...look.finish().keys()].sort();
}

describe.each([true, false])("on a target that can move: %p", (canMove) => {
  test("written, and still there", async () => {
    appendFileSync(`${folder}/d/other`, "more");
    expect(await found(canMove, ["d/other", "entry"])).toEqual(["d/other", "file"]);
  });

  test("written, then removed", async () => {
    appendFileSync(`${folder}/d/other`, "more");
    rmSync(`${folder}/d/other`);
    expect(await found(canMove, ["d/other", "entry"])).toEqual(["d/other", "file"]);
  });

  test("its mode set, then removed with its directory", async () => {
    chmodSync(`${folder}/d/other`, 0o600);
    rmSync(`${folder}/d`, { recursive: true });
    expect(await found(canMove, ["d/other", "entry"], ["d", "entry"])).toEqual(["d", "d/other", "file"]);
  });

  test("written, then replaced by another file", async () => {
    appendFileSync(`${folder}/d/other`, "more");
    renameSync(`${folder}/alone`, `${folder}/d/other`);
    expect(await found(canMove, ["d/other", "entry"])).toContain("file");
  });

  test("written, then renamed", async () => {
    appendFileSync(`${folder}/d/other`, "more");
    renameSync(`${folder}/d/other`, `${folder}/renamed`);
    expect(await found(canMove, ["renamed", "entry"])).toContain("file");
  });

  test("written through a name that is new", async () => {
    linkSync(`${folder}/file`, `${folder}/new`);
    appendFileSync(`${folder}/new`, "more");
    expect(await found(canMove, ["new", "entry"])).toEqual(["d/other", "file", "new"]);
  });

  test("written when one name had been looked at under its new name, and the other had not", async () => {
    renameSync(`${folder}/d/other`, `${folder}/renamed`);
    expect(await found(canMove, ["renamed", "entry"], ["d/other", "entry"])).toContain("renamed");
    appendFileSync(`${folder}/file`, "more");
    expect(await found(canMove, ["file", "entry"])).toEqual(["file"]);
    // Both are carried out: the one is moved, the other sent.
    ledger.move("d/other", "renamed");
    ledger.put("file", { ...source.look("file")!, doubt: "none" });
    // Of the second change there is an event that comes only now, by the name that was used.
    expect(await found(canMove, ["file", "entry"])).toEqual(["renamed"]);
  });

  test("removed alone: nothing else is to be seen", async () => {
    rmSync(`${folder}/d/other`);
    expect(await found(canMove, ["d/other", "entry"])).toEqual(["d/other"]);
  });
});
