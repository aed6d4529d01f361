/** A ledger that is damaged costs a comparison of everything, and nothing else. */
import { beforeEach, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { waitUntil } from "../helpers/process.ts";
import { diffTrees } from "../helpers/trees.ts";
import { makePlace, type Place, startWatch, tsync } from "../helpers/tsync.ts";

let place: Place;
beforeEach(() => {
  place = makePlace();
  for (const name of ["a", "b", "c"]) writeFileSync(join(place.source, name), name);
});

const sync = (...options: string[]) => tsync(place, ["sync", place.source, place.target, ...options]);
const isEqual = () => diffTrees(place.source, place.target).length === 0;

function ledger(name = "ledger.db"): string {
  const mirrors = join(place.env.XDG_STATE_HOME!, "tsync", "mirrors");
  return join(mirrors, readdirSync(mirrors)[0]!, name);
}

test("it is set aside, everything is compared, and only what differs is sent", async () => {
  await sync();
  writeFileSync(ledger(), `not a database ${"x".repeat(5_000)}`);
  rmSync(join(place.source, "b"));
  writeFileSync(join(place.source, "c"), "changed");
  for (const command of [["verify"], ["sync", "-n"]]) {
    const looked = await tsync(place, [...command, place.source, place.target]);
    expect(looked.stderr).toMatch(/warning: the ledger .* is damaged .*going on as if there were none/);
    expect(existsSync(ledger("ledger.db.damaged"))).toBe(false);
  }
  const { code, stderr } = await sync();
  expect(code).toBe(exitOk);
  expect(stderr).toMatch(
    /warning: the ledger .* is damaged \(file is not a database\); it is kept as .*\.damaged/,
  );
  expect(stderr).toMatch(/2 sent \(7 B of content\)/);
  // Nobody knows any more who put it there.
  expect(diffTrees(place.source, place.target)).toEqual([expect.stringMatching(/\bb\b/)]);
  expect(readFileSync(ledger("ledger.db.damaged"), "utf8")).toStartWith("not a database");
  expect((await sync()).stderr).not.toMatch(/warning/);
});

test("a watch that was killed, and whose log of the ledger is gone, starts over", async () => {
  const first = await startWatch(place);
  await waitUntil(isEqual, 20_000, 50);
  writeFileSync(join(place.source, "late"), "late");
  await waitUntil(isEqual, 20_000, 50);
  first.signal("SIGKILL");
  await first.exit;
  expect(existsSync(ledger("ledger.db-wal"))).toBe(true);
  rmSync(ledger("ledger.db-wal"));
  renameSync(join(place.source, "a"), join(place.source, "moved"));
  const second = await startWatch(place, ["--delete", "exact"]);
  expect(second.stderr).toMatch(/has lost its write-ahead log; it is kept as/);
  await waitUntil(isEqual, 20_000, 50);
  second.signal("SIGTERM");
  expect(await second.exit).toBe(exitOk);
});

test("a watch that was killed goes on with its ledger; a second one does not take it for damaged", async () => {
  const first = await startWatch(place);
  const other = await sync();
  expect(other.code).toBe(exitCodes.locked);
  first.signal("SIGKILL");
  await first.exit;
  renameSync(join(place.source, "a"), join(place.source, "moved"));
  const { code, stderr } = await sync();
  expect({ code, stderr }).toMatchObject({
    code: exitOk,
    stderr: expect.stringMatching(/: 1 moved \[moved\]/),
  });
  expect(stderr).not.toMatch(/warning/);
});

test("damage that nothing told of is found when it is read; the next start mends it", async () => {
  for (let i = 0; i < 300; i++) writeFileSync(join(place.source, `file-${i}`), "");
  await sync();
  const bytes = readFileSync(ledger());
  // All but the list of the tables.
  bytes.fill(0xa5, 4_096);
  writeFileSync(ledger(), bytes);
  const broken = await sync();
  expect(broken.code).toBe(exitCodes.ledger);
  expect(broken.stderr).toMatch(/error: the ledger cannot be used any more: .*; .*the next start checks it/);
  const { code, stderr } = await sync();
  expect({ code, stderr }).toMatchObject({
    code: exitOk,
    stderr: expect.stringMatching(/is damaged .*kept as/),
  });
  expect(isEqual()).toBe(true);
});
