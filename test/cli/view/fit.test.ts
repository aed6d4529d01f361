import { expect, test } from "bun:test";
import { cut, padTo, shorten } from "../../../src/cli/view/fit.ts";

test("a path loses its middle, and keeps more of its end", () => {
  expect(shorten("host:/srv/www/site", 18)).toBe("host:/srv/www/site");
  expect(shorten("host:/srv/www/site", 13)).toBe("host…www/site");
  expect(shorten("host:/srv/www/site", 2)).toBe("h…");
  expect(shorten("host:/srv/www/site", 0)).toBe("");
});

test("columns are counted, not characters", () => {
  expect(cut("日本語", 5)).toBe("日本…");
  expect(cut("日本語", 4)).toBe("日…");
  expect(shorten("日本語日本語", 7)).toBe("日…本語");
  expect(cut("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
  expect(padTo("日", 4)).toBe("日  ");
});
