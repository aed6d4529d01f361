/** Finds a target's directory by its remote shell, and what there is to work with. */
import { Fault, isFault } from "../core/fault.ts";
import { display } from "../core/path.ts";
import { oneLine } from "./remote-command.ts";
import { placeFault, placeScript } from "./remote-place.ts";
import type { RemoteShell } from "./remote-shell.ts";

/** What is to be found. */
export interface PlaceQuery {
  /** The directory as the user wrote it, as a byte string: absolute, or below the home directory. */
  readonly directory: string;
  /** False if a directory that is not there is not to be made; then reading it is enough. */
  readonly mayMake: boolean;
  /** How rsync is started there: its program, perhaps with words before and after it, for a shell. */
  readonly program: readonly string[];
  /** True if the version of rsync matters. */
  readonly asksVersion: boolean;
  /** The account, for people. */
  readonly account: string;
}

/** What was found. */
export interface FoundPlace {
  /** Absolute path of the directory, as a byte string. */
  readonly directory: string;
  /** Its inode number. */
  readonly inode: string;
  /** True if nothing is in it. */
  readonly isEmpty: boolean;
  /** False if there is no rsync. */
  readonly hasRsync: boolean;
  /** The first line of what `rsync --version` says; empty if it was not asked for, or says nothing. */
  readonly version: string;
}

/** Makes the directory if it may, and finds out about it in one round trip. Fault: "target", or the shell is lost. */
export async function findPlace(
  shell: Pick<RemoteShell, "ask">,
  query: PlaceQuery,
): Promise<FoundPlace | Fault> {
  const { directory: wanted, mayMake, account } = query;
  const lines = await shell.ask(scriptFor(query));
  if (isFault(lines)) return lines;
  const answer = /^v(1?)([^\n]*)\nf(1?)\ni *(\d*)[^\n]*\nu([^\n]*)\n([/q].*)$/s.exec(lines.join("\n"));
  if (answer === null) {
    return new Fault(
      "target",
      `the remote shell gave an answer that makes no sense: ${oneLine(lines.join("\n").slice(0, 200))}`,
    );
  }
  const [, hasRsync, version, empty, inode, unknown, directory] = answer as unknown as string[];
  const fault = placeFault(unknown!, wanted, account);
  if (fault !== null) return fault;
  if (!directory!.startsWith("/")) {
    return new Fault(
      "target",
      `cannot ${mayMake ? "write to" : "read"} ${display(wanted)} on ${account}: ${display(directory!.slice(1).trim())}`,
      "make it, or give the account the right to",
    );
  }
  return {
    directory: directory!,
    inode: inode!,
    isEmpty: empty === "1",
    hasRsync: hasRsync === "1",
    version: version!,
  };
}

function scriptFor({ directory, mayMake, program, asksVersion }: PlaceQuery): string {
  // (Line breaks at the end of an output are dropped.)
  return (
    `${placeScript(directory)}d=; q=\n` +
    `[ "$u" ] || { q=$(${mayMake ? "mkdir -p" : "ls -d"} "$p" 2>&1 </dev/null) && q=$(cd "$p" 2>&1 && pwd -P && echo .) && d=\${q%?.}; }\n` +
    `if [ "$d" ] && [ ! ${mayMake ? "-w" : "-r"} "$d" ]; then q="$d: Permission denied"; d=; fi\n` +
    `command -v ${program[0]} >/dev/null 2>&1 && v=1 || v=\n` +
    (asksVersion
      ? `[ ! "$v" ] || v=1$(${program.join(" ")} --version 2>/dev/null </dev/null | head -n 1)\n`
      : "") +
    'i=$(cd "$d" && ls -di .); [ "$(ls -A "$d" | head -n 1 | wc -c)" -gt 0 ] && f= || f=1\n' +
    `printf '%s\\n' "v$v" "f$f" "i$i" "u$u" "\${d:-q$q}"\n`
  );
}

/** There is no `program` for the account. */
export function noRsync(program: string, account: string): Fault {
  return new Fault(
    "missing-program",
    `${program} is not installed on ${account}, or not in the PATH of the account`,
    "install it there, or name it with --rsync-path",
  );
}
