import { describe, expect, test } from "bun:test";
import type { OptionDef } from "../../src/config/options.ts";
import { type RawValue, readValue } from "../../src/config/values.ts";

const common = { description: "", group: "Other" } as const;

function read(def: Record<string, unknown>, raw: RawValue): unknown {
  const found = readValue({ ...common, ...def } as OptionDef, raw);
  return "problem" in found ? `problem: ${found.problem}` : found.value;
}

describe("readValue", () => {
  test("reads flags", () => {
    expect(read({ type: "flag" }, true)).toBe(true);
    expect(read({ type: "flag" }, "no")).toBe(false);
    expect(read({ type: "flag" }, "perhaps")).toBe('problem: is "perhaps", which is not true or false');
  });

  test("reads times, as text and as a number of seconds", () => {
    expect(read({ type: "duration" }, "10ms")).toBe(10);
    expect(read({ type: "duration" }, 2)).toBe(2000);
    expect(read({ type: "duration" }, "soon")).toContain("is not a time like");
    expect(read({ type: "duration" }, true)).toContain("is not a time like");
  });

  test("reads sizes and rates", () => {
    expect(read({ type: "size" }, "1.5M")).toBe(1.5 * 1024 * 1024);
    expect(read({ type: "size" }, 500)).toBe(500);
    expect(read({ type: "size" }, "-1")).toContain("is not a size");
    expect(read({ type: "rate" }, 100)).toBe(100 * 1024);
    expect(read({ type: "rate" }, "2M")).toBe(2 * 1024 * 1024);
    expect(read({ type: "rate" }, "10B")).toContain("is not a rate");
  });

  test("reads whole numbers within their limits", () => {
    const port = { type: "count", min: 1, max: 65_535 };
    expect(read(port, "22")).toBe(22);
    expect(read(port, 22)).toBe(22);
    for (const wrong of ["0", "65536", "1e3", "0x10", "", "22a", 1.5, -1, true])
      expect([wrong, read(port, wrong)]).toEqual([wrong, expect.stringContaining("from 1 to 65535")]);
  });

  test("reads choices, sets, lists and texts", () => {
    expect(read({ type: "choice", choices: ["a", "b"] }, "b")).toBe("b");
    expect(read({ type: "choice", choices: ["a", "b"] }, "c")).toContain("is not one of a, b");
    expect(read({ type: "set", choices: ["a", "b"] }, "b,a")).toEqual(["b", "a"]);
    expect(read({ type: "set", choices: ["a", "b"] }, ["a"])).toEqual(["a"]);
    expect(read({ type: "set", choices: ["a", "b"] }, "a,,b")).toContain("is not some of a, b");
    expect(read({ type: "list" }, "a,b")).toEqual(["a,b"]);
    expect(read({ type: "list" }, ["x", "y"])).toEqual(["x", "y"]);
    expect(read({ type: "list" }, 3)).toContain("is not a list of texts");
    expect(read({ type: "text" }, "")).toContain("is not a text");
    expect(read({ type: "text" }, "a\0b")).toContain("is not a text");
  });
});
