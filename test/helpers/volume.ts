/** A small file system for the targets, which can be full. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { unmountAtExit } from "./janitor.ts";
import { runProcess } from "./process.ts";

/** See above. */
export interface Volume {
  /** Where it is mounted. */
  readonly folder: string;
  /** Leaves no room at all, until `free`. */
  fill(): void;
  free(): void;
  /** Changes options of the mount, such as `size=20m` or `ro`. */
  remount(options: string): Promise<void>;
  unmount(): Promise<void>;
}

/** Mounts one at `folder`, which is made; null where that is not allowed: then it is an ordinary folder. */
export async function mountVolume(folder: string, options = "size=128m"): Promise<Volume | null> {
  mkdirSync(folder);
  const mount = await runProcess(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]);
  if (mount.code !== 0) return null;
  const unmounted = unmountAtExit(folder);
  const ballast = `${folder}/ballast`;
  return {
    folder,
    fill() {
      const file = openSync(ballast, "w");
      try {
        for (const bytes of [1024 * 1024, 4096]) writeUntilFull(file, Buffer.alloc(bytes));
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    async remount(changed) {
      const { code, stderr } = await runProcess(["mount", "-o", `remount,${changed}`, folder]);
      if (code !== 0) throw new Error(stderr);
    },
    async unmount() {
      await runProcess(["umount", "-l", folder]);
      unmounted();
    },
  };
}

function writeUntilFull(file: number, buffer: Buffer): void {
  try {
    while (writeSync(file, buffer) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
