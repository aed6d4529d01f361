/** Single files get another name, then each is removed: one after another, each waited for. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeTree, Random } from "../../helpers/trees.ts";
import type { Measure } from "./measure.ts";
import { Rounds } from "./rounds.ts";

const directory = "single";
export const singleFileBytes = 4096;
const oldName = (i: number) => `d0000/f${String(i - 1).padStart(4, "0")}`;
const newName = (i: number) => `d0000/renamed-${i}`;

export const fileChanges: Measure = {
  name: "file",
  about: "a file of 4 KiB is renamed, and one is deleted: time until that can be seen",
  prepare({ source }, { fileChanges: files }) {
    makeTree(join(source, directory), {
      files,
      filesPerDirectory: files,
      bytes: singleFileBytes,
      random: new Random(5),
    });
  },
  async run(session, { fileChanges: count, fileChangesMs: limitMs }) {
    const { source, destination, wait } = session;
    const [from, to] = [join(source, directory), join(destination, directory)];
    const random = new Random(8);
    const renames = new Rounds({ count, limitMs }, random);
    await renames.run(async (i, roundLimitMs) => {
      const startMs = session.change(() => renameSync(join(from, oldName(i)), join(from, newName(i))));
      const isDone = () => existsSync(join(to, newName(i))) && !existsSync(join(to, oldName(i)));
      return { startMs, seen: await wait(isDone, roundLimitMs) };
    });
    const bytes = await session.bytes();
    const removals = new Rounds({ count: renames.count, limitMs }, random);
    await removals.run(async (i, roundLimitMs) => {
      const startMs = session.change(() => rmSync(join(from, newName(i))));
      return { startMs, seen: await wait(() => !existsSync(join(to, newName(i))), roundLimitMs) };
    });
    return [
      ...renames.readings("rename of a file", "rename-"),
      {
        key: "bytes",
        title: "  bytes on the link a rename",
        unit: "bytes",
        value: Math.round(bytes / renames.count),
      },
      ...removals.readings("removal of a file", "removal-"),
    ];
  },
};
