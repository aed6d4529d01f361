/** A target on this machine. */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { anyMode } from "../core/as-mirrored.ts";
import { Fault } from "../core/fault.ts";
import { isBuiltOn, type Outcome, type Send, type Step, wasDone } from "../core/operation.ts";
import { checked, display, join, type Path, root, toFs } from "../core/path.ts";
import { isReserved, type Reserved, withoutReserved } from "../core/reserved.ts";
import { filesOfTemporary } from "../core/temporary-name.ts";
import { breathe } from "../system/breathe.ts";
import { isAbsence, reasonOf } from "../system/file-error.ts";
import { creationMode } from "./creation-mode.ts";
import { LocalBackup } from "./local-backup.ts";
import { reservedBy, workingName } from "./reserved-by.ts";
import { type OnProgress, Rsync } from "./rsync.ts";
import type { Depth } from "./rsync-flags.ts";
import { notThere, targetGone } from "./rsync-output.ts";
import type { Comparison, Inspection, SendReport, Target } from "./target.ts";
import { defaultTransfer } from "./transfer-options.ts";

/** See `Target`. */
export class LocalTarget implements Target {
  readonly #rsync: Rsync;
  readonly #backup: LocalBackup | null;
  readonly #reserved: Reserved | null;
  readonly #working: string | null;
  #inode = 0;
  isEmpty = false;
  readonly canMove = true;

  /**
   * `directory` and `base` (the source's root) are absolute, as byte strings. `mayMake`: the directory is made if it is
   * not there; otherwise reading it is enough.
   */
  constructor(
    private readonly directory: string,
    private readonly base: string,
    private readonly mayReplace: boolean,
    transfer = defaultTransfer,
    private readonly mayMake = true,
  ) {
    this.#rsync = new Rsync(base, { directory }, transfer);
    this.#backup = transfer.backup === null ? null : new LocalBackup(directory, transfer.backup);
    this.#reserved = reservedBy(transfer);
    this.#working = workingName(transfer);
  }

  get identity(): string {
    return `${this.directory}#${this.#inode}`;
  }

