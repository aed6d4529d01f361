import { expect, test } from "bun:test";
import { printable } from "../../src/core/printable.ts";

test("what could command a terminal or disguise text is told, all else stays", () => {
  expect(printable("\x1b]0;title\x07\r\x7f\x9b2J")).toBe("\\x1b]0;title\\x07\\x0d\\x7f\\x9b2J");
  expect(printable("a\u202eb\u2066c\u2028")).toBe("a\\u{202e}b\\u{2066}c\\u{2028}");
  expect(printable("a\tb\r\nc\n")).toBe("a b\nc\n");
  const text = 'plain text, "quotes" and \\x1b; äöü, 日本, 👍';
  expect(printable(text)).toBe(text);
});
