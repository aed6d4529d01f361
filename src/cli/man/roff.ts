/** Writes a manual page in roff with the macros of man(7). What it gives is ASCII, and has no line that a macro could be taken from. */

/** Widest line of source, in bytes, where that can be had. */
const columnsMax = 78;

/** What roff would take for something else, or print as another character. */
const escapes: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  '"': "\\(dq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** `text` as it is, in whatever place: each hyphen is a minus sign, as programs take it. */
export function literal(text: string): string {
  return text.replaceAll(/[^ !#-&(-,./0-9:;<=>?@A-Z[\]_a-z{|}]/gu, (char) => {
    const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return escapes[char] ?? `\\[u${code}]`;
  });
}

/** In bold. */
export function bold(text: string): string {
  return `\\fB${literal(text)}\\fP`;
}

/** In italics, or underlined. */
export function italic(text: string): string {
  return `\\fI${literal(text)}\\fP`;
}

/** Prose: words of the command line (`in backquotes`, or with dashes in front) become bold. */
export function prose(text: string): string {
  const pieces = text.split(/(`[^`]+`|(?<![\w-])--?[a-z][\w-]*)/);
  return pieces
    .map((piece, at) => {
      if (at % 2 === 1) return bold(piece.replaceAll("`", ""));
      // A hyphen inside a word is one.
      return literal(piece).replaceAll(/(?<=[a-z])\\-(?=[a-z])/g, "-");
    })
    .join("");
}

/** A line of text, wrapped in the source. */
function lines(escaped: string): string[] {
  const found: string[] = [];
  let line = "";
  for (const word of escaped.split(" ")) {
    if (line !== "" && line.length + word.length >= columnsMax) {
      found.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...found, line].map((each) => each.replace(/^\./, "\\&."));
}

/** The first lines of a page. Words are neither divided nor spread: they may be ones to type. */
export function title(name: string, section: number, date: string, version: string): string[] {
  return [`.TH ${name.toUpperCase()} ${section} "${date}" "${name} ${version}"`, ".nh", ".ad l"];
}

/** A section with its blocks. */
export function section(heading: string, ...blocks: readonly string[][]): string[] {
  return [`.SH ${literal(heading)}`, ...withoutFirstBreak(blocks.flat())];
}

/** A part of a section. */
export function part(heading: string, ...blocks: readonly string[][]): string[] {
  return [`.SS ${literal(heading)}`, ...withoutFirstBreak(blocks.flat())];
}

/** A heading begins a paragraph by itself. */
function withoutFirstBreak(body: readonly string[]): readonly string[] {
  return body[0] === ".PP" ? body.slice(1) : body;
}

/** A paragraph of `escaped` text. */
export function paragraph(escaped: string): string[] {
  return [".PP", ...lines(escaped)];
}

/** A term and what it means, both escaped. */
export function item(term: string, escaped: string): string[] {
  return [".TP", term, ...lines(escaped)];
}

/** Lines as they are, set off. */
export function verbatim(text: string): string[] {
  const body = text.split("\n").map((line) => literal(line).replace(/^\./, "\\&."));
  return [".PP", ".RS 4", ".nf", ...body, ".fi", ".RE"];
}
