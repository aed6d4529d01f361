/** How fast a lot of content gets there: the first sync of some large files, and that of many small ones. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makeTree, Random } from "../../helpers/trees.ts";
import { formatBinary, formatCount } from "../format.ts";
import type { Measure } from "./measure.ts";

const largeFileCount = 4;
const manyFileBytes = 4096;
const filesPerDirectory = 500;
const chunkBytes = 2 ** 24;
const firstSyncLimitMs = 120_000;

export const largeFiles: Measure = {
  name: "large-files",
  about: "the first sync of a few large files: time from the start of the tool",
  firstSyncLimitMs,
  prepare({ source }, { largeFileBytes }) {
    mkdirSync(join(source, "bulk"));
    for (let i = 0; i < largeFileCount; i++) makeLargeFile(join(source, "bulk", `file-${i}`), largeFileBytes);
  },
  run: async ({ firstSyncMs }, { largeFileBytes }) => {
    const of = `${largeFileCount} files of ${formatBinary(largeFileBytes)}`;
    const perSecond = (largeFileCount * largeFileBytes * 1000) / firstSyncMs;
    return [
      { key: "time", title: `first sync of ${of}`, unit: "ms", value: firstSyncMs },
      { key: "rate", title: "  content a second", unit: "rate", value: perSecond },
    ];
  },
};

export const manyFiles: Measure = {
  name: "many-files",
  about: "the first sync of many files of 4 KiB: time from the start of the tool",
  firstSyncLimitMs,
  prepare({ source }, { manyFiles: files }) {
    makeTree(join(source, "bulk"), { files, filesPerDirectory, bytes: manyFileBytes, random: new Random(9) });
  },
  run: async ({ firstSyncMs }, { manyFiles: files }) => [
    {
      key: "time",
      title: `first sync of ${formatCount(files)} files of 4 KiB`,
      unit: "ms",
      value: firstSyncMs,
    },
  ],
};

/** A file of bytes that do not compress and do not repeat. `bytes`: its size. */
export function makeLargeFile(path: string, bytes: number): void {
  const file = openSync(path, "w");
  const chunk = Buffer.alloc(Math.min(chunkBytes, bytes));
  for (let left = bytes; left > 0; left -= chunk.length) {
    // At most 64 KiB at a time are given.
    for (let at = 0; at < chunk.length; at += 65_536) {
      crypto.getRandomValues(chunk.subarray(at, at + 65_536));
    }
    writeSync(file, chunk, 0, Math.min(chunk.length, left));
  }
  closeSync(file);
}
