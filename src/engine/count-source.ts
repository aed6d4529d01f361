/** Counts what there is in a source, so that a first sync can say how far it is. */
import { join, type Path, root } from "../core/path.ts";
import type { Clock } from "../system/clock.ts";
import type { Sent } from "../target/rsync-progress.ts";
import type { SourceTree } from "../watch/source-tree.ts";

/** Files and bytes that are mirrored, all together; null if `isOver` says so before the end. What cannot be read does not count. */
export async function countSource(
  source: SourceTree,
  clock: Pick<Clock, "breathe">,
  isOver: () => boolean,
): Promise<Sent | null> {
  let [files, bytes] = [0, 0];
  const todo: Path[] = [root];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (isOver()) return null;
    const names = source.list(path);
    if (!Array.isArray(names)) continue;
    const directory = `${path === root ? source.base : source.absolute(path)}/`;
    for (const name of names) {
      const entry = source.lookAt(directory + name, path, name);
      if (entry === null || entry.kind === "problem") continue;
      const child = join(path, name);
      if (source.selection.leavesOut(child, entry)) continue;
      if (entry.kind === "directory") todo.push(child);
      else files++;
      if (entry.kind === "file") bytes += entry.size;
    }
    await clock.breathe();
  }
  return { files, bytes };
}
