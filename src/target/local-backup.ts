/** Keeps what is replaced or removed on a target on this machine. */
import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, type Stats } from "node:fs";
import { join, type Path, parentOf, toBytes, toFs } from "../core/path.ts";
import { isAbsence } from "../system/file-error.ts";
import { shellQuote } from "./shell-quote.ts";
import type { BackupOptions } from "./transfer-options.ts";

/** The backups of one target. */
export class LocalBackup {
  /** `root`: the target's root, an absolute byte string. */
  constructor(
    private readonly root: string,
    private readonly options: BackupOptions,
  ) {}

  /** Moves what is at `path`, which is no directory, to where backups are. */
  keep(path: Path): void {
    const from = `${this.root}/${path}`;
    const to = this.#placeOf(path);
    if (this.options.directory !== null) this.#makeParents(parentOf(to));
    // An older backup.
    if (isDirectory(to)) rmSync(toFs(to), { recursive: true, force: true });
    try {
      renameSync(toFs(from), toFs(to));
    } catch (error) {
      if ((error as { code?: string }).code !== "EXDEV") throw error;
      moveAcross(from, to);
    }
  }

  /**
   * Does so with all files at and below `path`, then removes the directories that are empty by then. Backups in it
   * stay where they are.
   */
  keepTree(path: Path): void {
    if (this.#isBackup(path)) return;
    if (!isDirectory(`${this.root}/${path}`)) {
      this.keep(path);
      return;
    }
    const directory = toFs(`${this.root}/${path}`);
    for (const name of readdirSync(directory, { encoding: "latin1" as "utf8" }))
      this.keepTree(join(path, name));
    if (readdirSync(directory).length === 0) rmdirSync(directory);
  }

  #isBackup(path: Path): boolean {
    const { directory, suffix } = this.options;
    return directory === null ? path.endsWith(suffix) : path === directory;
  }

  #placeOf(path: Path): string {
    const { directory, suffix } = this.options;
    if (directory === null) return `${this.root}/${path}${suffix}`;
    return `${this.#base(directory)}/${path}${suffix}`;
  }

  #base(directory: string): string {
    return directory.startsWith("/") ? directory : `${this.root}/${directory}`;
  }

  #makeParents(directory: string): void {
    const base = this.#base(this.options.directory!);
    try {
      mkdirSync(toFs(directory), { recursive: true, mode: 0o700 });
    } catch (error) {
      // The backup of a file where a directory of that name is wanted now.
      let at = directory;
      while (at.length > base.length && look(at) === null) at = parentOf(at);
      if (at.length <= base.length || isDirectory(at)) throw error;
      rmSync(toFs(at));
      mkdirSync(toFs(directory), { recursive: true, mode: 0o700 });
    }
  }
}

/** To another file system, with all attributes. */
function moveAcross(from: string, to: string): void {
  // An argument would have to be text.
  const input = toBytes(`mv -f ${shellQuote(from)} ${shellQuote(to)}`);
  const { status, stderr, error } = spawnSync("sh", ["-s"], { input, encoding: "utf8" });
  if (status !== 0) throw error ?? new Error(stderr.trim());
}

function look(path: string): Stats | null {
  try {
    return lstatSync(toFs(path));
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function isDirectory(path: string): boolean {
  return look(path)?.isDirectory() === true;
}
