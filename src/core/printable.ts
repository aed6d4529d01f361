/** Text from elsewhere (a server, a file of others), made fit for a terminal. */

/**
 * `text` with what could command a terminal, or disguise what is shown, as `\xNN` or `\uNNNN`: control characters,
 * line ends too, and marks that change the direction of text.
 */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return char > "\xff" ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}
