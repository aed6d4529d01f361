import { describe, expect, test } from "bun:test";
import {
  acknowledgeRecord,
  acknowledgeSend,
  acknowledgeStep,
  announceSend,
} from "../../src/core/acknowledge.ts";
import { type Entry, unknownTimeMs } from "../../src/core/entry.ts";
import type { Outcome, Send, Step } from "../../src/core/operation.ts";
import type { Path } from "../../src/core/path.ts";
import { entryOf, held, MemoryStore } from "../helpers/model.ts";

const file = entryOf("file", 10);
const directory = entryOf("directory", 11);
const done: Outcome = { is: "done" };

function storeWith(entries: Record<Path, Entry>): MemoryStore {
  const store = new MemoryStore();
  for (const [path, entry] of Object.entries(entries)) store.put(path, held(entry));
  return store;
}

/** The paths that are held after `step` ended as `outcome`. */
function pathsAfter(entries: Record<Path, Entry>, step: Step, outcome: Outcome, replayed = false): Path[] {
  const store = storeWith(entries);
  acknowledgeStep(store, step, outcome, replayed);
  return [...store.entries.keys()].slice(1).sort();
}

const send = (path: Path, entry: Entry): Send => ({ path, entry, compare: "changed" });

describe("acknowledgeStep", () => {
  const tree = { d: directory, "d/f": file, e: entryOf("directory", 12) };
  const move: Step = { do: "move", from: "d", to: "e/d" };
  const removeDirectory: Step = { do: "remove-directory", path: "d" };

  test("changes nothing for what failed, was skipped or found its place occupied", () => {
    const outcomes: Outcome[] = [{ is: "failed", reason: "no" }, { is: "skipped" }, { is: "occupied" }];
    for (const outcome of outcomes) {
      for (const step of [move, removeDirectory, { do: "set-mode", path: "d", mode: 0 }] as const) {
        const store = storeWith(tree);
        acknowledgeStep(store, step, outcome, false);
        expect(store.entries).toEqual(storeWith(tree).entries);
      }
    }
  });

  test("moves what was moved with all below it", () => {
    expect(pathsAfter(tree, move, done)).toEqual(["e", "e/d", "e/d/f"]);
  });

  test("forgets what a move replaced", () => {
    const entries = { a: file, b: entryOf("file", 20) };
    const store = storeWith(entries);
    acknowledgeStep(store, { do: "move", from: "a", to: "b" }, done, false);
    expect(store.get("a")).toBeNull();
    expect(store.get("b")).toEqual(held(file));
  });

  test("believes that a move was done before only when it is replayed", () => {
    expect(pathsAfter(tree, move, { is: "already" }, true)).toEqual(["e", "e/d", "e/d/f"]);
    expect(pathsAfter(tree, move, { is: "already" }, false)).toEqual(["e"]);
  });

  test("forgets what is neither at the old nor at the new place", () => {
    expect(pathsAfter(tree, move, { is: "missing" }, true)).toEqual(["e"]);
    expect(pathsAfter(tree, move, { is: "missing" }, false)).toEqual(["e"]);
  });

  test("forgets the times of both directories of a move, and of no other", () => {
    const store = storeWith({ ...tree, "e/x": directory, other: directory });
    acknowledgeStep(store, { do: "move", from: "d/f", to: "e/f" }, done, false);
    const times = ["d", "e", "e/x", "other"].map((path) => store.get(path)!.mtimeMs);
    expect(times).toEqual([unknownTimeMs, unknownTimeMs, directory.mtimeMs, directory.mtimeMs]);
  });

  test("holds a made directory as writable, with unknown time and owner", () => {
    const store = storeWith({ d: directory });
    const entry = { ...entryOf("directory", 30, 4, 0o555), uid: 5, gid: 6 };
    acknowledgeStep(store, { do: "make-directory", path: "d/n", entry }, done, false);
    expect(store.get("d/n")).toEqual({
      ...entry,
      mode: 0o755,
      mtimeMs: unknownTimeMs,
      uid: -1,
      gid: -1,
      doubt: "none",
    });
    expect(store.get("d")!.mtimeMs).toBe(unknownTimeMs);
  });

  test("sets the mode of what is held, and of nothing else", () => {
    const store = storeWith({ f: file });
    acknowledgeStep(store, { do: "set-mode", path: "f", mode: 0o600 }, done, false);
    acknowledgeStep(store, { do: "set-mode", path: "g", mode: 0o600 }, done, false);
    expect(store.get("f")).toEqual({ ...held(file), mode: 0o600 });
    expect(store.get("g")).toBeNull();
  });

  test("forgets what was removed, with all below it", () => {
    expect(pathsAfter(tree, { do: "remove", path: "d/f" }, done)).toEqual(["d", "e"]);
    expect(pathsAfter(tree, { do: "remove-tree", path: "d" }, done)).toEqual(["e"]);
  });

  test("gives up a directory that was kept for what others put there", () => {
    expect(pathsAfter({ d: directory }, removeDirectory, { is: "kept" })).toEqual([]);
  });

  test("goes on holding a directory that was kept for what could not be removed", () => {
    expect(pathsAfter(tree, removeDirectory, { is: "kept" })).toEqual(["d", "d/f", "e"]);
  });
});

describe("a send", () => {
  test("puts what it overwrites in doubt, as it was, until it is acknowledged", () => {
    const store = storeWith({ f: file });
    announceSend(store, send("f", entryOf("file", 10, 2)));
    expect(store.get("f")).toEqual({ ...file, doubt: "transfer" });
    acknowledgeSend(store, send("f", entryOf("file", 10, 2)), "none");
    expect(store.get("f")).toEqual(held(entryOf("file", 10, 2)));
  });

  test("of something new is in doubt from its announcement on", () => {
    const store = storeWith({});
    announceSend(store, send("f", file));
    expect(store.get("f")).toEqual({ ...file, doubt: "first-transfer" });
    // However often it is tried, there may be nothing of it.
    announceSend(store, send("f", entryOf("file", 10, 2)));
    expect(store.get("f")).toEqual({ ...file, doubt: "first-transfer" });
  });

  test("keeps the doubt that its acknowledgement comes with", () => {
    const store = storeWith({});
    acknowledgeSend(store, send("f", file), "racy");
    expect(store.get("f")!.doubt).toBe("racy");
  });

  test("of a file makes the time of its directory unknown, one of a directory does not", () => {
    const store = storeWith({ d: directory });
    acknowledgeSend(store, send("d/e", entryOf("directory", 12)), "none");
    expect(store.get("d")!.mtimeMs).toBe(directory.mtimeMs);
    acknowledgeSend(store, send("d/f", file), "none");
    expect(store.get("d")!.mtimeMs).toBe(unknownTimeMs);
  });
});

test("acknowledgeRecord takes over the identity and nothing else", () => {
  const store = storeWith({ d: directory });
  const now = { ...entryOf("directory", 77, 9, 0o700), dev: 3, birthMs: 5 };
  acknowledgeRecord(store, "d", now);
  expect(store.get("d")).toEqual({ ...held(directory), ino: 77, dev: 3, birthMs: 5 });
  acknowledgeRecord(store, "gone", now);
  expect(store.get("gone")).toBeNull();
});
