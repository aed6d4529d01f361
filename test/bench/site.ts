/** The folders of one trial. */
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeAtExit } from "../helpers/janitor.ts";
import type { Lab } from "./lab.ts";
import type { Site } from "./tools/tool.ts";

const memory = "/dev/shm";
const bytesNeeded = 1e9;

/**
 * Where to put the trees: in memory, if there is room. A disk is as slow as what was written to it before, which
 * is another tool's work, and so makes times incomparable. (What the tools keep for themselves is on disk.)
 */
export function placeForTrees(): string {
  try {
    accessSync(memory, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= bytesNeeded ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Makes the folders, with the trees in `place`; `env` is for the tool. */
export function makeSite(
  lab: Lab,
  place: string,
  env: Record<string, string>,
): { site: Site; remove: () => void } {
  const trees = folder(place);
  const own = folder(tmpdir());
  const [source, destination] = [join(trees.path, "source"), join(trees.path, "destination")];
  mkdirSync(source);
  mkdirSync(destination);
  return {
    site: { source, destination, host: lab.sshd.host, configFile: lab.configFile, dir: own.path, env },
    remove() {
      trees.remove();
      own.remove();
    },
  };
}

/** A fresh folder, which goes at the latest when this process ends. */
function folder(parent: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(parent, "tsync-bench-"));
  const keep = removeAtExit(path);
  return {
    path,
    remove() {
      try {
        rmSync(path, { recursive: true, maxRetries: 3 });
        keep();
      } catch {
        // Something is still at work in it: it goes at the end.
      }
    },
  };
}
