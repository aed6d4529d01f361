/** Reads .gitignore files as git does. */
import { type Glob, type GlobToken, push } from "./glob.ts";
import { readClass } from "./glob-class.ts";
import type { Rule } from "./rules.ts";

/** Longest line that is looked at, in bytes; no path is longer. */
const lineBytesMax = 4096;

/**
 * The rules of a .gitignore, the first that matches counts: the last line first. `name` is the file's name for
 * people. They are about paths below its directory. A line that can match nothing is left out, as git says nothing
 * about it either.
 */
export function readGitignore(text: string, name: string): Rule[] {
  const rules: Rule[] = [];
  const lines = text.replace(/^\xef\xbb\xbf/, "").split("\n");
  for (const [at, ended] of lines.entries()) {
    if (ended.startsWith("#")) continue;
    // git's lines are C strings, and the last one may lack its end.
    const line = withoutBlanks(ended.replace(/\r$/, "").replace(/\0.*$/s, ""));
    const isNegated = line.startsWith("!");
    const glob = globOf(isNegated ? line.slice(1) : line);
    if (glob === null) continue;
    rules.push({
      action: isNegated ? "include" : "exclude",
      pattern: { text: line, globs: [glob] },
      origin: `${name}:${at + 1}`,
    });
  }
  return rules.reverse();
}

/** Blanks at the end do not count, unless there is a backslash before them. */
function withoutBlanks(line: string): string {
  let end = 0;
  for (let at = 0; at < line.length; at++) {
    const isEscape = line[at] === "\\";
    if (isEscape) at++;
    if (isEscape || line[at] !== " ") end = at + 1;
  }
  return line.slice(0, end);
}

/** What a pattern means, or null if nothing matches it. */
function globOf(written: string): Glob | null {
  const directoryOnly = written.endsWith("/");
  const text = directoryOnly ? written.slice(0, -1) : written;
  if (text === "" || text.length > lineBytesMax) return null;
  const isName = !text.includes("/");
  const tokens = tokensOf(text.replace(/^\//, ""), isName);
  return tokens === null || tokens.length === 0
    ? null
    : { tokens, place: isName ? "name" : "root", directoryOnly };
}

function tokensOf(text: string, isName: boolean): GlobToken[] | null {
  const tokens: GlobToken[] = [];
  // git compares what is before the first wildcard by itself, and takes what follows for a pattern of its own.
  const plainEnd = text.search(/[*?[\\]/);
  for (let at = 0; at < text.length; ) {
    const sign = text[at]!;
    if (sign === "*") {
      const end = at + /^\*+/.exec(text.slice(at))![0].length;
      const isWholePart =
        end - at > 1 &&
        !isName &&
        (at === plainEnd || text[at - 1] === "/") &&
        /^(?:\\?\/|$)/.test(text.slice(end));
      const isFollowed = isWholePart && text[end] === "/";
      push(tokens, { kind: isFollowed ? "directories" : isWholePart ? "deep" : "star" });
      at = isFollowed ? end + 1 : end;
    } else if (sign === "?") {
      push(tokens, { kind: "one" });
      at++;
    } else if (sign === "[") {
      const found = readClass(text, at);
      if (typeof found === "string" || found.bytes === "") return null;
      push(tokens, { kind: "class", bytes: found.bytes });
      at = found.end;
    } else {
      if (sign === "\\") at++;
      if (at >= text.length) return null;
      push(tokens, { kind: "text", text: text[at]! });
      at++;
    }
  }
  return tokens;
}
