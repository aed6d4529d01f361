/** Many new files at once in a new directory. */
import { join } from "node:path";
import { makeTree, Random } from "../../helpers/trees.ts";
import { ExpectedTree } from "../expected-tree.ts";
import { formatCount } from "../format.ts";
import { bytesReading, type Measure, smallFileBytes, timeReading } from "./measure.ts";

export const burst: Measure = {
  name: "burst",
  about: "many new files of 1 KiB at once: time until all are there",
  prepare() {},
  async run(session, { burstFiles: files, bulkLimitMs }) {
    const { source, destination, wait } = session;
    const [from, to] = [join(source, "burst"), join(destination, "burst")];
    const random = new Random(3);
    const start = session.change(() => {
      makeTree(from, { files, filesPerDirectory: files, bytes: smallFileBytes, random });
    });
    const expected = new ExpectedTree(from);
    const seen = await wait(() => expected.isAt(to), bulkLimitMs);
    return [
      timeReading(`burst of ${formatCount(files)} new files`, start, seen, bulkLimitMs),
      await bytesReading("  bytes on the link for the burst", session, seen),
    ];
  },
};
