/** The folders of one trial. */
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeAtExit } from "../helpers/janitor.ts";
import type { Lab } from "./lab.ts";
import type { Site } from "./tools/tool.ts";

const memory = "/dev/shm";
/** So many files and directories there are at most, but for the large tree, which looks for itself. */
const entriesNeeded = 100_000;
/** What `statfs` calls a file system that is only in memory. */
const tmpfsType = 0x01021994;

/**
 * Where to put trees of up to `bytes`: in memory, if there is room. A disk is as slow as what was written to it
 * before, which is another tool's work, and so makes times incomparable. (What the tools keep for themselves is
 * on disk.)
 */
export function placeForTrees(bytes: number): string {
  try {
    accessSync(memory, constants.W_OK | constants.X_OK);
    const room = roomIn(memory);
    return room.bytes >= bytes && room.entries >= entriesNeeded ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** True if what lies in `place` is only in memory. */
export function isInMemory(place: string): boolean {
  return statfsSync(place).type === tmpfsType;
}

/** What the file system of `place` has room for; what lies in memory has to fit into it, too. */
export function roomIn(place: string): { bytes: number; entries: number } {
  const { bavail, bsize, ffree, files } = statfsSync(place);
  const free = bavail * bsize;
  return {
    bytes: isInMemory(place) ? Math.min(free, memoryAvailable()) : free,
    // A file system that makes inodes as it needs them says 0.
    entries: files === 0 ? Number.POSITIVE_INFINITY : ffree,
  };
}

function memoryAvailable(): number {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "latin1"));
  return match === null ? Number.POSITIVE_INFINITY : Number(match[1]) * 1024;
}

export interface SiteOptions {
  /** The folder for the trees. */
  place: string;
  /** How many destinations. */
  targets: number;
  env: Record<string, string>;
  otherEnv: Record<string, string>;
}

/** Makes the folders; what is in `Site` says what the rest is for. */
export function makeSite(
  lab: Lab,
  { place, targets, env, otherEnv }: SiteOptions,
): { site: Site; remove: () => void } {
  const trees = folder(place);
  const own = folder(tmpdir());
  const source = join(trees.path, "source");
  const destinations = Array.from({ length: targets }, (_, i) => join(trees.path, `destination-${i + 1}`));
  for (const path of [source, ...destinations]) mkdirSync(path);
  return {
    site: {
      source,
      destinations,
      host: lab.sshd.host,
      configFile: lab.configFile,
      dir: own.path,
      env,
      otherEnv,
      openLink: lab.openLink,
    },
    remove() {
      trees.remove();
      own.remove();
    },
  };
}

/** A fresh folder, which goes at the latest when this process ends. */
export function folder(parent: string): { path: string; remove: () => void } {
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
