/** Failing paths are tried at their time, and are not taken to work before they were. */
import { expect, test } from "bun:test";
import { FailingPaths } from "../../src/engine/failing.ts";

test("what is asked for before its time waits, as does what is below it", () => {
  const failing = new FailingPaths({ random: () => 0 });
  const { retryMs } = failing.add("d", "not now", 1_000);
  failing.add("d/file", "not now", 0);
  failing.add("other", "not now", 0);
  const dueMs = 1_000 + retryMs;
  const early = failing.among(["d", "d/file", "other", "works"], dueMs - 1);
  expect([...early.due.keys()]).toEqual(["other"]);
  expect([...early.waiting]).toEqual([
    ["d", dueMs],
    ["d/file", dueMs],
  ]);
  expect(failing.waits("d/file/below", dueMs - 1)).toBe(true);
  expect([...failing.among(["d", "d/file"], dueMs).due.keys()]).toEqual(["d", "d/file"]);
  expect(failing.waits("d/file", dueMs)).toBe(false);
});
