/** What a target's transfers and backups need of its names. */
import type { Reserved } from "../core/reserved.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** Where rsync keeps files that it delays, unless there is a directory for parts. */
const delayedDirectory = ".~tmp~";

/**
 * The name of the directories in which rsync keeps what is not in place yet; null if there are none. One that is
 * left over, of a file that never arrived, does not keep its directory from being removed.
 */
export function workingName({ partialDirectory, delayUpdates }: TransferOptions): string | null {
  if (partialDirectory === null) return delayUpdates ? delayedDirectory : null;
  return partialDirectory.startsWith("/") ? null : partialDirectory;
}

/** The names that are reserved; null if none are. */
export function reservedBy(transfer: TransferOptions): Reserved | null {
  const { backup } = transfer;
  const name = workingName(transfer);
  const names = name === null ? [] : [name];
  const directory = backup?.directory ?? null;
  const suffix = backup !== null && backup.directory === null ? backup.suffix : null;
  const isBelow = directory !== null && !/^(\/|\.\.(\/|$))/.test(directory);
  if (names.length === 0 && suffix === null && !isBelow) return null;
  return { names, suffix, directory: isBelow ? directory : null };
}
