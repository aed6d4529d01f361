/**
 * The one table of what `watch` and `sync` take. It feeds the command line, the environment, the configuration
 * file and its schema, `--help`, the man page and the completions.
 */

import type { Command } from "./command.ts";

/** What an option takes, and how it is read (see values.ts). */
type OptionType =
  /**
   * True or false; on the command line `--NAME` and `--no-NAME`. `without` explains the latter for what is on by
   * default.
   */
  | { readonly type: "flag" }
  | { readonly type: "flag"; readonly default: true; readonly without: string }
  /** Any text. The hint FILE stands for a file on this machine, PROGRAM for one, or for a program to search for. */
  | { readonly type: "text"; readonly hint: string; readonly default?: string }
  /** Several texts: repeated on the command line, an array in the file. */
  | { readonly type: "list"; readonly hint: string }
  /** One of `choices`. */
  | { readonly type: "choice"; readonly choices: readonly string[]; readonly default?: string }
  /** Some of `choices`: separated by commas, or an array. */
  | { readonly type: "set"; readonly choices: readonly string[]; readonly hint: string }
  /** A time, in milliseconds once read. */
  | { readonly type: "duration"; readonly default?: string }
  /** Bytes. */
  | { readonly type: "size"; readonly default?: string }
  /** Bytes a second. */
  | { readonly type: "rate" }
  /** A whole number. */
  | { readonly type: "count"; readonly min: number; readonly max: number; readonly default?: number }
  /** A program and its arguments; `there`: it is run on the target's host, where a text is a line for the shell. */
  | { readonly type: "command"; readonly hint: string; readonly there?: true };

/** An option of the table. */
export type OptionDef = OptionType & {
  /** One letter. */
  readonly alias?: string;
  readonly description: string;
  readonly group: OptionGroup;
};

/** The headings under which options are explained, in order. */
export const optionGroups = [
  "What is mirrored",
  "Deletions",
  "When",
  "How content is sent",
  "Which attributes",
  "Links",
  "Hooks",
  "Connection",
  "Configuration",
  "Running it",
  "Output",
  "Control",
  "Other",
] as const;

type OptionGroup = (typeof optionGroups)[number];

const selection = {
  exclude: {
    type: "list",
    hint: "PATTERN",
    group: "What is mirrored",
    description: "Leave out what matches; rules are tried in the order given, the first that matches decides",
  },
  include: {
    type: "list",
    hint: "PATTERN",
    group: "What is mirrored",
    description: "Keep what matches, although a later rule excludes it",
  },
  filter: {
    type: "list",
    hint: "RULE",
    group: "What is mirrored",
    description: 'A rule as "- PATTERN" (exclude) or "+ PATTERN" (include)',
  },
  "exclude-from": {
    type: "list",
    hint: "FILE",
    group: "What is mirrored",
    description: "Read patterns to exclude from a file, one a line",
  },
  "include-from": {
    type: "list",
    hint: "FILE",
    group: "What is mirrored",
    description: "Read patterns to include from a file, one a line",
  },
  "filter-from": {
    type: "list",
    hint: "FILE",
    group: "What is mirrored",
    description: 'Read rules ("- PATTERN", "+ PATTERN") from a file, one a line',
  },
  gitignore: {
    type: "flag",
    group: "What is mirrored",
    description: "Leave out what the .gitignore files of the source exclude, and .git itself",
  },
  "max-size": {
    type: "size",
    group: "What is mirrored",
    description: "Leave out files that are larger (10M, 1.5G)",
  },
  "min-size": {
    type: "size",
    group: "What is mirrored",
    description: "Leave out files that are smaller",
  },
  "one-file-system": {
    type: "flag",
    alias: "x",
    group: "What is mirrored",
    description: "Leave out what is mounted below the source",
  },
} as const satisfies Record<string, OptionDef>;

