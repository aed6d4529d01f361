/** A directory with many files gets another name. Its files are there from the start: that is the first sync. */
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { makeTree, Random } from "../../helpers/trees.ts";
import { ExpectedTree } from "../expected-tree.ts";
import { formatCount } from "../format.ts";
import { bulkLimitMs, bytesReading, type Measure, smallFileBytes, timeReading } from "./measure.ts";

const filesPerDirectory = 500;
const [oldName, newName] = ["before", "after"];

export const rename: Measure = {
  name: "rename",
  prepare(source, { renameFiles: files }) {
    makeTree(join(source, oldName), {
      files,
      filesPerDirectory,
      bytes: smallFileBytes,
      random: new Random(2),
    });
  },
  async run(session, { renameFiles }) {
    const { source, destination, firstSyncMs, wait } = session;
    const count = formatCount(renameFiles);
    const expected = new ExpectedTree(join(source, oldName));
    const [gone, there] = [join(destination, oldName), join(destination, newName)];
    const start = performance.now();
    renameSync(join(source, oldName), join(source, newName));
    const seen = await wait(() => !existsSync(gone) && expected.isAt(there), bulkLimitMs);
    return [
      { title: `first sync of ${count} files`, unit: "ms", value: firstSyncMs },
      timeReading(`rename of a directory of ${count} files`, start, seen),
      await bytesReading("  bytes on the link for the rename", session, seen),
    ];
  },
};
