/** Many files get another name, one by one and all at once. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { makeTree, Random } from "../../helpers/trees.ts";
import { ExpectedTree } from "../expected-tree.ts";
import { formatCount } from "../format.ts";
import { bytesReading, type Measure, smallFileBytes, timeReading } from "./measure.ts";

const filesPerDirectory = 500;
const directory = "many";

export const singleRenames: Measure = {
  name: "renames",
  about: "many files are renamed one by one, all at once: time until the names there are those here",
  prepare({ source }, { singleRenames: files }) {
    makeTree(join(source, directory), {
      files,
      filesPerDirectory,
      bytes: smallFileBytes,
      random: new Random(6),
    });
  },
  async run(session, { singleRenames: files, bulkLimitMs }) {
    const { source, destination, wait } = session;
    const [from, to] = [join(source, directory), join(destination, directory)];
    const directories = Math.ceil(files / filesPerDirectory);
    const number = (n: number) => String(n).padStart(4, "0");
    const start = session.change(() => {
      for (let i = 0; i < files; i++) {
        const [inDirectory, name] = [i % directories, Math.floor(i / directories)];
        const path = join(from, `d${number(inDirectory)}`);
        renameSync(join(path, `f${number(name)}`), join(path, `renamed-${number(name)}`));
      }
    });
    const expected = new ExpectedTree(from, { exact: true });
    const seen = await wait(() => expected.isAt(to), bulkLimitMs);
    return [
      timeReading(`${formatCount(files)} renames of single files`, start, seen, bulkLimitMs),
      await bytesReading("  bytes on the link for these renames", session, seen),
    ];
  },
};
