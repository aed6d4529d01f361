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
import { Fault } from "../core/fault.ts";
import { isBuiltOn, type Outcome, type Send, type Step, wasDone } from "../core/operation.ts";
import { checked, display, join, type Path, root, toFs } from "../core/path.ts";
import { breathe } from "../system/breathe.ts";
import { isAbsence, reasonOf } from "../system/file-error.ts";
import { Rsync } from "./rsync.ts";
import { targetGone } from "./rsync-output.ts";
import type { SendReport, Target } from "./target.ts";

/** See `Target`. */
export class LocalTarget implements Target {
  readonly #rsync: Rsync;
  #inode = 0;
  isEmpty = false;
  readonly canMove = true;

  /** `directory` and `base` (the source's root) are absolute, as byte strings. */
  constructor(
    private readonly directory: string,
    base: string,
    private readonly mayReplace: boolean,
  ) {
    this.#rsync = new Rsync(base, { directory });
  }

  get identity(): string {
    return `${this.directory}#${this.#inode}`;
  }

  async connect(): Promise<Fault | null> {
    try {
      mkdirSync(toFs(this.directory), { recursive: true });
      accessSync(toFs(this.directory), constants.W_OK | constants.X_OK);
      this.#inode = statSync(this.#at(root)).ino;
      this.isEmpty = readdirSync(this.#at(root)).length === 0;
      return null;
    } catch (error) {
      const where = display(this.directory);
      return new Fault(
        "target",
        `cannot write to ${where}: ${reasonOf(error)}`,
        "make it, or get the right to write to it",
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

  send(sends: readonly Send[]): Promise<SendReport | Fault> {
    return this.#rsync.send(sends);
  }

  async list(): Promise<Path[] | Fault> {
    const found: Path[] = [];
    const todo: Path[] = [root];
    for (let at = 0; at < todo.length; at++) {
      try {
        const names = readdirSync(this.#at(todo[at]!), { encoding: "latin1" as "utf8", withFileTypes: true });
        for (const item of names) {
          const path = join(todo[at]!, item.name);
          found.push(path);
          if (item.isDirectory()) todo.push(path);
        }
      } catch (error) {
        // What cannot be read below the root is left out: nothing is known, and nothing removed, of it.
        if (at === 0) return new Fault("target", `cannot list the target: ${reasonOf(error)}`);
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
        renameSync(this.#at(step.from), this.#at(step.to));
        return { is: "done" };
      }
      case "remove":
        if (this.#kind(step.path) === "directory") rmdirSync(this.#at(step.path));
        else if (this.#kind(step.path) !== null) unlinkSync(this.#at(step.path));
        return { is: "done" };
      case "remove-directory":
        return this.#removeDirectory(step.path);
      case "remove-tree":
        rmSync(this.#at(step.path), { recursive: true, force: true });
        return { is: "done" };
      case "make-directory": {
        const there = this.#kind(step.path);
        if (there === "other" && !this.mayReplace) return { is: "occupied" };
        if (there === "other") unlinkSync(this.#at(step.path));
        if (there !== "directory") mkdirSync(this.#at(step.path), { mode: 0o700 });
        chmodSync(this.#at(step.path), step.entry.mode | 0o700);
        return { is: "done" };
      }
      case "set-mode":
        if (lstatSync(this.#at(step.path)).isSymbolicLink()) {
          return { is: "failed", reason: "a symbolic link is in its place" };
        }
        chmodSync(this.#at(step.path), step.mode);
        return { is: "done" };
    }
  }

  #removeDirectory(path: Path): Outcome {
    const there = this.#kind(path);
    if (there === null) return { is: "done" };
    if (there === "other" || readdirSync(this.#at(path)).length > 0) return { is: "kept" };
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
