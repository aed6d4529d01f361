/** Rules that include or exclude, and the files that they are read from. */
import { Fault, isFault } from "./fault.ts";
import { display } from "./path.ts";
import { type Pattern, parsePattern } from "./pattern.ts";

/** What to do with what matches a pattern. */
export interface Rule {
  readonly action: "include" | "exclude";
  readonly pattern: Pattern;
  /** Where it was written, for people: an option, or `FILE:LINE`. */
  readonly origin: string;
}

/** The kinds of rule files: a pattern on each line, or a rule. */
export type RuleFileKind = "exclude" | "include" | "filter";

/** The rule of one --exclude or --include, or of one line of a file of such. */
export function patternRule(action: Rule["action"], text: string, origin: string): Rule | Fault {
  const sign = /^(?:[-+][ _]|!)/.exec(text)?.[0];
  if (sign !== undefined) {
    const hint = `write \\${sign} for a name that begins so; to include again use --include or --filter-from`;
    return new Fault("usage", `${origin}: the pattern "${display(text)}" begins with "${sign}"`, hint);
  }
  return ruleOf(action, text, origin);
}

/**
 * The rules of `before`, followed by those in `text`, the content of the file `name`. Of rsync's filter rules the
 * plain ones are known, as `- PATTERN`, `+ PATTERN`, `exclude PATTERN`, `include PATTERN`, and `!` or `clear`, which
 * drops all rules before it.
 */
export function readRuleFile(
  kind: RuleFileKind,
  name: string,
  text: string,
  before: readonly Rule[],
): Rule[] | Fault {
  const rules = [...before];
  const lines = text.replace(/^\xef\xbb\xbf/, "").split(/\r\n|\n|\r/);
  for (const [at, line] of lines.entries()) {
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const origin = `${name}:${at + 1}`;
    if (kind === "filter" && (line === "!" || line === "clear")) {
      rules.length = 0;
      continue;
    }
    const rule = kind === "filter" ? filterRule(line, origin) : lineRule(kind, line, origin);
    if (isFault(rule)) return rule;
    rules.push(rule);
  }
  return rules;
}

function filterRule(line: string, origin: string): Rule | Fault {
  const match = /^(-|\+|exclude|include) (.*)$/s.exec(line);
  if (match !== null) {
    const [, sign, pattern] = match as unknown as [string, string, string];
    const action = sign === "-" || sign === "exclude" ? "exclude" : "include";
    return withoutBlanks(pattern, origin) ?? ruleOf(action, pattern, origin);
  }
  return new Fault(
    "usage",
    `${origin}: the rule "${display(line)}" is not one that tsync knows`,
    'write "- PATTERN", "+ PATTERN" or "!"; merged files, modifiers and other rules of rsync are not supported',
  );
}

function lineRule(action: Rule["action"], line: string, origin: string): Rule | Fault {
  return withoutBlanks(line, origin) ?? patternRule(action, line, origin);
}

/** A blank at either end of a line cannot be seen, and would make a pattern that matches nothing. */
function withoutBlanks(pattern: string, origin: string): Fault | null {
  if (!/^[ \t]|(?<!\\)[ \t]$/.test(pattern)) return null;
  const message = `${origin}: the pattern "${display(pattern)}" begins or ends with a blank`;
  return new Fault("usage", message, "remove it, or write [ ] for a blank that is meant");
}

function ruleOf(action: Rule["action"], text: string, origin: string): Rule | Fault {
  const pattern = parsePattern(text, origin);
  return isFault(pattern) ? pattern : { action, pattern, origin };
}
