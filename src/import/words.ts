/** Splits a command line into words as a shell would, without doing anything else a shell does. */

/** A command line taken apart. */
export interface Words {
  readonly words: readonly string[];
  /** From the first unquoted `&`, `|`, `;`, `<`, `>`, `(` or comment on: what was left out. Empty if nothing. */
  readonly rest: string;
  /** True if something in it would be expanded by a shell (`$NAME`, backticks, `*`). */
  readonly expands: boolean;
}

/** The words of `line`, or null if a quote is not closed. */
export function splitWords(line: string): Words | null {
  const words: string[] = [];
  let word: string | null = null;
  let expands = false;
  let quote: '"' | "'" | null = null;
  let at = 0;
  for (; at < line.length; at++) {
    const char = line[at]!;
    if (quote === "'") {
      if (char === "'") quote = null;
      else word += char;
      continue;
    }
    if (char === "\\" && at + 1 < line.length && (quote === null || /[\\"$`\n]/.test(line[at + 1]!))) {
      const next = line[++at]!;
      if (next !== "\n") word = (word ?? "") + next;
      continue;
    }
    if (char === "$" || char === "`" || (quote === null && /[*?]/.test(char))) expands = true;
    if (quote === '"') {
      if (char === '"') quote = null;
      else word += char;
      continue;
    }
    if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (/[&|;<>()]/.test(char) || (char === "#" && word === null)) {
      break;
    } else word = (word ?? "") + char;
  }
  if (quote !== null) return null;
  // The number of a redirection (`2>file`) is no word of the command.
  if (word !== null && !(/^\d$/.test(word) && /[<>]/.test(line[at] ?? ""))) words.push(word);
  return { words, rest: line.slice(at).trim(), expands };
}
