/** Where rsync works, and the words that stand for names there until they reach the target. */
import type { Fault } from "../core/fault.ts";
import type { RemoteCommand } from "./remote-command.ts";

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

/** What is known of a run before its remote side is started. */
export interface RunOutlook {
  /** The same command will probably be wanted again soon. */
  readonly again: boolean;
  /** Much will be sent. */
  readonly isLarge: boolean;
}

/** Starts the remote side of a run. */
type OpenCommand = (command: string, outlook: RunOutlook) => Promise<RemoteCommand | Fault>;

/** Stands for the target's directory on rsync's command line, where no name has to survive rsync's own quoting; `/.` follows. */
export const destinationWord = "TSYNC-DESTINATION";
/** The same for other names on the target. */
export const partialWord = "TSYNC-PARTIAL";
export const backupWord = "TSYNC-BACKUP";
export const suffixWord = "TSYNC-SUFFIX";

/** The directory as rsync's destination: rsync makes `DIRECTORY/` if it is gone, but not `DIRECTORY/.`. */
export function inPlace(directory: string): string {
  return `${directory}/.`;
}
