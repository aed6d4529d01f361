/** A look hands over what it finds in parts, so that its memory is bounded however much differs. */
import { expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Scope } from "../../src/core/aggregate.ts";
import { isFault } from "../../src/core/fault.ts";
import { join, type Path, root } from "../../src/core/path.ts";
import type { Seen } from "../../src/core/seen.ts";
import { Look } from "../../src/engine/look.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { Source } from "../../src/watch/source.ts";
import { tempDir } from "../helpers/process.ts";

const partMax = 10_000;
const files = 12_000;

/** A source of two directories with many files, and a ledger that holds them all. */
function makeMirror() {
  const folder = tempDir("tsync-bounds-");
  const source = new Source(folder);
  const ledger = Ledger.open(":memory:");
  if (isFault(ledger)) throw new Error(ledger.message);
  mkdirSync(`${folder}/d`);
  mkdirSync(`${folder}/e`);
  for (let at = 0; at < files; at++) writeFileSync(`${folder}/d/${at}`, "");
  const hold = (path: Path) => {
    ledger.put(path, { ...source.look(path)!, doubt: "none" });
    const names = source.list(path);
    if (Array.isArray(names)) for (const name of names) hold(join(path, name));
  };
  ledger.transaction(() => hold(root));
  return { folder, source, ledger };
}

/** Looks at all of it; returns the parts that were handed over, and what was left at the end. */
async function look({ source, ledger }: ReturnType<typeof makeMirror>) {
  const parts: Map<Path, Seen>[] = [];
  const takeNew = async (seen: Map<Path, Seen>) => {
    parts.push(seen);
    return true;
  };
  const one = new Look(source, ledger, takeNew, () => false, { fresh: false, canMove: true });
  await one.at(new Map([[root, "tree"]]));
  return { parts, rest: one.finish() };
}

test("changed files", async () => {
  const mirror = makeMirror();
  for (let at = 0; at < files; at++) writeFileSync(`${mirror.folder}/d/${at}`, "changed");
  const { parts, rest } = await look(mirror);
  expect(parts.map(({ size }) => size)).toEqual([partMax]);
  expect(rest.size).toBe(files - partMax);
});

test("new files in one directory", async () => {
  const mirror = makeMirror();
  for (let at = 0; at < files; at++) writeFileSync(`${mirror.folder}/e/${at}`, "new");
  const { parts, rest } = await look(mirror);
  expect(parts.map(({ size }) => size)).toEqual([partMax]);
  // And the time of their directory.
  expect(rest.size).toBe(files - partMax + 1);
});

test("what moved is not handed over before all of it is known", async () => {
  const mirror = makeMirror();
  for (let at = 0; at < files; at++) writeFileSync(`${mirror.folder}/d/${at}`, "changed");
  renameSync(`${mirror.folder}/d`, `${mirror.folder}/f`);
  rmSync(`${mirror.folder}/e`, { recursive: true });
  const { parts, rest } = await look(mirror);
  expect(parts).toEqual([]);
  expect([...rest.keys()].sort()).toEqual(["d", "e", "f"]);
});

test("a new directory is looked at once, however many events came from within", async () => {
  const { folder, source, ledger } = makeMirror();
  mkdirSync(`${folder}/new/deep`, { recursive: true });
  const dirty = new Map<Path, Scope>([["new", "tree"]]);
  for (let at = 0; at < 500; at++) {
    writeFileSync(`${folder}/new/deep/${at}`, "");
    dirty.set(`new/deep/${at}`, "entry");
  }
  const takeNew = async () => true;
  const one = new Look(source, ledger, takeNew, () => false, { fresh: false, canMove: true });
  await one.at(dirty);
  expect(one.finish().size).toBe(502);
  expect(one.entries).toBe(502);
});
