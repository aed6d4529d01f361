/** What each option of rsync is in tsync. */
import type { Archived } from "./draft.ts";

/** What an option of rsync is in tsync. Options that are not listed are handed to rsync with `rsync-arg`. */
export type RsyncFlag =
  /** A flag of tsync's. */
  | { readonly is: "flag"; readonly name: string }
  /** An option of tsync's with the same value. */
  | { readonly is: "text" | "list"; readonly name: string }
  | NumberFlag
  /** One of what `-a` keeps. */
  | { readonly is: "kept"; readonly names: readonly Archived[] }
  /** A rule. */
  | { readonly is: "rule"; readonly sign: "+" | "-" | "" }
  /** `--delete` and its kind. */
  | { readonly is: "delete" }
  /** `--rsh`. */
  | { readonly is: "rsh" }
  /** As tsync works anyway. */
  | { readonly is: "usual" }
  /** No equal; `why` says what to do instead. */
  | { readonly is: "none"; readonly value?: true; readonly why: string; readonly warning?: true }
  /** Handed on, and it takes a value. */
  | { readonly is: "handed" };

/** An option of tsync's with the same amount, written in its way. */
export interface NumberFlag {
  readonly is: "count" | "size" | "rate" | "seconds";
  readonly name: string;
}

const flag = (name: string): RsyncFlag => ({ is: "flag", name });
const none = (why: string): RsyncFlag => ({ is: "none", why });
const noneValue = (why: string): RsyncFlag => ({ is: "none", why, value: true });
const lost = (why: string): RsyncFlag => ({ is: "none", why, warning: true });

const output =
  "tsync says itself what it does: -v for each operation, -q for warnings and errors only, --json";
const ledger = "what a target holds is known from tsync's ledger; checksum = true compares by content";

