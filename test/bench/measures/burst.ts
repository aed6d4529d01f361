/** Many new files at once in a new directory. */
import { join } from "node:path";
import { makeTree, Random } from "../../helpers/trees.ts";
import { ExpectedTree } from "../expected-tree.ts";
import { formatCount } from "../format.ts";
import { bulkLimitMs, bytesReading, type Measure, smallFileBytes, timeReading } from "./measure.ts";

export const burst: Measure = {
  name: "burst",
  prepare() {},
  async run(session, { burstFiles: files }) {
    const { source, destination, wait } = session;
    const [from, to] = [join(source, "burst"), join(destination, "burst")];
    const start = performance.now();
    makeTree(from, { files, filesPerDirectory: files, bytes: smallFileBytes, random: new Random(3) });
    const expected = new ExpectedTree(from);
    const seen = await wait(() => expected.isAt(to), bulkLimitMs);
    return [
      timeReading(`burst of ${formatCount(files)} new files`, start, seen),
      await bytesReading("  bytes on the link for the burst", session, seen),
    ];
  },
};
