/** Finds out what there is to know about a host, its account and a directory there, without changing anything. */
import { type Fault, isFault } from "../core/fault.ts";
import { fromText } from "../core/path.ts";
import type { Executor } from "../ssh/connection.ts";
import { type RemoteCommand, startScript } from "./remote-command.ts";
import { placeFault, placeScript } from "./remote-place.ts";
import { RemoteShell } from "./remote-shell.ts";
import { tildeQuote } from "./shell-quote.ts";

/** What was found. Texts are empty and numbers null where the host does not say. */
export interface HostProbe {
  /** For example `Linux 6.1.0 x86_64`. */
  readonly system: string;
  readonly user: string;
  /** The account's login shell, a path. */
  readonly loginShell: string;
  /** Whose programs the host has. */
  readonly userland: "GNU" | "BusyBox" | "BSD" | "unknown";
  /** For example `3.2.7`; empty if there is no rsync. */
  readonly rsyncVersion: string;
  /** How far its clock is ahead, to about a second. */
  readonly clockAheadMs: number | null;
  /** The shortest time that a command to the open shell took. */
  readonly roundTripMs: number;
  /** How long the account's shell took to start, round trips left out. */
  readonly shellStartMs: number;
  /** How many sessions the server allows on one connection, as far as that is 12 or less; null if it is more. */
  readonly sessions: number | null;
  readonly directory: DirectoryProbe;
}

/** What was found about the directory, or about the nearest one above it that is there. */
interface DirectoryProbe {
  readonly state: "writable" | "makeable" | "forbidden" | "other";
  /** The nearest directory that is there, a byte string. */
  readonly nearest: string;
  readonly freeBytes: number | null;
  readonly sizeBytes: number | null;
  readonly freeInodes: number | null;
  readonly inodes: number | null;
}

/** How often the round trip is measured: the shortest is the least disturbed. */
const roundTrips = 5;

/**
 * Starts a shell over `connection` and asks it; `rsync` is the command that runs rsync there. A fault is that of
 * `RemoteShell.start`, or the loss of the connection.
 */
export async function probeHost(
  connection: Executor,
  { directory, rsync }: { directory: string; rsync: string },
): Promise<HostProbe | Fault> {
  const startMs = performance.now();
  const shell = await RemoteShell.start(connection, false);
  if (isFault(shell)) return shell;
  const startedMs = performance.now() - startMs;
  const roundTripMs = await measureRoundTrip(shell);
  const askedMs = Date.now();
  const lines = isFault(roundTripMs) ? roundTripMs : await shell.ask(script(directory, rsync));
  const answeredMs = Date.now();
  const sessions = await countSessions(connection);
  shell.close();
  if (isFault(roundTripMs)) return roundTripMs;
  if (isFault(lines)) return lines;
  if (isFault(sessions)) return sessions;
  const said = new Map(lines.map((line): [string, string] => [line.slice(0, 2), line.slice(2)]));
  const text = (key: string) => said.get(key) ?? "";
  const fault = placeFault(text("n "), fromText(directory), connection.describe);
  if (fault !== null) return fault;
  const clockMs = Number(text("t ")) * 1000;
  return {
    system: text("s "),
    user: text("u "),
    loginShell: text("l "),
    userland: userlandOf(text("g ")),
    rsyncVersion: /version v?(\d[\w.]*)/.exec(text("r "))?.[1] ?? "",
    // The host's second began up to a second earlier; on average, half of one.
    clockAheadMs: clockMs > 0 ? clockMs + 500 - (askedMs + answeredMs) / 2 : null,
    roundTripMs,
    // A channel is opened and a command sent to it: two round trips.
    shellStartMs: Math.max(0, startedMs - 2 * roundTripMs),
    sessions,
    directory: {
      state: (text("d ") || "other") as DirectoryProbe["state"],
      nearest: text("p "),
      ...spaceOf(text("b ")),
      ...inodesOf(text("i ")),
    },
  };
}

async function measureRoundTrip(shell: RemoteShell): Promise<number | Fault> {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let at = 0; at < roundTrips; at++) {
    const startMs = performance.now();
    const lines = await shell.ask(":\n");
    if (isFault(lines)) return lines;
    shortestMs = Math.min(shortestMs, performance.now() - startMs);
  }
  return shortestMs;
}

/** Each line of the answer begins with a letter and a blank. */
function script(directory: string, rsync: string): string {
  const program = tildeQuote(fromText(rsync.trim().split(/\s+/)[0]!));
  return (
    `l() { printf '%s %s\\n' "$1" "$(printf '%s' "$2" | tr '\\n' ' ')"; }\n` +
    `l s "$(uname -srm 2>/dev/null)"; l u "$(id -un 2>/dev/null)"; l l "$SHELL"; l t "$(date +%s 2>/dev/null)"\n` +
    'l g "$(ls --version 2>&1 </dev/null | head -n 1) $(ls --help 2>&1 </dev/null | head -n 1)"\n' +
    `l r "$(${program} --version 2>/dev/null </dev/null | head -n 1)"\n` +
    `${placeScript(fromText(directory))}s=writable\n` +
    `while ! e "$p"; do s=makeable; case $p in */*) p=\${p%/*}; [ "$p" ] || p=/ ;; *) p=. ;; esac; done\n` +
    'if [ ! -d "$p" ]; then s=other; elif [ ! -w "$p" ] || [ ! -x "$p" ]; then s=forbidden; fi\n' +
    'l d "$s"; l p "$p"; l n "$u"\n' +
    'l b "$(df -Pk -- "$p" 2>/dev/null | tail -n 1)"; l i "$(df -Pi -- "$p" 2>/dev/null)"\n'
  );
}

function userlandOf(said: string): HostProbe["userland"] {
  if (/BusyBox/i.test(said)) return "BusyBox";
  if (/GNU|coreutils/.test(said)) return "GNU";
  return /illegal option|unrecognized option/.test(said) ? "BSD" : "unknown";
}

/** Reads a line of `df -Pk`: file system, size, used, free (KiB), share, place. The first may have blanks. */
function spaceOf(line: string): Pick<DirectoryProbe, "freeBytes" | "sizeBytes"> {
  const match = /\s(\d+)\s+\d+\s+(-?\d+)\s+\d+%\s/.exec(line);
  if (match === null) return { freeBytes: null, sizeBytes: null };
  return { freeBytes: Number(match[2]) * 1024, sizeBytes: Number(match[1]) * 1024 };
}

/** The same of `df -Pi`; only if it is about inodes, which not every `df` can tell (nor every file system has). */
function inodesOf(text: string): Pick<DirectoryProbe, "freeInodes" | "inodes"> {
  const match = /Inodes.*\s(\d+)\s+\d+\s+(\d+)\s+\d+%\s/.exec(text);
  const inodes = Number(match?.[1] ?? 0);
  return inodes === 0 ? { freeInodes: null, inodes: null } : { freeInodes: Number(match![2]), inodes };
}

/** How many sessions are tried at most; OpenSSH allows 10 unless told otherwise. */
const sessionsTriedMax = 12;

/** Tries one session after the other, besides the shell's, all at a time; they are closed again. */
async function countSessions(connection: Executor): Promise<number | null | Fault> {
  const commands = await Promise.all(
    Array.from({ length: sessionsTriedMax - 1 }, () => startScript(connection, "exec cat")),
  );
  const open = commands.filter((command): command is RemoteCommand => !isFault(command));
  for (const command of open) {
    command.output.resume();
    command.errors.resume();
    command.close();
  }
  if (!connection.alive) return connection.closed;
  const found = open.length + 1;
  return found === sessionsTriedMax ? null : found;
}
