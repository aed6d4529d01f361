/** Makes text that somebody else wrote harmless to show on a terminal. */

/**
 * `text` with control characters, line separators and marks that change the direction of text written as escapes.
 * Only line feeds stay, and tabs become blanks.
 */
export function printable(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll("\t", " ")
    .replace(/[^\P{C}\n]|[\u2028\u2029]/gu, escapeOf);
}

function escapeOf(char: string): string {
  const code = char.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
