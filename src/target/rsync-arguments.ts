/** The one place where rsync's command line is made. Pure. */
import type { Send } from "../core/operation.ts";
import { checked, fromText, toBytes, toText } from "../core/path.ts";
import { shellQuote, tildeQuote } from "./shell-quote.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** Stands for the target's directory on rsync's command line, where no name has to survive rsync's own quoting. */
export const destinationWord = "TSYNC-DESTINATION";
/** The same for other names on the target. */
const partialWord = "TSYNC-PARTIAL";
const backupWord = "TSYNC-BACKUP";
const suffixWord = "TSYNC-SUFFIX";

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

/** What one run of rsync is for. */
export interface RsyncRun {
  /** How files are compared, as in `Send`. */
  readonly compare: Send["compare"];
  /** True if all files grew, as in `Send`. */
  readonly grown?: boolean;
  /** Where to: a local directory, or null for the connection on descriptor 3. */
  readonly localDestination: string | null;
  /** Transfer nothing, only say of each path whether it is equal. */
  readonly check?: boolean;
  /** The `pathArguments`; null to read a list. */
  readonly paths: readonly string[] | null;
  /** How many such runs may share the bandwidth. */
  readonly share?: number;
}

/** Arguments for sending paths (named as arguments, or else listed on standard input) to a target. */
export function rsyncArguments(run: RsyncRun, transfer: TransferOptions): string[] {
  const { paths } = run;
  // Times that are not mirrored say nothing about content. And what is there already must not be put in place
  // once more where backups are made: it would take the place of the one before.
  const byContent =
    run.compare === "changed" ? transfer.backup !== null : transfer.checksum || !transfer.times;
  return [
    ...attributeArguments(transfer),
    "-R",
    ...(byContent ? ["-c"] : run.compare === "changed" ? ["-I"] : []),
    ...(run.check
      ? ["-n", "-ii", "--out-format=%i %n", "--8-bit-output"]
      : ["--stats", ...contentArguments(run, transfer)]),
    // Times are compared to the nanosecond: rsync's own default leaves times within one second as they are.
    "--modify-window=-1",
    ...transfer.extra,
    "--no-implied-dirs",
    ...(paths === null ? ["--files-from=-", "--from0"] : []),
    // What vanished meanwhile is noticed by the look that follows.
    "--ignore-missing-args",
    ...(run.localDestination === null
      ? ["--blocking-io", "-e", `sh -c '${passThrough}' tsync`]
      : [`--timeout=${seconds(transfer.silenceMaxMs)}`]),
    ...(paths === null ? ["."] : ["--", ...paths]),
    run.localDestination === null ? `tsync:${destinationWord}` : inPlace(toText(run.localDestination)),
  ];
}

/** Attributes as with --archive, without recursion: the list has exactly what is to be sent. */
function attributeArguments(transfer: TransferOptions): string[] {
  const letters: [boolean, string][] = [
    [transfer.links, "l"],
    [transfer.perms, "p"],
    [transfer.times, "t"],
    [transfer.group, "g"],
    [transfer.owner, "o"],
    [true, "D"],
    [transfer.acls, "A"],
    [transfer.xattrs, "X"],
    [transfer.hardLinks, "H"],
    [transfer.copyLinks, "L"],
  ];
  return [
    `-${letters.map(([on, letter]) => (on ? letter : "")).join("")}`,
    ...(transfer.copyUnsafeLinks ? ["--copy-unsafe-links"] : []),
    ...(transfer.safeLinks ? ["--safe-links"] : []),
    ...(transfer.chmod === null ? [] : [`--chmod=${transfer.chmod}`]),
    ...(transfer.chown === null ? [] : [`--chown=${transfer.chown}`]),
  ];
}

/** What matters only where content is written. */
function contentArguments(run: RsyncRun, transfer: TransferOptions): string[] {
  const { bandwidth, backup, partialDirectory } = transfer;
  const isLocal = run.localDestination !== null;
  const grows = run.grown === true && transfer.append !== "no";
  const named = (word: string, name: string) => (isLocal ? toText(name) : word);
  return [
    ...(bandwidth === null ? [] : [`--bwlimit=${kibiBytes(bandwidth / (run.share ?? 1))}`]),
    // There is no way to compress anything on between two local directories.
    ...(transfer.compress && !isLocal ? ["-z"] : []),
    ...(transfer.sparse ? ["-S"] : []),
    ...(transfer.inplace ? ["--inplace"] : []),
    ...(grows ? [transfer.append === "verified" ? "--append-verify" : "--append"] : []),
    ...(transfer.delayUpdates ? ["--delay-updates"] : []),
    ...(partialDirectory === null ? [] : [`--partial-dir=${named(partialWord, partialDirectory)}`]),
    // Whole files, rsync's choice for local targets, could not go on from a part.
    ...(partialDirectory !== null && isLocal ? ["--no-whole-file"] : []),
    ...(backup === null ? [] : ["--backup", `--suffix=${named(suffixWord, backup.suffix)}`]),
    ...(backup === null || backup.directory === null
      ? []
      : [`--backup-dir=${named(backupWord, backup.directory)}`]),
  ];
}

/** The remote command that rsync asks for, with what the words in it stand for. */
export function remoteCommand(command: string, directory: string, transfer: TransferOptions): string {
  const { backup, partialDirectory } = transfer;
  const names: Record<string, string> = {
    [destinationWord]: inPlace(directory),
    [partialWord]: partialDirectory ?? "",
    [backupWord]: backup?.directory ?? "",
    [suffixWord]: backup?.suffix ?? "",
  };
  const words = command.replaceAll(new RegExp(Object.keys(names).join("|"), "g"), (word) =>
    shellQuote(names[word]!),
  );
  return words.replace(/^\S+/, () => remoteProgramWords(transfer).join(" "));
}

/** The words that start rsync on the target, quoted for a shell. */
export function remoteProgramWords(transfer: TransferOptions): string[] {
  return transfer.remoteProgram.split(/ +/).map((word) => tildeQuote(fromText(word)));
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
function inPlace(directory: string): string {
  return `${directory}/.`;
}

/** Whole seconds, at least one: rsync takes 0 for no limit. */
function seconds(durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs / 1000));
}

/** Whole KiB, at least one: rsync takes 0 for no limit. */
function kibiBytes(bytes: number): number {
  return Math.max(1, Math.floor(bytes / 1024));
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
  // With protected arguments the words for names would not be on the command line, where they are replaced.
  return { ...kept, RSYNC_PROTECT_ARGS: "0", LC_ALL: "C" };
}
