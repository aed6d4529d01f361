/** A directory with many files is removed, one file after another, as `rm -rf` does it. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeTree, Random } from "../../helpers/trees.ts";
import { formatCount } from "../format.ts";
import { bytesReading, type Measure, smallFileBytes, timeReading } from "./measure.ts";

const name = "doomed";

export const removal: Measure = {
  name: "removal",
  about: "a directory with many files is removed: time until it is gone",
  prepare({ source }, { burstFiles: files }) {
    makeTree(join(source, name), {
      files,
      filesPerDirectory: files,
      bytes: smallFileBytes,
      random: new Random(4),
    });
  },
  async run(session, { burstFiles, bulkLimitMs }) {
    const { source, destination, wait } = session;
    const start = session.change(() => rmSync(join(source, name), { recursive: true }));
    const seen = await wait(() => !existsSync(join(destination, name)), bulkLimitMs);
    return [
      timeReading(`removal of ${formatCount(burstFiles)} files`, start, seen, bulkLimitMs),
      await bytesReading("  bytes on the link for the removal", session, seen),
    ];
  },
};
