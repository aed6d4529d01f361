import { describe, expect, test } from "bun:test";
import { type Entry, identityKey, type Kind, sameContent, sameIdentity } from "../../src/core/entry.ts";
import { entryOf } from "../helpers/model.ts";

const kinds: readonly Kind[] = ["file", "directory", "symlink", "special"];
const without = (entry: Entry): Entry => ({ ...entry, birthMs: 0 });

describe("sameIdentity", () => {
  test("knows a file again after an edit, a chmod and a change of owner", () => {
    const edited = { ...entryOf("file", 7, 2), mode: 0o600, uid: 5, gid: 6 };
    expect(sameIdentity(entryOf("file", 7, 1), edited)).toBe(true);
  });

  test("tells inodes, devices and kinds apart", () => {
    const file = entryOf("file", 7);
    expect(sameIdentity(file, entryOf("file", 8))).toBe(false);
    expect(sameIdentity(file, { ...file, dev: 3 })).toBe(false);
    for (const kind of kinds) expect(sameIdentity(file, { ...file, kind })).toBe(kind === "file");
  });

  test("is not misled by an inode number that was used again", () => {
    const file = entryOf("file", 7);
    expect(sameIdentity(file, { ...file, birthMs: 2 })).toBe(false);
    expect(sameIdentity(file, { ...file, birthMs: file.birthMs + 0.001 })).toBe(false);
    expect(identityKey(file)).not.toBe(identityKey({ ...file, birthMs: 2 }));
  });

  test("without birth times takes equal size and time as well", () => {
    const file = without(entryOf("file", 7, 1));
    expect(sameIdentity(file, file)).toBe(true);
    expect(sameIdentity(file, { ...file, size: 2 })).toBe(false);
    expect(sameIdentity(file, { ...file, mtimeMs: 2 })).toBe(false);
    expect(sameIdentity(file, entryOf("file", 7, 1))).toBe(false);
  });

  test("without birth times knows no directory again", () => {
    const directory = without(entryOf("directory", 7));
    expect(sameIdentity(directory, directory)).toBe(false);
  });
});

describe("sameContent", () => {
  test("of files goes by size and time to a fraction of a millisecond", () => {
    const file = entryOf("file", 7);
    expect(sameContent(file, { ...file, ino: 8, mode: 0, uid: 9 })).toBe(true);
    expect(sameContent(file, { ...file, size: 2 })).toBe(false);
    expect(sameContent(file, { ...file, mtimeMs: file.mtimeMs + 0.001 })).toBe(false);
  });

  test("of symlinks is where they point, whatever their time", () => {
    const link = entryOf("symlink", 7);
    expect(sameContent(link, { ...link, mtimeMs: 9 })).toBe(true);
    expect(sameContent(link, { ...link, link: "elsewhere" })).toBe(false);
  });

  test("of specials is the device number, and that of directories is always the same", () => {
    const special = entryOf("special", 7);
    expect(sameContent(special, { ...special, mtimeMs: 9 })).toBe(true);
    expect(sameContent(special, { ...special, size: 9 })).toBe(false);
    expect(sameContent(entryOf("directory", 7, 1), entryOf("directory", 8, 2))).toBe(true);
  });

  test("of two kinds is never the same", () => {
    for (const a of kinds)
      for (const b of kinds) expect(sameContent(entryOf(a, 1), { ...entryOf(a, 1), kind: b })).toBe(a === b);
  });
});