const deletions = {
  delete: {
    type: "choice",
    choices: ["tracked", "exact", "never", "startup", "live"],
    default: "tracked",
    group: "Deletions",
    description:
      "What may be deleted on a target: tracked = what tsync put there; exact = everything the source does not have; never = nothing (a moved file then keeps its old name there too); startup = everything the source does not have at the start, later nothing; live = nothing at the start, later what tsync put there",
  },
  "max-delete": {
    type: "text",
    hint: "LIMIT",
    default: "1000 or 25%",
    group: "Deletions",
    description:
      "How many deletions are followed that tsync did not see happen, but found at a start or after lost events: a number, a percentage of what the target holds, or none for no limit; more halt the mirror",
  },
  "delete-excluded": {
    type: "flag",
    group: "Deletions",
    description: "Also delete on the target what is excluded",
  },
  "accept-deletes": {
    type: "flag",
    group: "Deletions",
    description: "Go on although the source is empty, is another directory than before, or lost a large part",
  },
  "require-file": {
    type: "text",
    hint: "NAME",
    group: "Deletions",
    description:
      "Do nothing as long as the source does not hold this file or directory (a path below it): it shows that the right thing is mounted, say",
  },
  backup: {
    type: "flag",
    alias: "b",
    group: "Deletions",
    description: "Keep what is deleted or overwritten on the target under its name with the suffix",
  },
  "backup-dir": {
    type: "text",
    hint: "DIR",
    group: "Deletions",
    description: "Keep what is deleted or overwritten in this directory of the target (implies --backup)",
  },
  suffix: {
    type: "text",
    hint: "SUFFIX",
    group: "Deletions",
    description: "What is put behind the name of a backup (default: ~, with --backup-dir nothing)",
  },
} as const satisfies Record<string, OptionDef>;

const timing = {
  settle: {
    type: "duration",
    default: "5ms",
    group: "When",
    description: "How long a path must be quiet before it is sent (10ms, 2s)",
  },
  "max-delay": {
    type: "duration",
    default: "1s",
    group: "When",
    description: "How long a path that is never quiet waits at most",
  },
  delay: {
    type: "duration",
    default: "0s",
    group: "When",
    description: "Gather changes for this long after the first one, then send them together",
  },
  "max-batch": {
    type: "count",
    min: 1,
    max: 1_000_000,
    group: "When",
    description: "Send what was gathered as soon as this many paths changed, before the delay is over",
  },
  only: {
    type: "set",
    choices: ["create", "change", "delete", "move", "attributes"],
    hint: "KINDS",
    group: "When",
    description:
      "Follow only these kinds of changes: create, change, delete, move, attributes (separated by commas)",
  },
  "ignore-attributes": {
    type: "flag",
    group: "When",
    description: "Do not follow changes of permissions, owners and times alone",
  },
  "initial-sync": {
    type: "flag",
    default: true,
    group: "When",
    description: "Compare source and target at the start",
    without: "Take the target to hold what the source holds at the start, without comparing them",
  },
  insist: {
    type: "flag",
    group: "When",
    description: "Start although a target cannot be reached, and try it again and again",
  },
  "verify-every": {
    type: "duration",
    group: "When",
    description:
      "Compare the whole target with the source this often (24h) while watching, and mend what somebody else changed",
  },
} as const satisfies Record<string, OptionDef>;

