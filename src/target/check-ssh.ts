/** Says whether a directory behind ssh can be a target, without changing anything. */
import { Fault, isFault } from "../core/fault.ts";
import { display, fromText } from "../core/path.ts";
import type { HostRequest } from "../ssh/config/config.ts";
import type { Executor } from "../ssh/connection.ts";
import type { ConnectionPool } from "../ssh/pool.ts";
import { noRsync } from "./find-place.ts";
import { oneLine, startRestricted } from "./remote-command.ts";
import { placeFault, placeScript } from "./remote-place.ts";
import { RemoteShell } from "./remote-shell.ts";
import { targetWithoutShell } from "./restricted.ts";
import { tildeQuote } from "./shell-quote.ts";
import { defaultTransfer } from "./transfer-options.ts";

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
    return isRestricted ? await checkWithoutShell(connection, shell, place.directory) : shell;
  }
  const lines = await shell.ask(script(place));
  shell.close();
  if (isFault(lines)) return lines;
  const [rsync, state, unknown = "", ...rest] = lines;
  const who = connection.describe;
  if (rsync === "r") return noRsync(place.rsync, who);
  const fault = placeFault(unknown.slice(1), fromText(place.directory), who);
  if (fault !== null) return fault;
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
      return new Fault(
        "target",
        `the remote shell gave an answer that makes no sense: ${oneLine(lines.join(" "))}`,
      );
  }
}

async function checkWithoutShell(
  connection: Executor,
  noShell: Fault,
  directory: string,
): Promise<string | Fault> {
  const open = (command: string) => startRestricted(connection, command);
  const options = { directory, base: "", mayReplace: false, mustList: false, transfer: defaultTransfer };
  const target = await targetWithoutShell({ connection, noShell, open }, options, (it) => it.check());
  return isFault(target) ? target : "the account has no shell: rsync alone will do everything";
}

/** Finds the directory, or the nearest one above it that is there, and tells what it is. */
function script({ directory, rsync }: SshPlace): string {
  const program = tildeQuote(fromText(rsync.trim().split(/\s+/)[0]!));
  return (
    `${placeScript(fromText(directory))}s=writable\n` +
    `while ! e "$p"; do s=makeable; case $p in */*) p=\${p%/*}; [ "$p" ] || p=/ ;; *) p=. ;; esac; done\n` +
    'if [ ! -d "$p" ]; then s=other; elif [ ! -w "$p" ] || [ ! -x "$p" ]; then s=forbidden; fi\n' +
    `command -v ${program} >/dev/null 2>&1 && v=1 || v=\n` +
    'printf \'%s\\n\' "r$v" "$s" "u$u" "$p"\n'
  );
}
