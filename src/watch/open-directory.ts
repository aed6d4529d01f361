/** Reads a directory and what is in it, by the fastest way that there is on this system. */
import { closeSync, constants, lstatSync, openSync, readdirSync } from "node:fs";
import { fromText, toFs, toText } from "../core/path.ts";
import { type FileStats, rawDirectory, workingDirectory } from "../system/raw-directory.ts";
import { within } from "../system/within.ts";

/** A directory that is being read. */
export interface OpenDirectory {
  /** The names in it, as byte strings. */
  readonly names: string[];
  /** What leads to a name in it, for `node:fs`. */
  readonly prefix: string;
  /** What `lstat` says of `name`, good until the next call; throws what `lstatSync` throws. */
  lstat(name: string): FileStats;
}

/** Calls `work` with the directory at `absolute` (a byte string); throws what `readdirSync` throws. */
type Read = <T>(absolute: string, work: (directory: OpenDirectory) => T) => T;

/** Reads with the calls of the C library where these are known, else with `node:fs`. */
export const inDirectory: Read = (absolute, work) =>
  (rawDirectory() === null ? inDirectoryByNode : inDirectoryRaw)(absolute, work);

/** Reads with the calls of the C library. */
export const inDirectoryRaw: Read = (absolute, work) => {
  const raw = rawDirectory()!;
  const prefix = `${absolute}/`;
  const descriptor = openSync(toFs(absolute), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const names = raw.names(descriptor) ?? listing(absolute);
    // Why something cannot be read is said by `node:fs`.
    const lstat = (name: string) => raw.lstat(descriptor, name) ?? lstatSync(toFs(prefix + name));
    return work({ names, prefix, lstat });
  } finally {
    closeSync(descriptor);
  }
};

/** Reads with `node:fs`, in short paths: the kernel finds them twice as fast as long ones. */
export const inDirectoryByNode: Read = (absolute, work) => {
  const read = (directory: string, prefix: string) =>
    work({ names: listing(directory), prefix, lstat: (name) => lstatSync(toFs(prefix + name)) });
  const text = toText(absolute);
  // A name that is no text cannot be entered.
  if (fromText(text) !== absolute) return read(`${absolute}/.`, `${absolute}/`);
  return within(text, (isInside) => (isInside ? read(".", "") : read(absolute, `${absolute}/`)));
};

/**
 * What `lstat` says of `absolute` (a byte string), good until the next call; null if nothing is there (an exception
 * would take ten times as long). Throws what `lstatSync` throws.
 */
export function lstat(absolute: string): FileStats | null {
  const found = rawDirectory()?.lstat(workingDirectory, absolute);
  return found ?? lstatSync(toFs(absolute), { throwIfNoEntry: false }) ?? null;
}

/** The names in `directory`. */
function listing(directory: string): string[] {
  // The declarations know no "latin1" here; the runtime gives each byte of a name as one character.
  return readdirSync(toFs(directory), { encoding: "latin1" as "utf8" });
}