const transfer = {
  bwlimit: {
    type: "rate",
    group: "How content is sent",
    description: "Highest rate for one target, in KiB a second or with a unit (500K, 2M)",
  },
  compress: {
    type: "flag",
    alias: "z",
    group: "How content is sent",
    description: "Compress content on its way",
  },
  checksum: {
    type: "flag",
    alias: "c",
    group: "How content is sent",
    description: "Compare files that may be on the target already by content, not by size and time",
  },
  "partial-dir": {
    type: "text",
    hint: "DIR",
    group: "How content is sent",
    description: "Keep what arrived of a large file in this directory of the target, to go on from there",
  },
  inplace: {
    type: "flag",
    group: "How content is sent",
    description: "Write into the target's files instead of replacing them: readers see half-written files",
  },
  append: {
    type: "flag",
    group: "How content is sent",
    description: "Only send what was added at the end of files that grew",
  },
  "append-verify": {
    type: "flag",
    group: "How content is sent",
    description: "The same, and check the part that was there before",
  },
  "delay-updates": {
    type: "flag",
    group: "How content is sent",
    description: "Put all files of a transfer in place at its end",
  },
  sparse: {
    type: "flag",
    alias: "S",
    group: "How content is sent",
    description: "Store long runs of zeros on the target as holes",
  },
  parallel: {
    type: "count",
    min: 1,
    max: 16,
    default: 1,
    group: "How content is sent",
    description: "How many transfers to one target run at the same time, where there is much to send",
  },
  timeout: {
    type: "duration",
    default: "10m",
    group: "How content is sent",
    description:
      "Give up what was silent for this long: a transfer, or commands there (these after 5 minutes at most)",
  },
  nice: {
    type: "count",
    min: 0,
    max: 19,
    group: "How content is sent",
    description: "Lower the priority of tsync and its transfers (0 to 19)",
  },
  ionice: {
    type: "choice",
    choices: ["best-effort", "idle"],
    group: "How content is sent",
    description: "Lower the disk priority of tsync and its transfers",
  },
  sender: {
    type: "choice",
    choices: ["auto", "stock", "builtin"],
    default: "auto",
    group: "How content is sent",
    description:
      "Who sends to ssh targets: rsync here (stock), tsync itself to the rsync there (builtin), or tsync wherever it can (auto)",
  },
  "keep-warm": {
    type: "duration",
    default: "5m",
    group: "How content is sent",
    description:
      "How long after its last work an ssh target keeps two receivers started for the next save (0: none)",
  },
  rsync: {
    type: "text",
    hint: "PROGRAM",
    default: "rsync",
    group: "How content is sent",
    description: "The rsync program here",
  },
  "rsync-path": {
    type: "text",
    hint: "COMMAND",
    default: "rsync",
    group: "How content is sent",
    description: "The rsync program on the target",
  },
  "rsync-arg": {
    type: "list",
    hint: "ARGUMENT",
    group: "How content is sent",
    description: "A further argument for rsync, as it is",
  },
} as const satisfies Record<string, OptionDef>;

const attributes = {
  perms: {
    type: "flag",
    default: true,
    group: "Which attributes",
    description: "Keep permissions",
    without: "Leave permissions as they are on the target",
  },
  times: {
    type: "flag",
    default: true,
    group: "Which attributes",
    description: "Keep modification times",
    without: "Do not keep modification times",
  },
  owner: {
    type: "flag",
    default: true,
    group: "Which attributes",
    description: "Keep owners (where the account on the target may set them)",
    without: "Do not keep owners",
  },
  group: {
    type: "flag",
    default: true,
    group: "Which attributes",
    description: "Keep groups",
    without: "Do not keep groups",
  },
  acls: { type: "flag", alias: "A", group: "Which attributes", description: "Keep access control lists" },
  xattrs: { type: "flag", alias: "X", group: "Which attributes", description: "Keep extended attributes" },
  chmod: {
    type: "text",
    hint: "CHANGES",
    group: "Which attributes",
    description: "Change permissions on the way (D755,F644 or u+rw,go-w)",
  },
  chown: {
    type: "text",
    hint: "USER:GROUP",
    group: "Which attributes",
    description: "Give everything on the target to this user and group",
  },
} as const satisfies Record<string, OptionDef>;

const links = {
  links: {
    type: "flag",
    default: true,
    group: "Links",
    description: "Mirror symbolic links as such",
    without: "Leave symbolic links out",
  },
  "copy-links": {
    type: "flag",
    alias: "L",
    group: "Links",
    description: "Mirror what symbolic links point to in their place",
  },
  "copy-unsafe-links": {
    type: "flag",
    group: "Links",
    description: "The same for links that point out of the source",
  },
  "safe-links": {
    type: "flag",
    group: "Links",
    description: "Leave out links that point out of the source",
  },
  "hard-links": {
    type: "flag",
    alias: "H",
    group: "Links",
    description: "Keep files that have several names as such",
  },
} as const satisfies Record<string, OptionDef>;

const connection = {
  "ssh-config": {
    type: "text",
    alias: "F",
    hint: "FILE",
    group: "Connection",
    description: "OpenSSH configuration file to use instead of ~/.ssh/config",
  },
  port: {
    type: "count",
    min: 1,
    max: 65_535,
    alias: "p",
    group: "Connection",
    description: "Port of the ssh server",
  },
  identity: {
    type: "list",
    alias: "i",
    hint: "FILE",
    group: "Connection",
    description: "Private key to log in with (may be given several times)",
  },
  "password-file": {
    type: "text",
    hint: "FILE",
    group: "Connection",
    description:
      "File with the password, in place of asking for it (for an rsync daemon, RSYNC_PASSWORD is used without it)",
  },
} as const satisfies Record<string, OptionDef>;

