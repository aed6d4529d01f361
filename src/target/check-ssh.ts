/** Says whether a directory behind ssh can be a target, without changing anything. */
import { Fault, isFault } from "../core/fault.ts";
import { display, fromText } from "../core/path.ts";
import type { HostRequest } from "../ssh/config.ts";
import type { ConnectionPool } from "../ssh/pool.ts";
import { RemoteShell } from "./remote-shell.ts";
import { shellQuote } from "./shell-quote.ts";
import { remoteWord } from "./ssh.ts";

/** What is checked. */
export interface SshPlace {
  readonly host: HostRequest;
  /** The directory as the user wrote it: absolute, or below the home directory. */
  readonly directory: string;
  /** What starts rsync there; it may have arguments. */
  readonly rsync: string;
}

/** What is well with `place`, in a few words, or what is not: the connection, rsync there, and the directory. */
export async function checkSsh(pool: ConnectionPool, place: SshPlace): Promise<string | Fault> {
  const connection = await pool.connection(place.host);
  if (isFault(connection)) return connection;
  const shell = await RemoteShell.start(connection, false);
  if (isFault(shell)) {
    const isRestricted = shell.code === "missing-program" && connection.alive;
    return isRestricted ? "the account has no shell: rsync alone will do everything" : shell;
  }
  const lines = await shell.ask(script(place), "checked");
  shell.close();
  if (isFault(lines)) return lines;
  // Start-up files may have printed something before.
  const from = lines.findLastIndex((line) => /^r1?$/.test(line));
  const [rsync, state, ...rest] = lines.slice(Math.max(from, 0));
  const who = connection.describe;
  if (rsync === "r")
    return new Fault("missing-program", `${place.rsync} is not installed on ${who}`, "install it there");
  const where = `${display(fromText(place.directory)) || "the home directory"} on ${who}`;
  const there = display(rest.join("\n"));
  switch (state) {
    case "writable":
      return "rsync is there, and the directory can be written";
    case "makeable":
      return `rsync is there, and the directory can be made in ${there}`;
    case "other":
      return new Fault(
        "target",
        `cannot write to ${where}: ${there} is not a directory`,
        "choose another place",
      );
    case "forbidden":
      return new Fault(
        "target",
        `cannot write to ${where}: ${there}: permission denied, or read-only`,
        "make it, or give the account the right to",
      );
    default:
      return new Fault("target", `the remote shell gave an answer that makes no sense: ${lines.join(" ")}`);
  }
}

/** Finds the directory, or the nearest one above it that is there, and tells what it is. */
function script({ directory, rsync }: SshPlace): string {
  const program = shellQuote(fromText(rsync.trim().split(/\s+/)[0]!));
  return (
    `p=${remoteWord(fromText(directory))}; s=writable\n` +
    `while ! e "$p"; do s=makeable; case $p in */*) p=\${p%/*}; [ "$p" ] || p=/ ;; *) p=. ;; esac; done\n` +
    'if [ ! -d "$p" ]; then s=other; elif [ ! -w "$p" ] || [ ! -x "$p" ]; then s=forbidden; fi\n' +
    `command -v ${program} >/dev/null 2>&1 && v=1 || v=\n` +
    'printf \'%s\\n\' "r$v" "$s" "$p"; a 0 checked 0\n'
  );
}
