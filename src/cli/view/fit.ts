/** Makes text fit into columns of a terminal. Pure. */

const ellipsis = "…";

const graphemes = new Intl.Segmenter();

/** How many columns `text` takes. */
export function widthOf(text: string): number {
  return Bun.stringWidth(text);
}

/** `text` without its end, if it is wider than `columns`. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return columns <= 0 ? "" : takeColumns(split(text), columns - 1) + ellipsis;
}

/** `text` without its middle, if it is wider than `columns`: of a path, the end tells most. */
export function shorten(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 2) return cut(text, columns);
  const signs = split(text);
  const front = takeColumns(signs, Math.floor((columns - 1) / 3));
  const back = takeColumns(signs.toReversed(), columns - 1 - widthOf(front), true);
  return front + ellipsis + back;
}

/** `text` with blanks behind it, up to `columns`. */
export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

function split(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function takeColumns(signs: readonly string[], columns: number, fromEnd = false): string {
  let [taken, width] = ["", 0];
  for (const sign of signs) {
    width += widthOf(sign);
    if (width > columns) break;
    taken = fromEnd ? sign + taken : taken + sign;
  }
  return taken;
}
