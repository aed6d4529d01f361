import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fromText } from "../../src/core/path.ts";
import { Selection, wholeSource } from "../../src/watch/selection.ts";
import { entryOf } from "../helpers/model.ts";
import { tempDir } from "../helpers/process.ts";

const file = entryOf("file", 2);

test("with / as its root it reads the rules that are there, not those below the working directory", () => {
  const folder = tempDir("tsync-selection-");
  writeFileSync(`${folder}/.gitignore`, "*.o\n");
  const below = fromText(folder.slice(1));
  const selection = new Selection({ ...wholeSource, gitignore: true }, "");
  expect(selection.leavesOutAnywhere(`${below}/a.o`, file)).toBe(true);
  expect(selection.leavesOutAnywhere(`${below}/a.c`, file)).toBe(false);
  const oneFileSystem = new Selection({ ...wholeSource, oneFileSystem: true }, "");
  expect([oneFileSystem.isMounted("proc"), oneFileSystem.isMounted("")]).toEqual([true, false]);
});

test("the rules of a directory that is gone do not hold for the next one of its name", () => {
  const folder = tempDir("tsync-selection-");
  const selection = new Selection({ ...wholeSource, gitignore: true }, fromText(folder));
  mkdirSync(`${folder}/d`);
  writeFileSync(`${folder}/d/.gitignore`, "*.o\n");
  expect(selection.leavesOutAnywhere("d/a.o", file)).toBe(true);
  rmSync(`${folder}/d`, { recursive: true });
  selection.forget("d");
  mkdirSync(`${folder}/d`);
  expect(selection.leavesOutAnywhere("d/a.o", file)).toBe(false);
});
