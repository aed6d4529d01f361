import { describe, expect, test } from "bun:test";
import { type Difference, difference } from "../../src/core/diff.ts";
import { type Entry, type Kind, unknownTimeMs } from "../../src/core/entry.ts";
import type { Held } from "../../src/core/held.ts";
import { entryOf, held } from "../helpers/model.ts";

const file = entryOf("file", 7);
const directory = entryOf("directory", 8);
const link = entryOf("symlink", 9);

/** How `entry` differs from its held form with the changes of `was`. */
function changed(entry: Entry, was: Partial<Held>): Difference {
  return difference({ ...held(entry), ...was }, entry);
}

describe("difference", () => {
  test("of what is held as it is on disk: none", () => {
    for (const entry of [file, directory, link, entryOf("special", 3)])
      expect(changed(entry, {})).toBe("same");
  });

  test("of what is not held: new", () => {
    expect(difference(null, file)).toBe("new");
  });

  test("of another kind under the same name: replaced", () => {
    const kinds: readonly Kind[] = ["file", "directory", "symlink", "special"];
    for (const before of kinds)
      for (const after of kinds)
        if (before !== after)
          expect(difference(held(entryOf(before, 7)), entryOf(after, 7))).toBe("replaced");
  });

  test("of another file under the same name: replaced, even with equal size and time", () => {
    expect(changed(file, { ino: 70 })).toBe("replaced");
    expect(changed(file, { birthMs: 2 })).toBe("replaced");
    expect(changed(link, { ino: 70 })).toBe("replaced");
  });

  test("of the same file with other size or time: content", () => {
    expect(changed(file, { size: 70 })).toBe("content");
    expect(changed(file, { mtimeMs: 70 })).toBe("content");
    expect(changed(link, { link: "elsewhere" })).toBe("content");
  });

  test("of a file that is in doubt: content", () => {
    expect(changed(file, { doubt: "racy" })).toBe("content");
    expect(changed(file, { doubt: "transfer" })).toBe("content");
  });

  test("of owner or group: attributes, also if the mode differs", () => {
    expect(changed(file, { uid: 5 })).toBe("attributes");
    expect(changed(file, { gid: 5, mode: 0o600 })).toBe("attributes");
    expect(changed(directory, { uid: -1 })).toBe("attributes");
  });

  test("of permission bits only: mode", () => {
    expect(changed(file, { mode: 0o600 })).toBe("mode");
    expect(changed(directory, { mode: 0o700 })).toBe("mode");
    expect(changed(directory, { mode: 0o1755 })).toBe("mode");
  });

  test("of a symlink's mode: none, as no system can set it", () => {
    expect(changed(link, { mode: 0o777 })).toBe("same");
  });

  test("of a symlink's or a directory's time: attributes", () => {
    expect(changed(link, { mtimeMs: 70 })).toBe("attributes");
    expect(changed(directory, { mtimeMs: unknownTimeMs })).toBe("attributes");
    expect(changed(directory, { doubt: "transfer" })).toBe("attributes");
  });

  test("of a directory made anew: only its identity", () => {
    expect(changed(directory, { ino: 80 })).toBe("identity");
    expect(changed(directory, { ino: 80, mode: 0o700 })).toBe("mode");
  });
});
