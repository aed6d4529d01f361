/** Writes rules as rsync's filter rules that select the same. */
import { classText, type Glob, type GlobToken } from "../../src/core/glob.ts";
import type { Rule } from "../../src/core/rules.ts";

/**
 * The content of a file for rsync's `--from0 --filter='. FILE'`: each rule ends with a NUL byte, so that patterns
 * may have newlines.
 */
export function rsyncFilter(rules: readonly Rule[]): string {
  return rules
    .flatMap(({ action, pattern }) =>
      pattern.globs.map((glob) => `${action === "exclude" ? "-" : "+"} ${rsyncPattern(glob)}\0`),
    )
    .join("");
}

function rsyncPattern({ tokens, place, directoryOnly }: Glob): string {
  // rsync reads a backslash as itself if the pattern has no wildcard, escaped ones included.
  const isPlain = tokens.every((token) => token.kind === "text" && !/[*?[]/.test(token.text));
  const body = tokens
    .map((token) => (isPlain && token.kind === "text" ? token.text : textOf(token)))
    .join("");
  return `${place === "root" ? "/" : ""}${body}${directoryOnly ? "/" : ""}`;
}

function textOf(token: GlobToken): string {
  switch (token.kind) {
    case "text":
      // Not `\*`: rsync takes `\**` for two stars where it decides what to match against.
      return token.text.replace(/[*?[]/g, "[$&]").replaceAll("\\", "\\\\");
    case "one":
      return "?";
    case "class":
      return classText(token.bytes, /[\]\\^!:[-]/);
    case "star":
      return "*";
    case "deep":
      return "**";
    case "directories":
      throw new Error("rsync has no sign for whole directories; only .gitignore files have them");
  }
}
