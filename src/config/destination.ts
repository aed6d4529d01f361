/** Reads a destination as it is written on the command line. */
import { Fault, isFault } from "../core/fault.ts";

/** A directory on this machine. */
interface LocalDestination {
  readonly kind: "local";
  /** What the user wrote. */
  readonly name: string;
  readonly path: string;
}

/** A directory that is reached through ssh. */
interface SshDestination {
  readonly kind: "ssh";
  readonly name: string;
  readonly host: string;
  readonly user?: string;
  /** Overrides `--port`. */
  readonly port?: number;
  /** Absolute, or below the home directory; `""` is the home directory itself. */
  readonly path: string;
}

/** A directory in a module of an rsync daemon. */
interface DaemonDestination {
  readonly kind: "daemon";
  readonly name: string;
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  readonly module: string;
  /** Below the module; `""` is the module itself. */
  readonly path: string;
}

/** How a command is told what to do: one JSON object, or fields that each end with a NUL. */
export const execFormats = ["json", "nul"] as const;

/** A command that carries out what is to be done, wherever that is. */
export interface ExecDestination {
  readonly kind: "exec";
  /** What it is called, in messages and in the ledger. */
  readonly name: string;
  /** The program (absolute, or a name to search for) and its arguments; at least the program. */
  readonly argv: readonly string[];
  readonly format: (typeof execFormats)[number];
  /** False if the command can move nothing: what was moved is removed, and sent under its new name. */
  readonly moves: boolean;
}

/** Where a mirror goes to that is written as one text. */
export type PlaceDestination = LocalDestination | SshDestination | DaemonDestination;

/** Where a mirror goes to. */
export type Destination = PlaceDestination | ExecDestination;

/** The same as it is written: without a path, an ssh destination means the source's own absolute path there. */
export type WrittenDestination =
  | LocalDestination
  | DaemonDestination
  | (Omit<SshDestination, "path"> & { readonly path: string | null });

const forms =
  "use /local/path, user@host:path, [ipv6]:path, ssh://user@host:port/path, host::module/path or rsync://user@host:port/module/path";

/** Says what is wrong with the destination that is being read. */
type Wrong = (why: string, hint?: string) => Fault;

/**
 * As rsync reads it: a colon before any slash separates a host from a path, two colons a host from a module. A
 * local path that has a colon (or an @ and no slash) is written with `./` in front.
 */
export function parseDestination(text: string): WrittenDestination | Fault {
  // Whatever is wrong with it, a password must not end up in a log.
  const shown = text.replace(/^(\w+:\/\/[^/@:]*):[^/@]*@/, "$1:…@");
  const wrong: Wrong = (why, hint = forms) => new Fault("usage", `the destination "${shown}" ${why}`, hint);
  if (text === "") return wrong("is empty");
  if (text.includes("\0")) return wrong("has a NUL byte");
  const url = /^(ssh|rsync|sftp|scp|https?|ftp|file):\/\/(.*)$/s.exec(text);
  if (url !== null) return parseUrl(text, url[1]!, url[2]!, wrong);
  const match = /^(?:([^@/:[\]]*)@)?(\[[^\]/]+\]|[^@/:[\]]+)(?::(.*))?$/s.exec(text);
  const isRemote = match !== null && (match[1] !== undefined || match[3] !== undefined);
  if (!isRemote) {
    const before = /^[^/]*/.exec(text)![0];
    if (/[:@]/.test(before) && !/^[^:]*@[^:]*\//.test(text)) return wrong("has no valid host");
    return { kind: "local", name: text, path: text };
  }
  const [, user, host, path] = match as unknown as [string, string | undefined, string, string | undefined];
  const where = checkHost(user, host.replace(/^\[(.*)\]$/s, "$1"), wrong);
  if (isFault(where)) return where;
  if (path?.startsWith(":")) return parseModule(text, where, path.slice(1), wrong);
  return {
    kind: "ssh",
    name: text,
    ...where,
    path: path === undefined ? null : withoutTrailingSlash(path),
  };
}

/** The part of a destination that says which machine it is on. */
interface Where {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

function checkHost(user: string | undefined, host: string, wrong: Wrong): Where | Fault {
  if (user === "") return wrong("has an empty user name before the @");
  if (host.startsWith("-") || user?.startsWith("-"))
    return wrong("has a host or user that starts with a dash");
  return user === undefined ? { host } : { host, user };
}

/** What comes after the scheme of an URL: `[user@]host[:port][/path]`, the user and the path percent-encoded. */
function parseUrl(text: string, scheme: string, rest: string, wrong: Wrong): WrittenDestination | Fault {
  if (scheme !== "ssh" && scheme !== "rsync") return wrong(`is an URL of the kind ${scheme}://`);
  const [, authority, encodedPath] = /^([^/]*)(.*)$/s.exec(rest)!;
  const match = /^(?:([^@]*)@)?(\[[^\]]+\]|[^@:[\]]+)(?::(\d*))?$/s.exec(authority!);
  if (match === null) return wrong("has no valid host");
  const [, encodedUser, bracketed, portText] = match;
  if (encodedUser?.includes(":")) {
    const better =
      scheme === "rsync"
        ? "use --password-file or RSYNC_PASSWORD"
        : "log in with a key, or use --password-file";
    return wrong("has a password in it, which everybody on this machine could read", better);
  }
  const [user, host, path] = [encodedUser, bracketed!.replace(/^\[(.*)\]$/s, "$1"), encodedPath!].map(decode);
  if (
    host === null ||
    user === null ||
    path === null ||
    [user, host, path].some((part) => part?.includes("\0"))
  )
    return wrong("has a percent sign that does not begin a valid encoding", "write %25 for a percent sign");
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && !(port > 0 && port < 65_536))
    return wrong("has a port that is not from 1 to 65535");
  const machine = checkHost(user, host!, wrong);
  if (isFault(machine)) return machine;
  const where: Where = port === undefined ? machine : { ...machine, port };
  if (scheme === "rsync") return parseModule(text, where, path!.slice(1), wrong);
  if (path === "")
    return wrong("names no path", "add /absolute/path, or /~/path for one below the home directory");
  return { kind: "ssh", name: text, ...where, path: pathOfUrl(path!) };
}

/** `/~/x` is below the home directory, `/~ann/x` below that of another user; all else is absolute. */
function pathOfUrl(path: string): string {
  const home = /^\/~(?:\/+(.*))?$/s.exec(path);
  if (home !== null) return withoutTrailingSlash(home[1] ?? "");
  return withoutTrailingSlash(path.startsWith("/~") ? path.slice(1) : path);
}

/** `module[/path]`. */
function parseModule(text: string, where: Where, rest: string, wrong: Wrong): DaemonDestination | Fault {
  if (/[@:/]/.test(where.user ?? "")) return wrong("has a user name that an rsync daemon cannot be told");
  const [module, ...parts] = rest.split("/").filter((part) => part !== "" && part !== ".");
  if (module === undefined || rest.startsWith("/"))
    return wrong("names no module", `rsync ${where.host}:: lists the modules of the daemon there`);
  if ([module, ...parts].includes("..")) return wrong('has the part ".."');
  return { kind: "daemon", name: text, ...where, module, path: parts.join("/") };
}

/** Percent-decoded; null if that does not give a text. */
function decode(text: string | undefined): string | undefined | null {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return null;
  }
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
}
