import { describe, expect, test } from "bun:test";
import { LineEditor } from "../../src/core/line-editor.ts";

/** The line and its state after `keys`, each typed on its own. */
function typed(...keys: string[]): [string, string] {
  const editor = new LineEditor();
  let state = "typing";
  for (const key of keys) state = editor.type(Buffer.from(key));
  return [editor.text, state];
}

describe("a line that is typed", () => {
  const cases: [string, string[], string, string][] = [
    ["ends with Enter", ["ab", "c\r"], "abc", "done"],
    ["pasted with what follows: that is lost", ["abc\ndef\n"], "abc", "done"],
    ["Backspace takes a character", ["abd\x7f", "c\b\bx"], "ax", "typing"],
    ["Backspace takes all bytes of a character", ["aé€😀\x7f\x7f\x7f"], "a", "typing"],
    ["Backspace in an empty line", ["\x7f\x7fa"], "a", "typing"],
    ["Ctrl-U takes all", ["abc\x15d"], "d", "typing"],
    ["Ctrl-D in an empty line gives up", ["\x04"], "", "gaveUp"],
    ["Ctrl-D in any other does nothing", ["a\x04"], "a", "typing"],
    ["Ctrl-C interrupts", ["abc\x03"], "abc", "interrupted"],
    ["arrows and other control characters do nothing", ["a", "\x1b[D", "\x1bOA", "\x01\tb"], "ab", "typing"],
  ];
  test.each(cases)("%s", (_name, keys, text, state) => {
    expect(typed(...keys)).toEqual([text, state]);
  });

  test("bytes that come one by one are one character", () => {
    const editor = new LineEditor();
    for (const byte of Buffer.from("é")) editor.type(Uint8Array.of(byte));
    expect(editor.text).toBe("é");
  });

  test("has a limit", () => {
    expect(typed("x".repeat(5_000))[0]).toHaveLength(1_023);
  });
});
