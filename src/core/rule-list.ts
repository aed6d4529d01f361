/** A list of rules, made ready to be asked about very many paths. */
import type { Glob } from "./glob.ts";
import { regexOf } from "./glob-match.ts";
import type { Path } from "./path.ts";
import type { Rule } from "./rules.ts";

interface Matcher {
  readonly rule: Rule;
  readonly regex: RegExp;
  readonly onName: boolean;
  readonly directoryOnly: boolean;
  /** The byte that every path that matches ends with; -1 if there is none such. */
  readonly lastByte: number;
}

/** Rules of which the first that matches counts. */
export class RuleList {
  readonly #matchers: readonly Matcher[];
  /** By a path's last byte: the matchers that can match it, in order. Most patterns end in text, so these are few. */
  readonly #byLastByte = new Map<number, readonly Matcher[]>();

  constructor(rules: readonly Rule[]) {
    this.#matchers = rules.flatMap((rule) => rule.pattern.globs.map((glob) => matcherOf(rule, glob)));
  }

  /** The first rule that matches `path`, whose last part is `name`. */
  first(path: Path, name: string, isDirectory: boolean): Rule | null {
    for (const matcher of this.#candidates(name.charCodeAt(name.length - 1))) {
      if (matcher.directoryOnly && !isDirectory) continue;
      if (matcher.regex.test(matcher.onName ? name : path)) return matcher.rule;
    }
    return null;
  }

  #candidates(byte: number): readonly Matcher[] {
    let found = this.#byLastByte.get(byte);
    if (found === undefined) {
      found = this.#matchers.filter(({ lastByte }) => lastByte < 0 || lastByte === byte);
      this.#byLastByte.set(byte, found);
    }
    return found;
  }
}

function matcherOf(rule: Rule, glob: Glob): Matcher {
  const last = glob.tokens.at(-1);
  return {
    rule,
    regex: regexOf(glob),
    onName: glob.place === "name",
    directoryOnly: glob.directoryOnly,
    lastByte: last?.kind === "text" ? last.text.charCodeAt(last.text.length - 1) : -1,
  };
}