/** By long name. */
export const rsyncFlags: Readonly<Record<string, RsyncFlag>> = {
  archive: { is: "kept", names: ["links", "perms", "times", "group", "owner", "devices", "specials"] },
  links: { is: "kept", names: ["links"] },
  perms: { is: "kept", names: ["perms"] },
  times: { is: "kept", names: ["times"] },
  group: { is: "kept", names: ["group"] },
  owner: { is: "kept", names: ["owner"] },
  devices: { is: "kept", names: ["devices"] },
  specials: { is: "kept", names: ["specials"] },
  D: { is: "kept", names: ["devices", "specials"] },

  acls: flag("acls"),
  append: flag("append"),
  "append-verify": flag("append-verify"),
  backup: flag("backup"),
  checksum: flag("checksum"),
  compress: flag("compress"),
  "copy-links": flag("copy-links"),
  "copy-unsafe-links": flag("copy-unsafe-links"),
  "delay-updates": flag("delay-updates"),
  "delete-excluded": flag("delete-excluded"),
  "hard-links": flag("hard-links"),
  inplace: flag("inplace"),
  "one-file-system": flag("one-file-system"),
  "safe-links": flag("safe-links"),
  sparse: flag("sparse"),
  xattrs: flag("xattrs"),

  "backup-dir": { is: "text", name: "backup-dir" },
  suffix: { is: "text", name: "suffix" },
  chmod: { is: "text", name: "chmod" },
  chown: { is: "text", name: "chown" },
  "partial-dir": { is: "text", name: "partial-dir" },
  "password-file": { is: "text", name: "password-file" },
  "rsync-path": { is: "text", name: "rsync-path" },
  "exclude-from": { is: "list", name: "exclude-from" },
  "include-from": { is: "list", name: "include-from" },
  "max-delete": { is: "count", name: "max-delete" },
  "max-size": { is: "size", name: "max-size" },
  "min-size": { is: "size", name: "min-size" },
  bwlimit: { is: "rate", name: "bwlimit" },
  timeout: { is: "seconds", name: "timeout" },
  exclude: { is: "rule", sign: "-" },
  include: { is: "rule", sign: "+" },
  filter: { is: "rule", sign: "" },
  rsh: { is: "rsh" },

  delete: { is: "delete" },
  del: { is: "delete" },
  "delete-after": { is: "delete" },
  "delete-before": { is: "delete" },
  "delete-delay": { is: "delete" },
  "delete-during": { is: "delete" },

  recursive: { is: "usual" },
  dirs: { is: "usual" },
  "protect-args": { is: "usual" },
  "secluded-args": { is: "usual" },
  from0: { is: "usual" },
  force: { is: "usual" },
  mkpath: { is: "usual" },

  "dry-run": none("tsync sync --dry-run prints what would be done"),
  verbose: none(output),
  quiet: none(output),
  progress: none(output),
  P: none(`${output}; of its two halves, --partial is partial-dir here`),
  stats: none(output),
  "human-readable": none(output),
  "itemize-changes": none(output),
  info: noneValue(output),
  debug: noneValue(output),
  "out-format": noneValue(output),
  "log-file": noneValue("tsync watch writes to standard error, or with its own --log-file to a file"),
  "log-file-format": noneValue(output),
  relative: lost("tsync mirrors the contents of the source into the target; name the full path as target"),
  "files-from": {
    is: "none",
    value: true,
    warning: true,
    why: "tsync finds itself what changed; use include and exclude to choose",
  },
  executability: none("perms = true keeps the bits for executing with all the others"),
  "ignore-times": none(ledger),
  "size-only": none(ledger),
  update: lost("a file that is newer on the target is overwritten all the same: the source counts"),
  existing: lost(
    'new files are sent, too; leave them out with exclude, or only = ["change"] follows changes alone',
  ),
  "ignore-existing": lost("files that are there already are brought up to date, too"),
  "prune-empty-dirs": none("empty directories are mirrored as well"),
  "copy-dirlinks": lost(
    "links to directories are mirrored as links; copy-links = true follows all links, copy-unsafe-links = true those that lead out of the source",
  ),
  "remove-source-files": lost("tsync never removes anything from the source"),
  "copy-dest": {
    is: "none",
    value: true,
    warning: true,
    why: "one target knows nothing of another directory",
  },
  "compare-dest": {
    is: "none",
    value: true,
    warning: true,
    why: "one target knows nothing of another directory",
  },
  "link-dest": {
    is: "none",
    value: true,
    warning: true,
    why: "tsync keeps one copy; snapshots are made on the target, by its file system or by another program",
  },
  ipv4: none("set AddressFamily inet for the host in your ssh configuration"),
  ipv6: none("set AddressFamily inet6 for the host in your ssh configuration"),

  "block-size": { is: "handed" },
  "checksum-choice": { is: "handed" },
  "checksum-seed": { is: "handed" },
  "compress-choice": { is: "handed" },
  "compress-level": { is: "handed" },
  contimeout: { is: "handed" },
  groupmap: { is: "handed" },
  iconv: { is: "handed" },
  "max-alloc": { is: "handed" },
  "modify-window": { is: "handed" },
  port: { is: "handed" },
  protocol: { is: "handed" },
  "remote-option": { is: "handed" },
  "skip-compress": { is: "handed" },
  sockopts: { is: "handed" },
  "temp-dir": { is: "handed" },
  usermap: { is: "handed" },
};

/** Long names by letter. */
export const rsyncLetters: Readonly<Record<string, string>> = {
  A: "acls",
  a: "archive",
  B: "block-size",
  b: "backup",
  C: "cvs-exclude",
  c: "checksum",
  D: "D",
  d: "dirs",
  E: "executability",
  e: "rsh",
  f: "filter",
  g: "group",
  H: "hard-links",
  h: "human-readable",
  I: "ignore-times",
  i: "itemize-changes",
  J: "omit-link-times",
  K: "keep-dirlinks",
  k: "copy-dirlinks",
  L: "copy-links",
  l: "links",
  M: "remote-option",
  m: "prune-empty-dirs",
  n: "dry-run",
  O: "omit-dir-times",
  o: "owner",
  P: "P",
  p: "perms",
  q: "quiet",
  R: "relative",
  r: "recursive",
  S: "sparse",
  s: "protect-args",
  T: "temp-dir",
  t: "times",
  u: "update",
  v: "verbose",
  W: "whole-file",
  X: "xattrs",
  x: "one-file-system",
  y: "fuzzy",
  z: "compress",
  "0": "from0",
  "4": "ipv4",
  "6": "ipv6",
  "@": "modify-window",
};
