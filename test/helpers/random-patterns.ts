/** Random patterns: of what rsync and git share, and of what is each one's own. */
import fc from "fast-check";

const shared = [
  ...[
    "a",
    "b",
    "ab",
    "c",
    ".",
    "dir",
    "a.b",
    "*",
    "*",
    "?",
    "[ab]",
    "[!a]",
    "[^b-z]",
    "[a-c]",
    "[]a]",
    "[!]a]",
  ],
  ...[
    "[[:alpha:]]",
    "[![:alnum:]]",
    "[[:punct:][:space:]]",
    "[a-]",
    "[.-b]",
    "[[]",
    "[[:]",
    "[a\\]]",
    "[\\a-\\c]",
  ],
  ...[
    "\\*",
    "\\?",
    "\\[",
    "\\\\",
    "\\a",
    "\\ ",
    "]",
    "^",
    "-",
    "+",
    "(",
    ")",
    "|",
    "$",
    "@(a)",
    "+(a)",
    '"',
    "_",
    "~",
  ],
  ...["\xff", "\xc3\xa9", "\x80", "\x01", "!", "#", " "],
];

const common = ["a", "b", "ab", "dir", "*", "?", "[ab]"];

function joined(
  signs: readonly string[],
  starred: readonly string[],
  slashes: boolean,
): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...common) },
    { weight: 2, arbitrary: fc.constantFrom(...signs) },
  );
  const part = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join("")),
    },
    { weight: 1, arbitrary: fc.constantFrom(...starred) },
  );
  return fc
    .tuple(
      fc.constantFrom("", "", "", "/"),
      fc.array(part, { minLength: 1, maxLength: slashes ? 3 : 1 }),
      fc.constantFrom("", "", "", "/"),
    )
    .map(([front, parts, end]) => front + parts.join("/") + end);
}

/** Patterns of tsync's language, most of which are good. */
export const ownPatterns = joined(
  [...shared, "{a,b}", "{,a}", "{a,{b,c}}x", "{a/b,c}", "\\{", "\\}", ",", "**", "\\**", "*\\*", "**a"],
  ["**", "***", "*"],
  true,
);

/** Patterns of rsync's that mean the same in tsync's language as they are: no braces, no backslashes. */
export const rsyncPatterns = ownPatterns.filter((text) => !/[\\{}]/.test(text));

/** Lines of a .gitignore, good or bad. */
export const gitignoreLines = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom("", "", "", "!", "!", "\\", "#", " "),
        joined(
          [
            ...shared,
            ...[
              "**",
              "***",
              "[",
              "[a",
              "[z-a]",
              "[a/b]",
              "[!/]",
              "[[:foo:]]",
              "\\",
              "\\/",
              "[/]",
              "{a,b}",
              "//",
            ],
            ...["**a", "\\!", "\\#", "[a-c-e]", "[[:alpha:]-z]", "[[:a]"],
          ],
          ["**", "***", "*", "**", "a**", "**a", ".", ".."],
          true,
        ),
        fc.constantFrom("", "", "", "", " ", "  ", "\\ ", "\\  ", "\r", "\t", " \r", "\0a"),
      )
      .map(([front, text, end]) => front + text + end),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "#", "!", "/", "//", "!/", "**", "**/", "/**", "*", "/*", "!*/", "\\"),
  },
);
