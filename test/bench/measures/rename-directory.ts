/** A directory with many files gets another name. Its files are there from the start: that is the first sync. */
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { makeTree, Random } from "../../helpers/trees.ts";
import { ExpectedTree } from "../expected-tree.ts";
import { formatCount } from "../format.ts";
import { bytesReading, type Measure, smallFileBytes, timeReading } from "./measure.ts";

const filesPerDirectory = 500;
const [oldName, newName] = ["before", "after"];

export const renameDirectory: Measure = {
  name: "directory",
  about:
    "a directory with many files is renamed: time until all are there under the new name and none under the old",
  prepare({ source }, { renameFiles: files }) {
    makeTree(join(source, oldName), {
      files,
      filesPerDirectory,
      bytes: smallFileBytes,
      random: new Random(2),
    });
  },
  async run(session, { renameFiles, bulkLimitMs }) {
    const { source, destination, firstSyncMs, wait } = session;
    const count = formatCount(renameFiles);
    const expected = new ExpectedTree(join(source, oldName));
    const [gone, there] = [join(destination, oldName), join(destination, newName)];
    const start = session.change(() => renameSync(join(source, oldName), join(source, newName)));
    const seen = await wait(() => !existsSync(gone) && expected.isAt(there), bulkLimitMs);
    return [
      { key: "first-sync", title: `first sync of ${count} files of 1 KiB`, unit: "ms", value: firstSyncMs },
      timeReading(`rename of a directory of ${count} files`, start, seen, bulkLimitMs),
      await bytesReading("  bytes on the link for that rename", session, seen),
    ];
  },
};
