/**
 * Directories of our own that rsync sends in place of the source's: they are there, and have the modes that are
 * wanted, whatever happens to the source meanwhile. Paths that they do not have are removed by removing runs.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinText } from "node:path";
import { fromText, type Path, parentOf, root, toFs } from "../core/path.ts";
import { breathe } from "../system/breathe.ts";

/** A directory to be made, with its permission bits. */
export interface Planned {
  readonly path: Path;
  readonly mode: number;
}

/** Makes `directories` in a place of their own, with those above them, for as long as `work` takes. */
export async function withScaffold<T>(
  directories: readonly Planned[],
  work: (base: string) => Promise<T>,
): Promise<T> {
  const base = fromText(mkdtempSync(joinText(tmpdir(), "tsync-")));
  const at = (path: Path) => toFs(path === root ? base : `${base}/${path}`);
  const made = new Set<Path>([root]);
  const make = (path: Path) => {
    if (made.has(path)) return;
    make(parentOf(path));
    mkdirSync(at(path), { mode: 0o700 });
    made.add(path);
  };
  try {
    for (const { path } of directories) {
      make(path);
      await breathe();
    }
    for (const { path, mode } of [...directories].reverse()) chmodSync(at(path), mode);
    return await work(base);
  } finally {
    for (const path of [...made].reverse()) {
      // Of no use to anybody, but no reason to fail.
      try {
        rmdirSync(at(path));
      } catch {}
    }
  }
}
