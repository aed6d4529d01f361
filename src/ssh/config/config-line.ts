/** One line of an ssh_config, as OpenSSH takes it apart (readconf.c, misc.c). */

/** A line that says something. */
export interface ConfigLine {
  /** In lower case. */
  keyword: string;
  /** The rest of the line as it stands. */
  rest: string;
  /** The rest without quotes and comment; null if a quote is not closed. */
  words: string[] | null;
}

/** null for an empty line and a comment. */
export function parseConfigLine(line: string): ConfigLine | null {
  const [, keyword = "", rest = ""] =
    /^[ \t\r\f]*"?([^ \t\r\f="]*)"?[ \t\r\f]*=?[ \t\r\f]*(.*?)[ \t\r\f]*$/.exec(line) ?? [];
  if (keyword === "" || keyword.startsWith("#")) return null;
  return { keyword: keyword.toLowerCase(), rest, words: splitWords(rest) };
}

/** Divides at blanks outside of quotes; `\` stands before a quote, a `\`, or (outside of quotes) a blank. */
function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    const isBlank = sign === " " || sign === "\t";
    if (word === null && isBlank) continue;
    if (word === null && sign === "#") break;
    word ??= "";
    const next = text.charAt(at + 1);
    if (sign === "\\" && (/['"\\]/.test(next) || (quote === "" && next === " "))) {
      word += next;
      at++;
    } else if (quote === "" && isBlank) {
      words.push(word);
      word = null;
    } else if (quote === "" && (sign === '"' || sign === "'")) {
      quote = sign;
    } else if (sign === quote) {
      quote = "";
    } else {
      word += sign;
    }
  }
  if (quote !== "") return null;
  return word === null ? words : [...words, word];
}