  async connect(): Promise<Fault | null> {
    try {
      if (this.mayMake) mkdirSync(toFs(this.directory), { recursive: true });
      accessSync(toFs(this.directory), (this.mayMake ? constants.W_OK : constants.R_OK) | constants.X_OK);
      this.#inode = statSync(this.#at(root)).ino;
      this.isEmpty = readdirSync(this.#at(root)).length === 0;
      return null;
    } catch (error) {
      const where = display(this.directory);
      if (!this.mayMake && isAbsence(error)) return notThere(where);
      return new Fault(
        "target",
        `cannot ${this.mayMake ? "write to" : "read"} ${where}: ${reasonOf(error)}`,
        "make it, or get the right to",
      );
    }
  }

  async run(
    steps: readonly Step[],
    report: (index: number, outcome: Outcome) => void,
    replay = false,
  ): Promise<Fault | null> {
    if (!existsSync(this.#at(root))) {
      return targetGone();
    }
    for (const [index, step] of steps.entries()) {
      const outcome = this.#attempt(step);
      report(index, outcome);
      if (!replay && !wasDone(outcome, false) && isBuiltOn(step)) return null;
      await breathe();
    }
    return null;
  }

  send(sends: readonly Send[], share = 1, onProgress?: OnProgress): Promise<SendReport | Fault> {
    return this.#rsync.send(sends, share, onProgress);
  }

  compare(sends: readonly Send[]): Promise<Comparison | Fault> {
    return this.#rsync.compare(sends);
  }

  inspect(paths: readonly Path[], depth: Depth): Promise<Inspection | Fault> {
    return this.#rsync.inspect(paths, depth);
  }

  async list(isWanted: (path: Path) => boolean = () => true): Promise<Path[] | Fault> {
    const reserved = this.#reserved;
    const found: Path[] = [];
    const todo: Path[] = [root];
    for (let at = 0; at < todo.length; at++) {
      try {
        const names = readdirSync(this.#at(todo[at]!), { encoding: "latin1" as "utf8", withFileTypes: true });
        for (const item of names) {
          const path = join(todo[at]!, item.name);
          if (isWanted(path) || (reserved !== null && isReserved(path, reserved))) found.push(path);
          if (item.isDirectory()) todo.push(path);
        }
      } catch (error) {
        // What cannot be read below the root is left out: nothing is known, and nothing removed, of it.
        if (at === 0) return new Fault("target", `cannot list the target: ${reasonOf(error)}`);
      }
      await breathe();
    }
    return reserved === null ? found : withoutReserved(found, reserved);
  }

  async temporaries(directories: readonly Path[]): Promise<Path[]> {
    const found: Path[] = [];
    for (const directory of directories) {
      try {
        const names = readdirSync(this.#at(directory), { encoding: "latin1" as "utf8", withFileTypes: true });
        for (const item of names)
          if (item.isFile() && filesOfTemporary(item.name).length > 0) found.push(join(directory, item.name));
      } catch {
        // Not there, or not readable: then there is nothing to be removed either.
      }
      await breathe();
    }
    return found;
  }

  async close(): Promise<void> {
    this.#rsync.stop();
  }

  #attempt(step: Step): Outcome {
    try {
      return this.#do(step);
    } catch (error) {
      return { is: "failed", reason: reasonOf(error) };
    }
  }

  #do(step: Step): Outcome {
    switch (step.do) {
      case "move": {
        const [from, to] = [this.#kind(step.from), this.#kind(step.to)];
        if (from === null) return { is: to === null ? "missing" : "already" };
        if (to === "directory" || (from === "directory" && to !== null)) return { is: "occupied" };
        if (to !== null) this.#backup?.keep(step.to);
        renameSync(this.#at(step.from), this.#at(step.to));
        return { is: "done" };
      }
      case "remove":
        if (this.#kind(step.path) === "directory") return this.#removeDirectory(step.path);
        if (this.#kind(step.path) !== null) this.#removeFile(step.path);
        return { is: "done" };
      case "remove-directory":
        return this.#removeDirectory(step.path);
      case "remove-tree":
        if (this.#backup === null) rmSync(this.#at(step.path), { recursive: true, force: true });
        else if (this.#kind(step.path) !== null) this.#backup.keepTree(step.path);
        return { is: "done" };
      case "make-directory": {
        const there = this.#kind(step.path);
        if (there === "other" && !this.mayReplace) return { is: "occupied" };
        if (there === "other") this.#removeFile(step.path);
        const isFree = step.entry.mode === anyMode;
        const mode = isFree ? creationMode(this.base, step.path) : 0o700;
        if (there !== "directory") mkdirSync(this.#at(step.path), { mode });
        if (!isFree) chmodSync(this.#at(step.path), step.entry.mode | 0o700);
        return { is: "done" };
      }
      case "set-mode":
        if (step.mode === anyMode) return { is: "done" };
        if (lstatSync(this.#at(step.path)).isSymbolicLink()) {
          return { is: "failed", reason: "a symbolic link is in its place" };
        }
        chmodSync(this.#at(step.path), step.mode);
        return { is: "done" };
    }
  }

  #removeFile(path: Path): void {
    if (this.#backup === null) unlinkSync(this.#at(path));
    else this.#backup.keep(path);
  }

  #removeDirectory(path: Path): Outcome {
    const there = this.#kind(path);
    if (there === null) return { is: "done" };
    if (there === "other") return { is: "kept" };
    const names = readdirSync(this.#at(path), { encoding: "latin1" as "utf8" });
    if (names.length === 1 && names[0] === this.#working) {
      const working = join(path, names.pop()!);
      if (this.#kind(working) !== "directory") return { is: "kept" };
      rmSync(this.#at(working), { recursive: true });
    }
    if (names.length > 0) return { is: "kept" };
    rmdirSync(this.#at(path));
    return { is: "done" };
  }

  #kind(path: Path): "directory" | "other" | null {
    try {
      return lstatSync(this.#at(path)).isDirectory() ? "directory" : "other";
    } catch (error) {
      if (isAbsence(error)) return null;
      throw error;
    }
  }

  #at(path: Path): string | Buffer {
    return toFs(path === root ? this.directory : `${this.directory}/${checked(path)}`);
  }
}
