import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  depthOf,
  display,
  fromText,
  isWithin,
  join,
  nameOf,
  type Path,
  parentOf,
  pathProblem,
  rebase,
  root,
  toBytes,
  toFs,
  toText,
} from "../../src/core/path.ts";

const byte = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
const name = fc
  .string({ unit: byte, minLength: 1, maxLength: 8 })
  .filter((text) => !text.includes("/") && text !== "." && text !== "..");
const path = fc.array(name, { maxLength: 5 }).map((parts) => parts.join("/"));
const realPath = path.filter((one) => one !== root);
const text = fc.string({ unit: "binary" });

describe("byte strings", () => {
  test("hold text as its UTF-8 bytes", () => {
    expect(fromText("é")).toBe("\xc3\xa9");
    expect(toText("\xc3\xa9")).toBe("é");
    expect([...toBytes(fromText("😀"))]).toEqual([0xf0, 0x9f, 0x98, 0x80]);
  });

  test("give every text back", () => {
    fc.assert(fc.property(text, (one) => expect(toText(fromText(one))).toBe(one)));
  });

  test("give every byte back", () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    expect(toBytes(all.toString("latin1"))).toEqual(all);
  });

  test("go to the file system as they are when ASCII, else as bytes", () => {
    expect(toFs("a b")).toBe("a b");
    expect(toFs("\xff")).toEqual(Buffer.from([0xff]));
  });
});

describe("pathProblem", () => {
  test("accepts the root, dots within names and all other bytes", () => {
    for (const one of ["", "a", "...", "a/..b/.c", "-", "\n", "\xff/\x01"])
      expect(pathProblem(one)).toBeNull();
    fc.assert(fc.property(path, (one) => expect(pathProblem(one)).toBeNull()));
  });

  test.each([
    ["..", 'has the part ".."'],
    ["a/../b", 'has the part ".."'],
    ["a/.", 'has the part "."'],
    ["a\0b", "has a NUL byte"],
    ["/a", "is absolute"],
    ["/", "is absolute"],
    ["a//b", "has an empty part"],
    ["a/", "has an empty part"],
  ])("refuses %j", (one, problem) => {
    expect(pathProblem(one)).toBe(problem);
  });

  test("refuses what is longer than the system takes", () => {
    expect(pathProblem("x".repeat(4096))).toBeNull();
    expect(pathProblem("x".repeat(4097))).toBe("is longer than 4096 bytes");
  });
});

describe("the parts of a path", () => {
  test("are its directory and its name, and join to it", () => {
    expect([parentOf("a/b/c"), nameOf("a/b/c"), parentOf("a"), nameOf("a")]).toEqual(["a/b", "c", "", "a"]);
    expect([parentOf(root), nameOf(root)]).toEqual([root, ""]);
    fc.assert(fc.property(realPath, (one) => expect(join(parentOf(one), nameOf(one))).toBe(one)));
    fc.assert(
      fc.property(path, name, (parent, child) => {
        expect([parentOf(join(parent, child)), nameOf(join(parent, child))]).toEqual([parent, child]);
      }),
    );
  });

  test("are counted", () => {
    expect(["", "a", "a/b", "a/b/c"].map(depthOf)).toEqual([0, 1, 2, 3]);
    fc.assert(
      fc.property(path, name, (one, child) => expect(depthOf(join(one, child))).toBe(depthOf(one) + 1)),
    );
  });
});

describe("isWithin", () => {
  test("goes by whole parts", () => {
    expect(isWithin("a/b", "a")).toBe(true);
    expect(isWithin("a", "a")).toBe(true);
    expect(isWithin("ab", "a")).toBe(false);
    expect(isWithin("a", "a/b")).toBe(false);
  });

  test("is true for the directories above a path, and for no others", () => {
    const small = fc.array(fc.constantFrom("a", "b", "ab"), { maxLength: 4 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(small, small, (one, other) => {
        const above: Path[] = [one];
        while (above.at(-1) !== root) above.push(parentOf(above.at(-1)!));
        expect(isWithin(one, other)).toBe(above.includes(other));
      }),
    );
  });
});

describe("rebase", () => {
  test("keeps the place within the directory that is moved", () => {
    expect(rebase("a/b/c", "a", "x/y")).toBe("x/y/b/c");
    expect(rebase("a", "a", "b")).toBe("b");
    expect(rebase("a/b", "a", root)).toBe("b");
    expect(rebase("b", root, "a")).toBe("a/b");
  });

  test("is undone by the way back", () => {
    fc.assert(
      fc.property(path, path, path, (below, from, to) => {
        const at = (base: Path) => (below === root ? base : join(base, below));
        expect(rebase(at(from), from, to)).toBe(at(to));
        expect(rebase(rebase(at(from), from, to), to, from)).toBe(at(from));
      }),
    );
  });
});

describe("display", () => {
  test.each([
    ["", "."],
    ["a b/c", "a b/c"],
    [fromText("grün/日本"), "grün/日本"],
    ["a\nb\x1b[31m\x7f", "a\\x0ab\\x1b[31m\\x7f"],
    ["\xff\xfe", "\\xff\\xfe"],
    ["caf\xe9\t", "caf\\xe9\\x09"],
    ["back\\slash", "back\\\\slash"],
    ["back\\slash\xff", "back\\\\slash\\xff"],
    [fromText("\u0085"), "\\x85"],
  ])("shows %j as %j", (bytes, shown) => {
    expect(display(bytes)).toBe(shown);
  });

  test("never prints a control character", () => {
    fc.assert(fc.property(path, (one) => expect(display(one)).not.toMatch(/[\x00-\x1f\x7f-\x9f]/)));
    fc.assert(fc.property(text, (one) => expect(display(fromText(one))).not.toMatch(/[\x00-\x1f\x7f-\x9f]/)));
  });
});
