/** Makes a regular expression of a pattern, with micromatch. */
import type micromatch from "micromatch";
import { classText, type Glob, type GlobToken } from "./glob.ts";

/**
 * micromatch gets a pattern in which only `*`, `?` and `[...]` are left, and every other sign is a class of one
 * byte: the options switch off what it would read into the rest.
 */
const options: micromatch.Options = {
  dot: true,
  fastpaths: false,
  keepQuotes: true,
  literalBrackets: false,
  nobrace: true,
  noextglob: true,
  nonegate: true,
  posix: false,
  strictSlashes: true,
};

/** What micromatch makes of a `*`. */
const starSource = "[^/]*?";

/** What goes between two runs of tokens that have neither `deep` nor `directories`. Short before long. */
const gapSources = { none: "", deep: "[^]*?", directories: "(?:[^]*?\\/)??" };

interface Run {
  readonly gap: keyof typeof gapSources;
  readonly tokens: GlobToken[];
}

/**
 * The regular expression that tells which paths match; for place `name` it is to be asked about the last part.
 *
 * A star that is followed by another one need be tried at its first place only: if the rest does not match from
 * there, it does from no later place. Saying so (`once`) keeps a pattern like `*a*a*a*a*b` from taking hours.
 */
export function regexOf(glob: Glob): RegExp {
  let groups = 0;
  const once = (source: string) => {
    const name = `g${++groups}`;
    return `(?=(?<${name}>${source}))\\k<${name}>`;
  };
  const runs: Run[] = [{ gap: glob.place === "end" ? "directories" : "none", tokens: [] }];
  for (const token of glob.tokens) {
    if (token.kind === "deep" || token.kind === "directories") runs.push({ gap: token.kind, tokens: [] });
    else runs.at(-1)!.tokens.push(token);
  }
  const parts = runs.map((run, at) => {
    const isLastRun = at === runs.length - 1;
    const [front = "", ...afterStars] = sourceOf(run.tokens).split(starSource);
    // micromatch wants a name behind a star in front, and not a dot: all names are, but git lets `a**/*` match `a`.
    const first = run.tokens[0]?.kind === "star" ? "" : front;
    const rest = afterStars.map((piece, star) => {
      const source = starSource + piece;
      return isLastRun && star === afterStars.length - 1 ? source : once(source);
    });
    const source = gapSources[run.gap] + first + rest.join("");
    return isLastRun || run.gap === "none" ? source : once(source);
  });
  return new RegExp(`^${parts.join("")}$`, "s");
}

/** The source of the regular expression that micromatch makes of `tokens`, without its anchors. */
function sourceOf(tokens: readonly GlobToken[]): string {
  if (tokens.length === 0) return "";
  // Loaded with the first pattern only: that takes several ms, which no start without rules is to pay.
  const { makeRe }: typeof micromatch = require("micromatch");
  const { source } = makeRe(tokens.map(textOf).join(""), options);
  return source.slice("^(?:".length, -")$".length);
}

/** What may mean something to micromatch: all ASCII signs but the slash and the underscore. */
const special = /[!-.:-@[-^`{-~]/;

function textOf(token: GlobToken): string {
  switch (token.kind) {
    case "text":
      return [...token.text].map((sign) => (special.test(sign) ? classText(sign, special) : sign)).join("");
    case "one":
      return "?";
    case "class":
      return classText(token.bytes, special);
    default:
      return "*";
  }
}
