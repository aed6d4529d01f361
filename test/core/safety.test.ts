import { describe, expect, test } from "bun:test";
import { checkRoot, explainHalt, type Halt, isTooMuch, usualDeletionLimit } from "../../src/core/safety.ts";
import { entryOf } from "../helpers/model.ts";

const known = entryOf("directory", 7);
const noBirth = { ...known, birthMs: 0 };
const full = { root: known, isEmpty: false };

describe("checkRoot", () => {
  test("lets a root pass that is as it was, and any root at first", () => {
    expect(checkRoot(full, known, true)).toBeNull();
    expect(checkRoot(full, null, false)).toBeNull();
    expect(checkRoot({ root: known, isEmpty: true }, null, false)).toBeNull();
  });

  test("lets a root pass whose mode, owner and time changed", () => {
    const now = { ...known, mode: 0o700, uid: 5, mtimeMs: 99 };
    expect(checkRoot({ root: now, isEmpty: false }, known, true)).toBeNull();
  });

  test("halts if the root is gone or is no directory, even if nothing is held", () => {
    expect(checkRoot({ root: null, isEmpty: true }, known, true)).toBe("source-missing");
    expect(checkRoot({ root: null, isEmpty: true }, null, false)).toBe("source-missing");
    expect(checkRoot({ root: entryOf("symlink", 7), isEmpty: true }, known, true)).toBe("source-missing");
  });

  test("halts if the root cannot be read", () => {
    expect(checkRoot({ root: entryOf("problem", 0), isEmpty: true }, known, true)).toBe("source-unreadable");
  });

  test("halts if the root is another directory, on another device, or under a reused inode number", () => {
    for (const other of [{ ino: 8 }, { dev: 3 }, { birthMs: 2 }]) {
      expect(checkRoot({ root: { ...known, ...other }, isEmpty: false }, known, true)).toBe(
        "source-replaced",
      );
    }
  });

  test("takes another root if the target holds nothing yet", () => {
    expect(checkRoot({ root: entryOf("directory", 8), isEmpty: false }, known, false)).toBeNull();
  });

  test("halts if the root is empty but was not", () => {
    expect(checkRoot({ root: known, isEmpty: true }, known, true)).toBe("source-empty");
  });

  test("goes by the inode number where there are no birth times", () => {
    expect(checkRoot({ root: { ...noBirth, mtimeMs: 9 }, isEmpty: false }, noBirth, true)).toBeNull();
    expect(checkRoot({ root: { ...noBirth, ino: 8 }, isEmpty: false }, noBirth, true)).toBe(
      "source-replaced",
    );
    expect(checkRoot(full, noBirth, true)).toBe("source-replaced");
  });
});

test("explainHalt names the source, says that nothing was removed, and what to do", () => {
  const halts: readonly Halt[] = ["source-missing", "source-unreadable", "source-replaced", "source-empty"];
  for (const halt of halts) {
    const { message, hint } = explainHalt(halt, "/home/ann");
    expect(message).toContain("the source /home/ann ");
    expect(message).toContain("nothing was removed on the target");
    expect(hint).not.toBe("");
  }
});

describe("isTooMuch", () => {
  test("lets the larger of a number and a share pass", () => {
    expect(isTooMuch(1_000, 1_200, usualDeletionLimit)).toBe(false);
    expect(isTooMuch(1_001, 1_200, usualDeletionLimit)).toBe(true);
    expect(isTooMuch(2_500, 10_000, usualDeletionLimit)).toBe(false);
    expect(isTooMuch(2_501, 10_000, usualDeletionLimit)).toBe(true);
    expect(isTooMuch(0, 10_000, { count: 0, share: 0 })).toBe(false);
    expect(isTooMuch(1, 10_000, { count: 0, share: 0 })).toBe(true);
  });
});
