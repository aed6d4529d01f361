/** The one table of what `watch` and `sync` take: it feeds the checks, `--help` and the completions. */
import type { ArgDef } from "citty";

/** An option of the table. */
export type OptionDef = ArgDef & {
  /** May be given several times. */
  readonly repeatable?: boolean;
};

/** Options by long name. */
export const mirrorOptions = {
  delete: {
    type: "enum",
    options: ["tracked", "exact", "never"],
    default: "tracked",
    description:
      "What may be deleted on a target: tracked = what tsync put there, exact = everything the source does not have, never = nothing (a moved file then keeps its old name there too)",
  },
  "dry-run": { type: "boolean", alias: "n", description: "Print what would be done, touch nothing" },
  "accept-deletes": {
    type: "boolean",
    description: "Go on although the source is empty or is another directory than before",
  },
  settle: {
    type: "string",
    valueHint: "TIME",
    default: "10ms",
    description: "How long a path must be quiet before it is sent (10ms, 2s)",
  },
  "ssh-config": {
    type: "string",
    alias: "F",
    valueHint: "FILE",
    description: "OpenSSH configuration file to use instead of ~/.ssh/config",
  },
  port: { type: "string", alias: "p", valueHint: "PORT", description: "Port of the ssh server" },
  identity: {
    type: "string",
    alias: "i",
    valueHint: "FILE",
    repeatable: true,
    description: "Private key to log in with (may be given several times)",
  },
  "password-file": {
    type: "string",
    valueHint: "FILE",
    description: "File with the password for rsync daemons in its first line (else RSYNC_PASSWORD is used)",
  },
  json: { type: "boolean", description: "Print one JSON object for each event on standard output" },
  verbose: { type: "boolean", alias: "v", description: "Print every single operation" },
  quiet: { type: "boolean", alias: "q", description: "Print warnings and errors only" },
} as const satisfies Record<string, OptionDef>;

/** The options that every command has. */
export const commonOptions = {
  help: { type: "boolean", alias: "h", description: "Print this help" },
} as const satisfies Record<string, OptionDef>;

/** What the commands of the table take besides options. */
export const mirrorPositionals = {
  source: {
    type: "positional",
    valueHint: "SRC",
    required: true,
    description:
      "Directory to mirror: its contents become the contents of each DEST. In /a/./b/c the part b/c is repeated below DEST",
  },
  destinations: {
    type: "positional",
    valueHint: "DEST…",
    required: true,
    description:
      "/local/path, [user@]host:path, ssh://[user@]host[:port]/path, host::module/path or rsync://[user@]host[:port]/module/path; user@host alone means the same path as SRC there. Several are served side by side",
  },
} as const satisfies Record<string, ArgDef>;
