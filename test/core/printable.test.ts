import { expect, test } from "bun:test";
import { printable } from "../../src/core/printable.ts";

test("what could command a terminal or disguise text is told, all else stays", () => {
  expect(printable("\x1b]0;title\x07\r\x7f\x9b2J")).toBe("\\x1b]0;title\\x07\\x0d\\x7f\\x9b2J");
  expect(printable("a\u202eb\u2066c\u2028")).toBe("a\\u{202e}b\\u{2066}c\\u{2028}");
  expect(printable("a\tb\r\nc\n")).toBe("a b\nc\n");
  const text = 'plain text, "quotes" and \\x1b; äöü, 日本, 👍';
  expect(printable(text)).toBe(text);
});

test("what is harmless stays", () => {
  const text = "Passwort für „ann“ (日本) 🔑:\nnext line ";
  expect(printable(text)).toBe(text);
});

test("no control character, mark of direction or line separator is left but the line feed", () => {
  const codes = [...Array(0x3000).keys(), 0xfeff, 0xfff9, 0xe0001];
  for (const code of codes) {
    const shown = printable(`a${String.fromCodePoint(code)}b`);
    expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/);
  }
  expect(printable("\x1b[2J\r\u202e\u2028")).toBe("\\x1b[2J\\x0d\\u{202e}\\u{2028}");
  expect(printable("a\tb\r\nc")).toBe("a b\nc");
});
