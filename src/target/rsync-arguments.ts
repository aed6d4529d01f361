/** The one place where rsync's command lines are made. Pure. */
import type { ClientChannel } from "ssh2";
import type { Fault } from "../core/fault.ts";
import type { Send } from "../core/operation.ts";
import { checked, type Path, toBytes, toText } from "../core/path.ts";

/** Where rsync works: a local directory, one of a daemon, or what `open` connects to the remote command it asks for. */
export type RsyncPlace =
  | {
      /** Absolute, as a byte string. */
      readonly directory: string;
    }
  | {
      /** `rsync://[user@]host[:port]/module[/path]/.`, as rsync reads it. */
      readonly url: string;
      readonly password: string;
    }
  | {
      readonly open: OpenCommand;
      /** True if rrsync, or the like, judges the command first. */
      readonly restricted?: boolean;
    };

/** Starts the remote side of a run; `again`: the same command will probably be wanted again soon. */
type OpenCommand = (command: string, again: boolean) => Promise<ClientChannel | Fault>;

/** Stands for the target's directory on rsync's command line, where no name has to survive rsync's own quoting; `/.` follows. */
export const destinationWord = "TSYNC-DESTINATION";

/**
 * Runs between rsync and an open connection, as rsync's "remote shell": reports the remote command on descriptor
 * 3, then passes everything through it both ways. It ends when the connection's side does: waiting for rsync to
 * close its end first would be a deadlock. (A background command reads from /dev/null unless told otherwise.)
 */
const passThrough =
  'exec 5<&0; shift; printf "%s\\0" "$*" >&3; cat <&5 >&3 2>/dev/null & cat <&3; kill $! 2>/dev/null; exit 0';

/** How long a daemon may take to answer a connection, and how long nothing may travel then. */
const daemonLimits = ["--contimeout=30", "--timeout=600"];

/** Lists what is in the list on standard input, and what is done with it, one line a path. */
const itemize = ["-ii", "--out-format=%i %n", "--8-bit-output"];

/** Takes the paths on standard input as they are, and makes no directories above them that differ. */
const fromList = ["-R", "--no-implied-dirs", "--files-from=-", "--from0"];

/** Times are compared to the nanosecond: rsync's own default leaves times within one second as they are. */
const exactTimes = "--modify-window=-1";

/** Attributes as with --archive, without recursion: the list has exactly what is to be sent. */
const asArchive = [
  "-lptgoD",
  exactTimes,
  ...fromList,
  // What vanished meanwhile is noticed by the look that follows.
  "--ignore-missing-args",
];

/** Flags for sending a list of paths to a target; `check`: transfer nothing, only say of each whether it is equal. */
export function sendFlags(options: {
  /** How files are compared, as in `Send`. */
  readonly compare: Send["compare"];
  readonly check?: boolean;
}): string[] {
  return [
    ...asArchive,
    ...(options.compare === "changed" ? ["-I"] : []),
    ...(options.check ? ["-n", ...itemize] : ["--stats"]),
  ];
}

/**
 * Flags for removing the listed paths: files, links, and directories that are empty. None of them may exist where
 * rsync runs: it removes what is missing there.
 * - `trees`: directories with all that is in them, too.
 * - `check`: remove nothing, only say what would be.
 */
export function removeFlags(options: { readonly trees?: boolean; readonly check?: boolean } = {}): string[] {
  return [
    "-d",
    ...fromList,
    "--delete-missing-args",
    ...itemize,
    ...(options.trees ? ["--force"] : []),
    ...(options.check ? ["-n"] : []),
  ];
}

/**
 * Flags for making the listed directories, with their modes unless `modes` is false.
 * - `replace`: also where something else is in their place.
 * - `only`: "existing" to make none, only give those that are there their modes.
 */
export function directoryFlags(options: {
  readonly modes?: boolean;
  readonly replace?: boolean;
  readonly only?: "existing";
  readonly check?: boolean;
}): string[] {
  return [
    "-d",
    ...(options.modes === false ? [] : ["-p"]),
    ...fromList,
    ...itemize,
    // Keeps what is no directory; directories that are there get their modes all the same.
    ...(options.replace ? [] : ["--ignore-existing"]),
    ...(options.only === undefined ? [] : ["--existing"]),
    ...(options.check ? ["-n"] : []),
  ];
}

/** Flags for giving the listed files this mode, which are otherwise equal. */
export function fileModeFlags(mode: number, check = false): string[] {
  const chmod = `--chmod=F${mode.toString(8).padStart(4, "0")}`;
  return [...asArchive, ...itemize, "--existing", chmod, ...(check ? ["-n"] : [])];
}

/** Flags for listing a place, at any depth or only its own entries. Nothing is received. */
export function listFlags(deep: boolean): string[] {
  return [deep ? "-r" : "-d", "-lD", "-n", ...itemize];
}

/** The whole command line: `flags`, and what is copied to `place`, or, with `pullTo`, from there. */
export function rsyncArguments(flags: readonly string[], place: RsyncPlace, pullTo?: string): string[] {
  const there = nameOf(place);
  const transport =
    "open" in place
      ? ["--blocking-io", "-e", `sh -c '${passThrough}' tsync`]
      : "url" in place
        ? daemonLimits
        : [];
  // Only the other side compares times, and rrsync takes the option in no form but this one. (A local rsync, on the
  // other hand, garbles long lists of files with it.)
  const restricted = "open" in place && place.restricted === true;
  const taken = flags.map((flag) => (restricted && flag === exactTimes ? `-M${flag}` : flag));
  return [...taken, ...transport, ...(pullTo === undefined ? [".", there] : [there, pullTo])];
}

function nameOf(place: RsyncPlace): string {
  if ("open" in place) return `tsync:${inPlace(destinationWord)}`;
  return "url" in place ? place.url : inPlace(toText(place.directory));
}

/** The directory as rsync's destination: rsync makes `DIRECTORY/` if it is gone, but not `DIRECTORY/.`. */
export function inPlace(directory: string): string {
  return `${directory}/.`;
}

/** The list of paths as rsync reads it. `./` keeps names that start with `#` or `;` from being comments. */
export function fileList(paths: readonly Path[]): Buffer {
  return toBytes(paths.map((path) => `./${checked(path)}\0`).join(""));
}

/** Environment for rsync: no setting of the user's may change what the call means. */
export function rsyncEnvironment(
  env: Record<string, string | undefined>,
  place: RsyncPlace,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !name.startsWith("RSYNC_")) kept[name] = value;
  }
  // An empty password, too, keeps rsync from asking for one on the terminal.
  if ("url" in place) kept.RSYNC_PASSWORD = place.password;
  // With protected arguments the destination word would not be on the command line, where it is replaced.
  return { ...kept, RSYNC_PROTECT_ARGS: "0", LC_ALL: "C" };
}
