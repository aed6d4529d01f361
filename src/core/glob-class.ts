/** Reads `[...]` in a pattern, as rsync and git do. */

/** What a `[...]` means. */
export interface ByteClass {
  /** The bytes it matches, in order, each once; a slash is never one. May be empty. */
  readonly bytes: string;
  /** Where the pattern goes on. */
  readonly end: number;
  /** What in it is lawful but cannot be meant, if anything. */
  readonly doubt: string | null;
}

/** The named classes; ASCII only, as in the C locale. */
const named: Record<string, RegExp> = {
  alnum: /[a-zA-Z0-9]/,
  alpha: /[a-zA-Z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9a-fA-F]/,
};

/** The class that begins with the `[` at `start` of `text`, or why there is none. */
export function readClass(text: string, start: number): ByteClass | "unclosed" | "unknown-name" {
  const chosen = new Set<number>();
  let doubt: string | null = null;
  let at = start + 1;
  const negated = text[at] === "!" || text[at] === "^";
  if (negated) at++;
  /** The byte before a `-`, where a range may begin; -1 where none may. */
  let before = -1;
  for (let isFirst = true; isFirst || text[at] !== "]"; isFirst = false) {
    if (at >= text.length) return "unclosed";
    if (text[at] === "-" && before >= 0 && at + 1 < text.length && text[at + 1] !== "]") {
      at++;
      if (text[at] === "\\") at++;
      if (at >= text.length) return "unclosed";
      const last = text.charCodeAt(at++);
      if (last < before) doubt ??= "a range that runs backwards";
      for (let byte = before; byte <= last; byte++) chosen.add(byte);
      before = -1;
    } else if (text.startsWith("[:", at)) {
      const close = text.indexOf("]", at + 2);
      if (close < 0) return "unclosed";
      if (close > at + 2 && text[close - 1] === ":") {
        const members = named[text.slice(at + 2, close - 1)];
        if (members === undefined) return "unknown-name";
        for (let byte = 0; byte < 128; byte++) if (members.test(String.fromCharCode(byte))) chosen.add(byte);
        before = -1;
        at = close + 1;
      } else {
        before = text.charCodeAt(at++);
        chosen.add(before);
      }
    } else {
      if (text[at] === "\\") at++;
      if (at >= text.length) return "unclosed";
      before = text.charCodeAt(at++);
      chosen.add(before);
    }
  }
  const source = text.slice(start, at);
  if (source.includes("/")) doubt ??= "a slash, which no class matches";
  if (/[\x80-\xff]/.test(source)) doubt ??= "a character outside ASCII, which is several bytes";
  let bytes = "";
  for (let byte = 1; byte < 256; byte++) {
    if (byte !== slash && chosen.has(byte) !== negated) bytes += String.fromCharCode(byte);
  }
  return { bytes, end: at + 1, doubt };
}

const slash = "/".charCodeAt(0);
