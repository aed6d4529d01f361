/** What a target's transfers and backups need of its names. */
import type { Reserved } from "../core/reserved.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** Where rsync keeps files that it delays, unless there is a directory for parts. */
const delayedDirectory = ".~tmp~";

/** The names that are reserved; null if none are. */
export function reservedBy({ partialDirectory, delayUpdates, backup }: TransferOptions): Reserved | null {
  const names: string[] = [];
  if (partialDirectory !== null && !partialDirectory.startsWith("/")) names.push(partialDirectory);
  else if (partialDirectory === null && delayUpdates) names.push(delayedDirectory);
  const directory = backup?.directory ?? null;
  const suffix = backup !== null && backup.directory === null ? backup.suffix : null;
  const isBelow = directory !== null && !/^(\/|\.\.(\/|$))/.test(directory);
  if (names.length === 0 && suffix === null && !isBelow) return null;
  return { names, suffix, directory: isBelow ? directory : null };
}
