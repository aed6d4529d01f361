/** The pattern language of --exclude, --include and of filter files: rsync's, with `{a,b}` added. */
import { Fault } from "./fault.ts";
import { type Glob, type GlobToken, type Place, push } from "./glob.ts";
import { display, toText } from "./path.ts";
import { expandBraces, type Lexeme, lexemesOf, Mistake } from "./pattern-lexemes.ts";

/** Longest pattern accepted, in bytes. */
const patternBytesMax = 2048;

/** A pattern as it was written, and what it means: what matches one of the globs matches the pattern. */
export interface Pattern {
  readonly text: string;
  readonly globs: readonly Glob[];
}

/** Reads a pattern. `origin` says where it was found, for the message. */
export function parsePattern(text: string, origin: string): Pattern | Fault {
  const globs = globsOf(text);
  if (!(globs instanceof Mistake)) return { text, globs };
  const shown = display(text.length > 200 ? `${text.slice(0, 200)}...` : text);
  const where = globs.at < 0 ? "" : ` at position ${toText(text.slice(0, globs.at)).length + 1}`;
  const named = text === "" ? "the pattern" : `the pattern "${shown}"`;
  return new Fault("usage", `${origin}: ${named} ${globs.what}${where}`, globs.hint);
}

function globsOf(text: string): Glob[] | Mistake {
  if (text.length > patternBytesMax) {
    return new Mistake(-1, `is longer than ${patternBytesMax} bytes`, "use a wildcard, or several patterns");
  }
  const lexemes = lexemesOf(text);
  if (lexemes instanceof Mistake) return lexemes;
  const lists = expandBraces(lexemes);
  if (lists instanceof Mistake) return lists;
  const globs: Glob[] = [];
  for (const list of lists) {
    const found = readAlternative(list);
    if (found instanceof Mistake) return found;
    globs.push(...found);
  }
  return globs;
}

/** What a pattern without braces means: one glob, or two if it ends in three stars. */
function readAlternative(whole: readonly Lexeme[]): Glob[] | Mistake {
  if (whole.length === 0) return new Mistake(-1, "is empty or has an empty alternative", "leave it out");
  const isAnchored = whole[0]!.kind === "slash";
  let list = isAnchored ? whole.slice(1) : whole;
  if (list.length === 0)
    return new Mistake(whole[0]!.at, "names the root itself", "write /* or ** for all that is in it");
  const directoryOnly = list.at(-1)!.kind === "slash";
  if (directoryOnly) list = list.slice(0, -1);
  const mistake = mistakeInParts(list, whole.at(-1)!.at) ?? mistakeInStars(list);
  if (mistake !== null) return mistake;
  // Two stars and a slash in front say "at any depth", which is so without them.
  if (!isAnchored && starsAt(list, 0) === 2 && list[2]?.kind === "slash") list = list.slice(3);
  const end = list.length - 3;
  const isBelow = end > 0 && starsAt(list, end) === 3;
  const glob = globOf(list, isAnchored, directoryOnly);
  return isBelow ? [globOf(list.slice(0, end - 1), isAnchored, true), glob] : [glob];
}

/** Looks for parts that no path has. `end` is where the pattern's last sign is. */
function mistakeInParts(list: readonly Lexeme[], end: number): Mistake | null {
  /** The part so far; null once it has a wildcard. */
  let part: string | null = "";
  let start = list[0]?.at ?? end;
  for (const [at, lexeme] of [...list, null].entries()) {
    if (lexeme !== null && lexeme.kind !== "slash") {
      part =
        part === null || (lexeme.kind !== "byte" && lexeme.kind !== "comma") ? null : part + lexeme.bytes;
      continue;
    }
    if (part === "")
      return new Mistake(lexeme?.at ?? end, "has two slashes with nothing between", "write one");
    if (part === "." || part === "..") {
      return new Mistake(
        start,
        `has the part "${part}"`,
        "patterns are about names below the source; leave it out",
      );
    }
    part = "";
    start = list[at + 1]?.at ?? end;
  }
  return null;
}

function mistakeInStars(list: readonly Lexeme[]): Mistake | null {
  for (let at = 0; at < list.length; at++) {
    const stars = starsAt(list, at);
    if (stars <= 2) {
      at += stars;
      continue;
    }
    const isLastPart = at + stars === list.length && (list[at - 1]?.kind ?? "slash") === "slash";
    if (stars === 3 && isLastPart) return null;
    return new Mistake(
      list[at]!.at,
      "has more than two stars in a row",
      "three can only be the last part: dir/***",
    );
  }
  return null;
}

function starsAt(list: readonly Lexeme[], start: number): number {
  let at = start;
  while (list[at]?.kind === "star") at++;
  return at - start;
}

function globOf(list: readonly Lexeme[], isAnchored: boolean, directoryOnly: boolean): Glob {
  const tokens: GlobToken[] = [];
  for (let at = 0; at < list.length; ) {
    const stars = starsAt(list, at);
    if (stars > 0) push(tokens, { kind: stars === 1 ? "star" : "deep" });
    else push(tokens, tokenOf(list[at]!));
    at += Math.max(stars, 1);
  }
  const isName = !list.some(({ kind }) => kind === "slash") && !tokens.some(({ kind }) => kind === "deep");
  const place: Place = isAnchored || tokens[0]?.kind === "deep" ? "root" : isName ? "name" : "end";
  return { tokens, place, directoryOnly };
}

function tokenOf({ kind, bytes }: Lexeme): GlobToken {
  if (kind === "one") return { kind };
  if (kind === "class") return { kind, bytes };
  return { kind: "text", text: bytes };
}
