import { describe, expect, test } from "bun:test";
import { closest } from "../../src/core/closest.ts";

describe("closest", () => {
  test("forgives a few slips: left out, doubled, wrong and swapped letters", () => {
    const names = ["verbose", "version", "quiet"];
    for (const slip of ["verbos", "verboose", "verbqse", "vebrose"])
      expect(closest(slip, names)).toBe("verbose");
    expect(closest("quite", names)).toBe("quiet");
  });

  test("guesses nothing from what is far off", () => {
    expect(closest("xyzzy", ["verbose"])).toBeNull();
    expect(closest("", ["verbose"])).toBeNull();
    expect(closest("a", [])).toBeNull();
  });
});