const hooks = {
  "on-change": {
    type: "command",
    hint: "COMMAND",
    group: "Hooks",
    description:
      'Run this after changes were made on a target, with what was done as JSON on its input and as TSYNC_... variables; COMMAND is written as in the configuration file: ["program", "argument"] or { run = ["program"], timeout = "60s", wait = true }',
  },
  "on-synced": {
    type: "command",
    hint: "COMMAND",
    group: "Hooks",
    description: "Run this when a target holds all that the source holds",
  },
  "on-synced-remote": {
    type: "command",
    hint: "COMMAND",
    there: true,
    group: "Hooks",
    description:
      "Run this on the target's host, over the open connection, when a target holds all that the source holds and something was changed there; a text is a line for the shell",
  },
  "on-error": {
    type: "command",
    hint: "COMMAND",
    group: "Hooks",
    description: "Run this when a target cannot be reached or written, or a path fails",
  },
  "on-halt": {
    type: "command",
    hint: "COMMAND",
    group: "Hooks",
    description: "Run this when a guard halts the mirror",
  },
  "on-recover": {
    type: "command",
    hint: "COMMAND",
    group: "Hooks",
    description: "Run this when what on-error or on-halt told of is over",
  },
} as const satisfies Record<string, OptionDef>;

/** Options of a mirror, by long name: each may stand in the configuration file and in the environment too. */
export const settingOptions = {
  ...selection,
  ...deletions,
  ...timing,
  ...transfer,
  ...attributes,
  ...links,
  ...hooks,
  ...connection,
} as const;

const configuration = {
  config: {
    type: "text",
    hint: "FILE",
    group: "Configuration",
    description:
      "Mirror what this file says (TOML, or a program like tsync.config.ts), or those of its mirrors that are named (default without SRC: tsync/config.toml in ~/.config or /etc)",
  },
} as const satisfies Record<string, OptionDef>;

/** Options of `watch` and `sync` that belong to the command line alone. */
const runOptions = {
  ...configuration,
  "dry-run": {
    type: "flag",
    alias: "n",
    group: "Output",
    description: "Print what would be done, touch nothing",
  },
  json: {
    type: "flag",
    group: "Output",
    description: "Print one JSON object for each event on standard output",
  },
  verbose: { type: "flag", alias: "v", group: "Output", description: "Print every single operation" },
  quiet: { type: "flag", alias: "q", group: "Output", description: "Print warnings and errors only" },
  view: {
    type: "flag",
    default: true,
    group: "Output",
    description: "Show on a terminal what each target is doing, and how far long work is",
    without: "Print lines only on a terminal too, without the view of what each target is doing below them",
  },
  "log-file": {
    type: "text",
    hint: "FILE",
    group: "Output",
    description: "Add what is said to this file; it is opened anew on SIGUSR1, after it was renamed",
  },
  "log-format": {
    type: "choice",
    choices: ["text", "json"],
    default: "text",
    group: "Output",
    description: "How the lines in the log file are written; json: the same as with --json",
  },
  socket: {
    type: "text",
    hint: "FILE",
    group: "Control",
    description:
      "Control socket, in place of one in $XDG_RUNTIME_DIR/tsync (for root without that: /run/tsync); none for no socket",
  },
} as const satisfies Record<string, OptionDef>;

const json = { type: "flag", group: "Output", description: "Print JSON" } as const satisfies OptionDef;

/** Options of the commands that steer a tsync that runs, by command. */
export const controlOptions = {
  status: {
    json,
    watch: { type: "flag", alias: "w", group: "Output", description: "Print it again each second" },
  },
  resume: {
    "accept-deletes": {
      type: "flag",
      group: "Deletions",
      description:
        "Follow what a guard halted the mirror for: deletions, or a source that is empty or another one",
    },
  },
  flush: {
    timeout: { type: "duration", group: "When", description: "Give up after this time (30s, 5m)" },
  },
  why: { json },
  log: {
    json,
    follow: {
      type: "flag",
      alias: "f",
      group: "Output",
      description: "Go on with what goes out from now on",
    },
    lines: {
      type: "count",
      alias: "n",
      min: 0,
      max: 10_000,
      default: 50,
      group: "Output",
      description: "How many changes to print",
    },
  },
} as const satisfies Record<string, Readonly<Record<string, OptionDef>>>;

