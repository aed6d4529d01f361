/** The one place where rsync's command line is made. Pure. */
import type { Send } from "../core/operation.ts";
import { checked, fromText, toBytes, toText } from "../core/path.ts";

/** Stands for the target's directory on rsync's command line, where no name has to survive rsync's own quoting. */
export const destinationWord = "TSYNC-DESTINATION";

/**
 * Runs between rsync and an open connection, as rsync's "remote shell": reports the remote command on descriptor
 * 3, then passes everything through it both ways. It ends when the connection's side does: waiting for rsync to
 * close its end first would be a deadlock. (A background command reads from /dev/null unless told otherwise.)
 */
const passThrough =
  'exec 5<&0; shift; printf "%s\\0" "$*" >&3; cat <&5 >&3 2>/dev/null & cat <&3; kill $! 2>/dev/null; exit 0';

/** How much of the room that the kernel has for arguments (2 MiB, as a rule) is taken. */
const argumentBytesMax = 1024 * 1024;

/** What the kernel takes for an argument besides its bytes. */
const argumentExtraBytes = 9;

/** Arguments for sending paths (named as arguments, or else listed on standard input) to a target. */
export function rsyncArguments(options: {
  /** How files are compared, as in `Send`. */
  readonly compare: Send["compare"];
  /** Where to: a local directory, or null for the connection on descriptor 3. */
  readonly localDestination: string | null;
  /** Transfer nothing, only say of each path whether it is equal. */
  readonly check?: boolean;
  /** The `pathArguments`; null to read a list. */
  readonly paths: readonly string[] | null;
}): string[] {
  const { paths } = options;
  return [
    // Attributes as with --archive, without recursion: the list has exactly what is to be sent.
    "-lptgoD",
    "-R",
    ...(options.compare === "changed" ? ["-I"] : []),
    ...(options.check ? ["-n", "-ii", "--out-format=%i %n", "--8-bit-output"] : ["--stats"]),
    // Times are compared to the nanosecond: rsync's own default leaves times within one second as they are.
    "--modify-window=-1",
    "--no-implied-dirs",
    ...(paths === null ? ["--files-from=-", "--from0"] : []),
    // What vanished meanwhile is noticed by the look that follows.
    "--ignore-missing-args",
    ...(options.localDestination === null ? ["--blocking-io", "-e", `sh -c '${passThrough}' tsync`] : []),
    ...(paths === null ? ["."] : ["--", ...paths]),
    options.localDestination === null
      ? `tsync:${destinationWord}`
      : inPlace(toText(options.localDestination)),
  ];
}

/**
 * The paths as arguments: rsync reads a list byte by byte, with two system calls each, which for small files takes
 * as long as sending them. Null where only a list will do: for directories (whose content would be meant), for names
 * that are no text, and for more than the kernel takes.
 */
export function pathArguments(sends: readonly Send[]): string[] | null {
  const found: string[] = [];
  let bytes = 0;
  for (const { path, entry } of sends) {
    const text = toText(checked(path));
    bytes += path.length + argumentExtraBytes + 2;
    if (entry.kind === "directory" || bytes > argumentBytesMax || fromText(text) !== path) return null;
    found.push(`./${text}`);
  }
  return found;
}

/** The directory as rsync's destination: rsync makes `DIRECTORY/` if it is gone, but not `DIRECTORY/.`. */
export function inPlace(directory: string): string {
  return `${directory}/.`;
}

/** The list of paths as rsync reads it. `./` keeps names that start with `#` or `;` from being comments. */
export function fileList(sends: readonly Send[]): Buffer {
  return toBytes(sends.map((send) => `./${checked(send.path)}\0`).join(""));
}

/** Environment for rsync: no setting of the user's may change what the call means. */
export function rsyncEnvironment(env: Record<string, string | undefined>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !name.startsWith("RSYNC_")) kept[name] = value;
  }
  // With protected arguments the destination word would not be on the command line, where it is replaced.
  return { ...kept, RSYNC_PROTECT_ARGS: "0", LC_ALL: "C" };
}
