/** Random lists of entries whose names are easily put in the wrong order. */
import fc from "fast-check";
import type { ListEntry } from "../../../src/target/wire/file-list.ts";
import { listEntry } from "./support.ts";

const close = ["a", "a.", "a-", "a ", "a0", "aa", "A", "a\x01", "a\x02", "a\xff", "a\x80", "a\n", "a~", "ab"];
const odd = [
  ".a",
  "..a",
  "...",
  "-",
  "-a",
  " ",
  "\n",
  "\x01",
  "\x02",
  "\x7f",
  "\x80",
  "\xff",
  "\xc3\xa9",
  "~",
  "b",
];
const long = ["n".repeat(255), `${"n".repeat(254)}m`, "\xfe".repeat(255)];

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...close) },
  { weight: 3, arbitrary: fc.constantFrom(...odd) },
  { weight: 1, arbitrary: fc.constantFrom(...long) },
);
const seconds = fc.oneof(
  fc.constantFrom(0, 1, -1, 1_700_000_000),
  fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 33 }),
);
const nanoseconds = fc.oneof(fc.constantFrom(0, 1, 999_999_999), fc.integer({ min: 0, max: 999_999_999 }));
const id = fc.constantFrom(0, 0, 1, 1000, 65_534, 2 ** 31, 2 ** 32 - 2);

/** Of one path: whether it is a directory is left open for what turns out to have something in it. */
const item = fc.record({
  parts: fc.array(name, { minLength: 1, maxLength: 4 }),
  kind: fc.constantFrom("file", "file", "file", "symlink", "directory"),
  isListed: fc.boolean(),
  mode: fc.oneof(fc.constantFrom(0o644, 0o755), fc.integer({ min: 0, max: 0o7777 })),
  mtimeSeconds: seconds,
  mtimeNanoseconds: nanoseconds,
  uid: id,
  gid: id,
  size: fc.oneof(fc.constantFrom(0, 1, 300, 700), fc.integer({ min: 0, max: 2000 })),
  link: fc.string({ unit: fc.constantFrom("a", "/", ".", "\xff", " "), minLength: 1, maxLength: 300 }),
});

/**
 * Entries without those above them, in any order, no path twice. A directory with something in it may be one that is
 * not listed itself.
 */
export const lists: fc.Arbitrary<ListEntry[]> = fc
  .array(item, { minLength: 1, maxLength: 40 })
  .map((items) => {
    const found = new Map<string, ListEntry>();
    for (const { parts, kind, size, link, isListed: _, ...rest } of items) {
      const is = kind as "file" | "symlink" | "directory";
      const path = parts.join("/");
      found.set(
        path,
        listEntry(path, {
          ...rest,
          kind: is,
          size: is === "file" ? size : 0,
          link: is === "symlink" ? link : "",
        }),
      );
    }
    const directories = new Map<string, boolean>();
    for (const { parts, isListed } of items) {
      for (let depth = 1; depth < parts.length; depth++) {
        const above = parts.slice(0, depth).join("/");
        directories.set(above, directories.get(above) ?? isListed);
      }
    }
    for (const [path, isListed] of directories) {
      const entry = found.get(path);
      if (entry === undefined && !isListed) continue;
      found.set(path, {
        ...(entry ?? listEntry(path, { mode: 0o750 })),
        kind: "directory",
        size: 0,
        link: "",
      });
    }
    return [...found.values()];
  });