/** All options of `sync`; `watch` has them too. */
export const mirrorOptions = { ...settingOptions, ...runOptions } as const;

/** What a tsync that runs shows of itself over the network. */
export const monitorOptions = {
  metrics: {
    type: "text",
    hint: "[HOST:]PORT",
    group: "Control",
    description: "Serve metrics for Prometheus at http://HOST:PORT/metrics (HOST is 127.0.0.1 if left out)",
  },
  web: {
    type: "text",
    hint: "[HOST:]PORT",
    group: "Control",
    description:
      "Serve a page that shows what each target is doing at http://HOST:PORT/, with /status.json and /metrics; nothing can be changed there",
  },
} as const satisfies Record<string, OptionDef>;

/** Options of what goes on running. */
export const watchOptions = {
  ...mirrorOptions,
  ...monitorOptions,
  daemon: {
    type: "flag",
    alias: "d",
    group: "Running it",
    description:
      "Go on in the background once every target is connected; what fails before that is shown, and is the exit code",
  },
  "pid-file": {
    type: "text",
    hint: "FILE",
    group: "Running it",
    description: "Write the process id to this file, and remove it at the end",
  },
} as const satisfies Record<string, OptionDef>;

/** All options of `service`: those of `watch` go into the service. */
export const serviceOptions = {
  ...settingOptions,
  ...configuration,
  ...monitorOptions,
  user: {
    type: "flag",
    group: "Running it",
    description: "A service of this user (the default, but for root)",
  },
  system: {
    type: "flag",
    group: "Running it",
    description: "A service of the machine, run by root (the default for root)",
  },
  name: {
    type: "text",
    hint: "NAME",
    group: "Running it",
    description: "Name of this service beside others: tsync-NAME",
  },
  manager: {
    type: "choice",
    choices: ["systemd", "launchd"],
    group: "Running it",
    description: "What it is written for (default: what this system has)",
  },
  force: {
    type: "flag",
    group: "Running it",
    description: "Replace or remove a file that tsync did not write, or that was changed since",
  },
} as const satisfies Record<string, OptionDef>;

/** All options of `verify`. */
export const verifyOptions = {
  ...settingOptions,
  ...configuration,
  repair: {
    type: "flag",
    group: "Deletions",
    description: "Mend what differs; what only the target has is removed with --delete exact",
  },
  json: { type: "flag", group: "Output", description: "Print one JSON object a line" },
  quiet: {
    type: "flag",
    alias: "q",
    group: "Output",
    description: "Print differences, warnings and errors only",
  },
} as const satisfies Record<string, OptionDef>;

/** The options of commands that only look at what `watch` and `sync` would do. */
export const lookOptions = {
  ...settingOptions,
  ...configuration,
  json: { type: "flag", group: "Output", description: "Print one JSON object a line" },
} as const satisfies Record<string, OptionDef>;

/** The options of what only connects to a host. */
export const hostOptions = {
  ...connection,
  rsync: transfer.rsync,
  "rsync-path": transfer["rsync-path"],
  json: lookOptions.json,
} as const satisfies Record<string, OptionDef>;

/** The options that every command has. */
export const commonOptions = {
  help: { type: "flag", alias: "h", group: "Other", description: "Print this help" },
} as const satisfies Record<string, OptionDef>;

/** What an option is once it is read. */
type ValueOf<Def extends OptionType> = Def extends { type: "flag" }
  ? boolean
  : Def extends { type: "text" }
    ? string
    : Def extends { type: "list" }
      ? readonly string[]
      : Def extends { type: "choice"; choices: readonly (infer Choice)[] }
        ? Choice
        : Def extends { type: "set"; choices: readonly (infer Choice)[] }
          ? readonly Choice[]
          : Def extends { type: "command" }
            ? Command
            : number;

/** Name of an option of a mirror. */
export type SettingName = keyof typeof settingOptions;

/** The options of a mirror that are set, by name. Times are in milliseconds, sizes in bytes. */
export type Settings = { readonly [Name in SettingName]?: ValueOf<(typeof settingOptions)[Name]> };
