/** Which further arguments of rsync's can be given without breaking what tsync relies on. Pure. */

/** Options without a value that leave the meaning of a transfer as it is. */
const plain = [
  "executability",
  "fake-super",
  "fsync",
  "fuzzy",
  "no-fuzzy",
  "no-whole-file",
  "numeric-ids",
  "no-numeric-ids",
  "old-compress",
  "new-compress",
  "omit-dir-times",
  "omit-link-times",
  "open-noatime",
  "preallocate",
  "super",
  "no-super",
  "trust-sender",
  "whole-file",
];

/** Options with a value that do. */
const valued = [
  "block-size",
  "checksum-choice",
  "cc",
  "checksum-seed",
  "compress-choice",
  "zc",
  "compress-level",
  "zl",
  "compress-threads",
  "zt",
  "copy-as",
  "copy-dest",
  "groupmap",
  "link-dest",
  "max-alloc",
  "protocol",
  "skip-compress",
  "sockopts",
  "temp-dir",
  "usermap",
];

/** Letters of options that do. */
const letters = "EJOWy";

/** What tsync has options of its own for: then it knows of it. Letters as rsync has them. */
const own: Readonly<Record<string, string>> = {
  acls: "acls",
  A: "acls",
  append: "append",
  "append-verify": "append-verify",
  backup: "backup",
  b: "backup",
  "backup-dir": "backup-dir",
  bwlimit: "bwlimit",
  checksum: "checksum",
  c: "checksum",
  chmod: "chmod",
  chown: "chown",
  compress: "compress",
  z: "compress",
  "copy-links": "copy-links",
  L: "copy-links",
  "copy-unsafe-links": "copy-unsafe-links",
  "delay-updates": "delay-updates",
  "dry-run": "dry-run",
  n: "dry-run",
  exclude: "exclude",
  "exclude-from": "exclude-from",
  filter: "filter",
  f: "filter",
  F: "filter",
  group: "group",
  g: "group",
  "hard-links": "hard-links",
  H: "hard-links",
  include: "include",
  "include-from": "include-from",
  inplace: "inplace",
  links: "links",
  l: "links",
  "max-size": "max-size",
  "min-size": "min-size",
  "one-file-system": "one-file-system",
  x: "one-file-system",
  owner: "owner",
  o: "owner",
  "partial-dir": "partial-dir",
  perms: "perms",
  p: "perms",
  "rsync-path": "rsync-path",
  "safe-links": "safe-links",
  sparse: "sparse",
  S: "sparse",
  suffix: "suffix",
  timeout: "timeout",
  times: "times",
  t: "times",
  xattrs: "xattrs",
  X: "xattrs",
};

/** Why `argument` cannot be given to rsync; null if it can. */
export function rsyncArgumentProblem(argument: string): string | null {
  const long = /^--([a-z0-9][a-z0-9-]*)(=.*)?$/s.exec(argument);
  if (long !== null) return longProblem(long[1]!, long[2]);
  const short = /^-([A-Za-z0-9@]+)$/.exec(argument)?.[1];
  if (short === undefined) return "is not an option of rsync's";
  for (const letter of short) if (!letters.includes(letter)) return refusal(letter);
  return null;
}

function longProblem(name: string, value: string | undefined): string | null {
  if (plain.includes(name)) return value === undefined ? null : "takes no value";
  if (valued.includes(name)) {
    // It would take the next argument for its value, which is one of tsync's.
    return value === undefined || value === "=" ? "needs its value in the same argument, behind =" : null;
  }
  if (name === "remote-option") {
    const problem = value === undefined ? "is not complete" : rsyncArgumentProblem(value.slice(1));
    return problem === null ? null : `cannot be passed on: what it has ${problem}`;
  }
  if (name.startsWith("delete")) return "would delete on its own; use tsync's --delete";
  return refusal(name);
}

function refusal(name: string): string {
  const positive = name.replace(/^no-/, "");
  const use = Object.hasOwn(own, positive) ? own[positive] : undefined;
  if (use === undefined) return "would change what a transfer means to tsync, or is not known to it";
  return `is tsync's business: use --${name === positive ? "" : "no-"}${use}`;
}
