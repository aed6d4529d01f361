/** Makes text that somebody else wrote harmless to show on a terminal. */

/** Longest text that is shown, in UTF-16 units. */
const lengthMax = 4_096;

/**
 * `text` with control characters, line separators and marks that change the direction of text written as escapes.
 * Only line feeds stay, and tabs become blanks. Too long a text is cut.
 */
export function printable(text: string): string {
  return text
    .slice(0, lengthMax)
    .replaceAll("\r\n", "\n")
    .replaceAll("\t", " ")
    .replace(/[^\P{C}\n]|[\u2028\u2029]/gu, escapeOf);
}

function escapeOf(char: string): string {
  const code = char.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
