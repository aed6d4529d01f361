/** Flags of rsync for each thing that it is to do, and the lists that go with them. Pure. */
import type { Send } from "../core/operation.ts";
import { checked, fromText, type Path, root, toBytes, toText } from "../core/path.ts";
import { backupWord, partialWord, type RsyncPlace, suffixWord } from "./rsync-place.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** How far a listing goes: the paths themselves, what is directly in them, or all below them. */
export type Depth = "self" | "children" | "all";

/** How much of the room that the kernel has for arguments (2 MiB, as a rule) is taken. */
const argumentBytesMax = 1024 * 1024;

/** What the kernel takes for an argument besides its bytes. */
const argumentExtraBytes = 9;

/** Lists what is in the list on standard input, and what is done with it, one line a path. */
const itemize = ["-ii", "--out-format=%i %n", "--8-bit-output"];

/** Takes the paths on standard input as they are, and makes no directories above them that differ. */
const asPaths = ["-R", "--no-implied-dirs"];
const fromList = [...asPaths, "--files-from=-", "--from0"];

/** Times are compared to the nanosecond: rsync's own default leaves times within one second as they are. */
export const exactTimes = "--modify-window=-1";

/** What vanished meanwhile is noticed by the look that follows. */
const mayBeMissing = "--ignore-missing-args";

/** What one run that sends is for. */
export interface SendRun {
  /** How files are compared, as in `Send`. */
  readonly compare: Send["compare"];
  /** True if all files grew, as in `Send`. */
  readonly grown?: boolean;
  /** Transfer nothing, only say of each path whether it is equal. */
  readonly check?: boolean;
  /** The `pathArguments`; null to read a list. */
  readonly paths: readonly string[] | null;
  /** How many such runs may share the bandwidth. */
  readonly share?: number;
}

/** Flags for sending paths (named as arguments, or else listed on standard input) to a target. */
export function sendFlags(run: SendRun, transfer: TransferOptions, place: RsyncPlace): string[] {
  // Times that are not mirrored say nothing about content. And what is there already must not be put in place
  // once more where backups are made: it would take the place of the one before.
  const byContent =
    run.compare === "changed" ? transfer.backup !== null : transfer.checksum || !transfer.times;
  return [
    ...attributeFlags(transfer),
    exactTimes,
    ...(byContent ? ["-c"] : run.compare === "changed" ? ["-I"] : []),
    ...(run.check ? ["-n", ...itemize] : ["--stats", ...contentFlags(run, transfer, place)]),
    ...transfer.extra,
    ...(run.paths === null ? fromList : asPaths),
    mayBeMissing,
  ];
}

/** Attributes as with --archive, without recursion: the list has exactly what is to be sent. */
function attributeFlags(transfer: TransferOptions): string[] {
  const more: [boolean, string][] = [
    [true, "D"],
    [transfer.acls, "A"],
    [transfer.xattrs, "X"],
    [transfer.hardLinks, "H"],
    [transfer.copyLinks, "L"],
  ];
  return [
    `-${basicLetters(transfer)}${lettersOf(more)}`,
    ...(transfer.copyUnsafeLinks ? ["--copy-unsafe-links"] : []),
    ...(transfer.safeLinks ? ["--safe-links"] : []),
    ...(transfer.chmod === null ? [] : [`--chmod=${transfer.chmod}`]),
    ...(transfer.chown === null ? [] : [`--chown=${transfer.chown}`]),
  ];
}

/** The attributes that every file has, as letters of options. */
export function basicLetters(transfer: TransferOptions): string {
  return lettersOf([
    [transfer.links, "l"],
    [transfer.perms, "p"],
    [transfer.times, "t"],
    [transfer.group, "g"],
    [transfer.owner, "o"],
  ]);
}

function lettersOf(options: readonly (readonly [boolean, string])[]): string {
  return options.map(([isOn, letter]) => (isOn ? letter : "")).join("");
}

/** What matters only where content is written. */
function contentFlags(run: SendRun, transfer: TransferOptions, place: RsyncPlace): string[] {
  const { bandwidth, backup, partialDirectory } = transfer;
  const isLocal = "directory" in place;
  const grows = run.grown === true && transfer.append !== "no";
  const named = (word: string, name: string) =>
    "open" in place && place.restricted !== true ? word : toText(name);
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
  return [
    "-lptgoD",
    exactTimes,
    ...fromList,
    mayBeMissing,
    ...itemize,
    "--existing",
    chmod,
    ...(check ? ["-n"] : []),
  ];
}

/** Flags for listing a place, at any depth or only its own entries. Nothing is received. */
export function listFlags(deep: boolean): string[] {
  return [deep ? "-r" : "-d", "-lD", "-n", ...itemize];
}

/** Flags for listing what `lookList` names of a place. Nothing is received. */
export function inspectFlags(depth: Depth): string[] {
  return [
    depth === "all" ? "-r" : "-d",
    "-lD",
    "-n",
    "-ii",
    "--out-format=%i %B %l %n",
    "--8-bit-output",
    ...fromList,
    mayBeMissing,
  ];
}

/** The list for such a run. A slash at the end means what is in a directory. */
export function lookList(paths: readonly Path[], depth: Depth): Buffer {
  const slash = depth === "self" ? "" : "/";
  return toBytes(paths.map((path) => (path === root ? "./\0" : `./${checked(path)}${slash}\0`)).join(""));
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

/** Whole KiB, at least one: rsync takes 0 for no limit. */
function kibiBytes(bytes: number): number {
  return Math.max(1, Math.floor(bytes / 1024));
}

/** The list of paths as rsync reads it. `./` keeps names that start with `#` or `;` from being comments. */
export function fileList(paths: readonly Path[]): Buffer {
  return toBytes(paths.map((path) => `./${checked(path)}\0`).join(""));
}
