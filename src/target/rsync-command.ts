/** Whole command lines of rsync: here, and what runs on the target for them. Pure. */
import { fromText, toText } from "../core/path.ts";
import { basicLetters, exactTimes } from "./rsync-flags.ts";
import {
  backupWord,
  destinationWord,
  inPlace,
  partialWord,
  type RsyncPlace,
  suffixWord,
} from "./rsync-place.ts";
import { shellQuote, tildeQuote } from "./shell-quote.ts";
import type { TransferOptions } from "./transfer-options.ts";

/**
 * Runs between rsync and an open connection, as rsync's "remote shell": reports the remote command on descriptor
 * 3, then passes everything through it both ways. It ends when the connection's side does: waiting for rsync to
 * close its end first would be a deadlock. (A background command reads from /dev/null unless told otherwise.)
 */
const passThrough =
  'exec 5<&0; shift; printf "%s\\0" "$*" >&3; cat <&5 >&3 2>/dev/null & cat <&3; kill $! 2>/dev/null; exit 0';

/** How long a daemon may take to answer a connection. */
const daemonPatience = "--contimeout=30";

/** What a command line has besides flags and place. */
export interface CommandLine {
  /** What is copied, as arguments; without it, what the flags say of the working directory. */
  readonly paths?: readonly string[] | null;
  /** Where to copy to from the place, as text; without it, it is copied to there. */
  readonly pullTo?: string;
  /** How long nothing may travel. (A server that was started in advance must know no such limit.) */
  readonly silenceMaxMs: number;
}

/** The whole command line: `flags`, and what is copied to `place` or from there. */
export function rsyncArguments(
  flags: readonly string[],
  place: RsyncPlace,
  { paths = null, pullTo, silenceMaxMs }: CommandLine,
): string[] {
  const there = nameOf(place);
  const timeout = `--timeout=${seconds(silenceMaxMs)}`;
  const transport =
    "open" in place
      ? ["--blocking-io", "-e", `sh -c '${passThrough}' tsync`]
      : "url" in place
        ? [daemonPatience, timeout]
        : [timeout];
  // Only the other side compares times, and rrsync takes the option in no form but this one. (A local rsync, on the
  // other hand, garbles long lists of files with it.)
  const restricted = "open" in place && place.restricted === true;
  const taken = flags.map((flag) => (restricted && flag === exactTimes ? `-M${flag}` : flag));
  const here = paths === null ? ["."] : ["--", ...paths];
  return [...taken, ...transport, ...(pullTo === undefined ? [...here, there] : [there, pullTo])];
}

/** The remote command that rsync asks for, with what the words in it stand for. */
export function remoteCommand(command: string, directory: string, transfer: TransferOptions): string {
  const { backup, partialDirectory } = transfer;
  const names: Record<string, string> = {
    [destinationWord]: directory,
    [partialWord]: partialDirectory ?? "",
    [backupWord]: backup?.directory ?? "",
    [suffixWord]: backup?.suffix ?? "",
  };
  const words = command.replaceAll(new RegExp(Object.keys(names).join("|"), "g"), (word) =>
    shellQuote(names[word]!),
  );
  return words.replace(/^\S+/, () => remoteProgramWords(transfer).join(" "));
}

/**
 * The command of a receiver for tsync's own sender, with its files in `directory` (an absolute path there).
 * - `isChanged`: files are put in place whatever their sizes and times are, else only those that differ in them.
 * - `tellsApart`: the receiver knows the option to put its complaints between its data.
 */
export function receiverCommand(
  isChanged: boolean,
  directory: string,
  tellsApart: boolean,
  transfer: TransferOptions,
): string {
  const words = [
    ...remoteProgramWords(transfer),
    "--server",
    // At the end, what the sender can do: no lists in parts, no sums by agreement.
    `-${basicLetters(transfer)}${isChanged ? "I" : ""}dRe.LsfxCI`,
    exactTimes,
    "--no-implied-dirs",
    // A receiver removes nothing by it: it says of each file when it is in place.
    "--remove-source-files",
    ...(tellsApart ? ["--no-msgs2stderr"] : []),
    ...transfer.extra,
    ".",
    shellQuote(inPlace(directory)),
  ];
  return words.join(" ");
}

/** The words that start rsync on the target, quoted for a shell. */
export function remoteProgramWords(transfer: TransferOptions): string[] {
  return transfer.remoteProgram.split(/ +/).map((word) => tildeQuote(fromText(word)));
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
  // With protected arguments the words for names would not be on the command line, where they are replaced.
  return { ...kept, RSYNC_PROTECT_ARGS: "0", LC_ALL: "C" };
}

function nameOf(place: RsyncPlace): string {
  if ("open" in place) return `tsync:${inPlace(destinationWord)}`;
  return "url" in place ? place.url : inPlace(toText(place.directory));
}

/** Whole seconds, at least one: rsync takes 0 for no limit. */
function seconds(durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs / 1000));
}
