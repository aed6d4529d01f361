/** How much work there is. */
export interface Scale {
  /** At most so many saves, and at most for so long. */
  saves: number;
  savesMs: number;
  /** Files of which each is renamed, and then removed, in turn; and at most how long each takes all together. */
  fileChanges: number;
  fileChangesMs: number;
  /** In the directory that is renamed. */
  renameFiles: number;
  burstFiles: number;
  /** Files that are renamed one by one, all at once. */
  singleRenames: number;
  /** The file of which 4 KiB change. */
  deltaBytes: number;
  /** A first sync of some large files, each so large. */
  largeFileBytes: number;
  /** A first sync of many small files. */
  manyFiles: number;
  /** For how long there are changes all the time. */
  sustainedMs: number;
  /** How often each way to a host opens a connection. */
  connections: number;
  /** Files of the large tree. */
  millionFiles: number;
  /** For how long the processor time is counted of a program at rest. */
  idleMs: number;
  /** How long a tool has for a lot of work. */
  bulkLimitMs: number;
}

export const normal: Scale = {
  saves: 100,
  savesMs: 15_000,
  fileChanges: 40,
  fileChangesMs: 6000,
  renameFiles: 10_000,
  burstFiles: 5000,
  singleRenames: 10_000,
  deltaBytes: 2 ** 30,
  largeFileBytes: 64 * 2 ** 20,
  manyFiles: 20_000,
  sustainedMs: 20_000,
  connections: 12,
  millionFiles: 1_000_000,
  idleMs: 30_000,
  bulkLimitMs: 60_000,
};

export const quick: Scale = {
  saves: 20,
  savesMs: 3000,
  fileChanges: 10,
  fileChangesMs: 1500,
  renameFiles: 2000,
  burstFiles: 1000,
  singleRenames: 1000,
  deltaBytes: 2 ** 28,
  largeFileBytes: 32 * 2 ** 20,
  manyFiles: 4000,
  sustainedMs: 3000,
  connections: 5,
  millionFiles: 100_000,
  idleMs: 5000,
  bulkLimitMs: 12_000,
};

/** The most that trees and what a tool makes beside them take at any time (three of the file, or 4 KiB a file). */
export function bytesNeeded(scale: Scale): number {
  return 3.5 * scale.deltaBytes;
}
