/** Small random trees whose names and paths random patterns have a chance to match. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { bytesOf } from "./trees.ts";

/** Paths (byte strings) to whether they are directories; each directory comes before what is in it. */
export type Tree = ReadonlyMap<string, boolean>;

const ordinary = ["a", "b", "ab", "ba", "aab", "c", "a.b", ".a", "dir"];
const odd = [
  ...[
    "*",
    "a*",
    "**",
    "?",
    "[a]",
    "[",
    "]",
    "{a,b}",
    "a,b",
    "\\",
    "a\\b",
    "a\\",
    "!a",
    "!",
    "^",
    "#a",
    "-",
    "+ a",
  ],
  ...[
    " ",
    "a ",
    "\n",
    "a\nb",
    "a\rb",
    "\t",
    "$a",
    "(a|b)",
    "@(a)",
    "+",
    "a+",
    "|",
    '"a"',
    "'",
    "..a",
    "...",
    "a..b",
  ],
  ...[
    "\xc3\xa9",
    "\xff",
    "a\x80",
    "_",
    "A",
    "B",
    "1",
    "~",
    "`",
    "&",
    ";a",
    ":",
    "<",
    "=",
    "%n",
    "\x01",
    "\x7f",
  ],
];
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ordinary) },
  { weight: 1, arbitrary: fc.constantFrom(...odd) },
);

/** Makes trees of about `size` entries, four levels deep. */
export function trees(size: number): fc.Arbitrary<Tree> {
  const entry = fc.tuple(fc.array(name, { minLength: 1, maxLength: 4 }), fc.boolean());
  return fc.array(entry, { minLength: Math.ceil(size / 4), maxLength: size }).map((entries) => {
    const tree = new Map<string, boolean>();
    for (const [parts, isDirectory] of entries) {
      for (let depth = 1; depth < parts.length; depth++) tree.set(parts.slice(0, depth).join("/"), true);
      const path = parts.join("/");
      tree.set(path, (tree.get(path) ?? false) || isDirectory);
    }
    return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Makes `tree` in the empty directory `root`. */
export function makeTree(root: string, tree: Tree): void {
  for (const [path, isDirectory] of tree) {
    const at = bytesOf(`${root}/${path}`);
    if (isDirectory) mkdirSync(at, { recursive: true });
    else {
      mkdirSync(bytesOf(dirname(`${root}/${path}`)), { recursive: true });
      writeFileSync(at, "");
    }
  }
}
