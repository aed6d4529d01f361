/** The signs of the pattern language, and its braces. */
import { readClass } from "./glob-class.ts";

/** One sign of a pattern. */
export interface Lexeme {
  readonly kind: "byte" | "slash" | "one" | "star" | "class" | "open" | "comma" | "close";
  /** The byte that stands for itself, or those of the class. */
  readonly bytes: string;
  /** Where it is in the pattern, from 0. */
  readonly at: number;
}

/** What is wrong with a pattern, where, and what to do. */
export class Mistake {
  constructor(
    /** Where in the pattern, from 0; -1 for the pattern as a whole. */
    readonly at: number,
    readonly what: string,
    readonly hint: string,
  ) {}
}

/** Most patterns that the braces of one may stand for. */
const alternativesMax = 1000;

const kinds: Record<string, Lexeme["kind"]> = {
  "/": "slash",
  "?": "one",
  "*": "star",
  "{": "open",
  ",": "comma",
  "}": "close",
};

/** Takes a pattern apart. */
export function lexemesOf(text: string): Lexeme[] | Mistake {
  const lexemes: Lexeme[] = [];
  for (let at = 0; at < text.length; ) {
    const sign = text[at]!;
    if (sign === "\0") return new Mistake(at, "has a NUL byte", "no name has one");
    if (sign === "\\") {
      const next = text[at + 1];
      if (next === undefined) {
        return new Mistake(at, "ends in a backslash", "write \\\\ for the backslash itself");
      }
      lexemes.push({ kind: next === "/" ? "slash" : "byte", bytes: next, at });
      at += 2;
    } else if (sign === "[") {
      const found = readClass(text, at);
      if (found === "unclosed")
        return new Mistake(at, 'has a "[" without its "]"', "write \\[ for the bracket itself");
      if (found === "unknown-name") {
        return new Mistake(
          at,
          "has an unknown name in [: :]",
          "known are alpha, digit, alnum, upper, lower, space, ...",
        );
      }
      if (found.doubt !== null)
        return new Mistake(at, `has a class with ${found.doubt}`, "use {a,b} instead");
      lexemes.push({ kind: "class", bytes: found.bytes, at });
      at = found.end;
    } else {
      lexemes.push({ kind: kinds[sign] ?? "byte", bytes: sign, at });
      at++;
    }
  }
  return lexemes;
}

/** The patterns that one with braces stands for, none of which has braces; in the order they are written. */
export function expandBraces(lexemes: readonly Lexeme[]): Lexeme[][] | Mistake {
  interface Group {
    readonly open: Lexeme | null;
    /** The alternatives before the last comma. */
    readonly finished: Lexeme[][];
    /** The one being read, expanded. */
    current: Lexeme[][];
  }
  const outer: Group = { open: null, finished: [], current: [[]] };
  const groups = [outer];
  for (const lexeme of lexemes) {
    const group = groups.at(-1)!;
    if (lexeme.kind === "open") groups.push({ open: lexeme, finished: [], current: [[]] });
    else if (lexeme.kind === "comma" && group !== outer) {
      group.finished.push(...group.current);
      group.current = [[]];
    } else if (lexeme.kind === "close") {
      if (group.open === null) {
        return new Mistake(lexeme.at, 'has a "}" without its "{"', "write \\} for the brace itself");
      }
      if (group.finished.length === 0) {
        const hint = "write {a,b} for alternatives, \\{ for the brace itself";
        return new Mistake(group.open.at, "has braces without a comma", hint);
      }
      groups.pop();
      const before = groups.at(-1)!;
      const choices = [...group.finished, ...group.current];
      if (before.current.length * choices.length > alternativesMax) {
        return new Mistake(
          group.open.at,
          `stands for more than ${alternativesMax} patterns`,
          "use several patterns",
        );
      }
      before.current = before.current.flatMap((start) => choices.map((choice) => [...start, ...choice]));
    } else {
      for (const list of group.current) list.push(lexeme);
    }
  }
  const { open } = groups.at(-1)!;
  if (open !== null)
    return new Mistake(open.at, 'has a "{" without its "}"', "write \\{ for the brace itself");
  return outer.current;
}
