import { describe, expect, test } from "bun:test";
import { compareInTree, isSameFinding, judge, type Listed } from "../../src/core/drift.ts";
import { entryOf } from "../helpers/model.ts";

const file = entryOf("file", 1);
const there: Listed = { kind: "file", mode: 0o644, size: 3 };

describe("judge", () => {
  test.each([
    ["nothing on either side", null, null, undefined, null],
    ["on the target only", null, there, undefined, { is: "extra", path: "p" }],
    ["on the source only", file, null, "new", { is: "missing", path: "p" }],
    ["of a kind that the target does not take", file, null, undefined, { is: "missing", path: "p" }],
    ["equal", file, there, [], null],
    ["equal, and there only when it was compared", file, null, [], null],
    ["could not be compared", file, there, undefined, null],
  ] as const)("%s", (_, here, listed, compared, expected) => {
    expect(judge("p", here, listed, compared)).toEqual(expected);
  });

  test("what differs", () => {
    const different = { is: "different", path: "p", here: file, there } as const;
    expect(judge("p", file, there, ["mode"])).toEqual({ ...different, traits: ["mode"] });
    const directory: Listed = { ...there, kind: "directory" };
    const kind = { ...different, there: directory, traits: ["kind"] } as const;
    // rsync says "new" where it would replace, and nothing where it could not.
    expect(judge("p", file, directory, "new")).toEqual(kind);
    expect(judge("p", file, directory, undefined)).toEqual(kind);
    // A link to a file that a listing took for one.
    expect(judge("p", file, there, "new")).toEqual({ ...different, traits: ["kind"] });
  });
});

test("isSameFinding sees the target and the source change", () => {
  const one = judge("p", file, there, ["size"])!;
  expect(isSameFinding(one, judge("p", file, { ...there }, ["size"])!)).toBe(true);
  expect(isSameFinding(one, judge("p", file, there, ["mode"])!)).toBe(false);
  expect(isSameFinding(one, judge("p", file, { ...there, size: 4 }, ["size"])!)).toBe(false);
  expect(isSameFinding(one, judge("p", { ...file, mtimeMs: 5 }, there, ["size"])!)).toBe(false);
  expect(isSameFinding(one, judge("p", null, there, undefined)!)).toBe(false);
});

test("in the tree, what is in a directory comes directly behind it", () => {
  const paths = ["a", "a/b", "a/b/c", "a/b-", "a-", "a.b", "b"];
  expect([...paths].reverse().sort(compareInTree)).toEqual(paths);
});
