/** A file system in memory, for the planner's properties: as strict as a real one about order and names. */
import type { HeldStore } from "../../src/core/acknowledge.ts";
import { type Entry, identityKey, type Kind, sameIdentity } from "../../src/core/entry.ts";
import type { Held } from "../../src/core/held.ts";
import type { Outcome, Step } from "../../src/core/operation.ts";
import { isWithin, type Path, parentOf, rebase, root } from "../../src/core/path.ts";
import type { Seen } from "../../src/core/seen.ts";

/** Acknowledged entries in a plain map. */
export class MemoryStore implements HeldStore {
  readonly entries = new Map<Path, Held>([[root, held(entryOf("directory", 1))]]);

  get(path: Path): Held | null {
    return this.entries.get(path) ?? null;
  }
  children(path: Path): ReadonlyMap<string, Held> {
    const found = new Map<string, Held>();
    for (const [at, entry] of this.entries) {
      if (at !== root && parentOf(at) === path)
        found.set(at.slice(path === root ? 0 : path.length + 1), entry);
    }
    return found;
  }
  find(entry: Entry): Path[] {
    const found: Path[] = [];
    for (const [path, other] of this.entries) {
      if (identityKey(other) === identityKey(entry) && sameIdentity(other, entry)) found.push(path);
    }
    return found;
  }
  put(path: Path, entry: Held): void {
    if (!this.entries.has(parentOf(path))) throw new Error(`nothing held above ${path}`);
    this.entries.set(path, entry);
  }
  move(from: Path, to: Path): void {
    const moved = [...this.entries].filter(([path]) => isWithin(path, from));
    for (const [path] of moved) this.entries.delete(path);
    this.remove(to);
    for (const [path, entry] of moved) this.entries.set(rebase(path, from, to), entry);
  }
  remove(path: Path): void {
    for (const at of [...this.entries.keys()]) if (isWithin(at, path)) this.entries.delete(at);
  }
}

/** An entry with the given identity; size and time stand for its content. */
export function entryOf(
  kind: Kind,
  ino: number,
  version = 1,
  mode = kind === "directory" ? 0o755 : 0o644,
): Entry {
  return {
    kind,
    mode,
    size: kind === "file" ? version : 0,
    mtimeMs: version,
    uid: 0,
    gid: 0,
    dev: 0,
    ino,
    birthMs: 1,
    link: kind === "symlink" ? `v${version}` : "",
  };
}

/** The entry as a target holds it. */
export function held(entry: Entry): Held {
  return { ...entry, doubt: "none" };
}

/** What the model target does not allow, as a real one would not. */
export class Refusal extends Error {}

/** What a target has at a path: the content is the source's identity and version. */
interface Content {
  kind: Kind;
  mode: number;
  /** Which content: `ino:size:link`. */
  content: string;
  mtimeMs: number;
}

/** A target's tree: rejects what a real file system would reject. */
export class ModelTarget {
  readonly tree = new Map<Path, Content>([
    [root, { kind: "directory", mode: 0o755, content: "", mtimeMs: 1 }],
  ]);

  apply(step: Step): Outcome {
    switch (step.do) {
      case "move": {
        const source = this.tree.get(step.from);
        const there = this.tree.get(step.to);
        if (source === undefined) return { is: there === undefined ? "missing" : "already" };
        if (isWithin(step.to, step.from)) throw new Refusal(`move of ${step.from} below itself`);
        if (there?.kind === "directory") return { is: "occupied" };
        if (there !== undefined && source.kind === "directory") return { is: "occupied" };
        this.#needsDirectory(step.to);
        this.#needsWritable(step.from);
        this.#needsWritable(step.to);
        this.tree.delete(step.to);
        for (const [path, content] of [...this.tree]) {
          if (!isWithin(path, step.from)) continue;
          this.tree.delete(path);
          this.tree.set(rebase(path, step.from, step.to), content);
        }
        this.#touch(step.from);
        this.#touch(step.to);
        return { is: "done" };
      }
      case "remove":
        if (this.tree.get(step.path)?.kind === "directory")
          throw new Refusal(`remove of the directory ${step.path}`);
        if (this.tree.has(step.path)) this.#needsWritable(step.path);
        this.tree.delete(step.path);
        this.#touch(step.path);
        return { is: "done" };
      case "remove-directory":
        for (const path of this.tree.keys())
          if (path !== root && parentOf(path) === step.path) return { is: "kept" };
        this.tree.delete(step.path);
        this.#touch(step.path);
        return { is: "done" };
      case "remove-tree":
        for (const path of [...this.tree.keys()]) if (isWithin(path, step.path)) this.tree.delete(path);
        this.#touch(step.path);
        return { is: "done" };
      case "make-directory": {
        const there = this.tree.get(step.path);
        if (there !== undefined && there.kind !== "directory")
          throw new Refusal(`${step.path} is in the way`);
        this.#needsDirectory(step.path);
        this.#needsWritable(step.path);
        this.tree.set(step.path, {
          kind: "directory",
          mode: step.entry.mode | 0o700,
          content: "",
          mtimeMs: 0,
        });
        return { is: "done" };
      }
      case "set-mode": {
        const there = this.tree.get(step.path);
        if (there === undefined) return { is: "failed", reason: "no such file" };
        there.mode = step.mode;
        return { is: "done" };
      }
    }
  }

  /** Receives content or attributes; returns true if content had to travel. */
  receive(path: Path, entry: Entry): boolean {
    this.#needsDirectory(path);
    const content = contentOf(entry);
    const there = this.tree.get(path);
    if (there?.kind === "directory" && entry.kind !== "directory")
      throw new Refusal(`${path} is a directory`);
    if (there?.content !== content) {
      this.#needsWritable(path);
      this.#touch(path);
    }
    this.tree.set(path, { kind: entry.kind, mode: entry.mode, content, mtimeMs: entry.mtimeMs });
    return entry.kind !== "directory" && there?.content !== content;
  }

  /** Any change in a directory changes its time. */
  #touch(path: Path): void {
    const above = this.tree.get(parentOf(path));
    if (above !== undefined) above.mtimeMs = 0;
  }
  #needsDirectory(path: Path): void {
    if (this.tree.get(parentOf(path))?.kind !== "directory") throw new Refusal(`no directory above ${path}`);
  }
  #needsWritable(path: Path): void {
    if ((this.tree.get(parentOf(path))!.mode & 0o300) !== 0o300)
      throw new Refusal(`no permission in ${parentOf(path)}`);
  }
}

function contentOf(entry: Entry): string {
  return entry.kind === "directory" ? "" : `${entry.ino}:${entry.size}:${entry.link}`;
}

/** A source tree in memory. */
export type SourceTree = Map<Path, Entry>;

/** A complete look at `source`: all that is there, and all that is held and no longer there. */
export function seenAll(source: SourceTree, store: MemoryStore): Map<Path, Seen> {
  const seen = new Map<Path, Seen>();
  for (const [path, entry] of source)
    if (path !== root) seen.set(path, { entry, unsettled: false, unlisted: false });
  for (const path of store.entries.keys()) {
    if (path !== root && !seen.has(path)) seen.set(path, { entry: null, unsettled: false, unlisted: false });
  }
  return seen;
}

/** Differences between source and target, empty if they are equal. Directory times count. */
export function modelDifferences(source: SourceTree, target: ModelTarget): string[] {
  const found: string[] = [];
  for (const [path, entry] of source) {
    if (path === root) continue;
    const there = target.tree.get(path);
    const wanted = { kind: entry.kind, mode: entry.mode, content: contentOf(entry), mtimeMs: entry.mtimeMs };
    if (JSON.stringify(there) !== JSON.stringify(wanted)) {
      found.push(`${path}: ${JSON.stringify(there)} should be ${JSON.stringify(wanted)}`);
    }
  }
  for (const path of target.tree.keys()) if (!source.has(path) && path !== root) found.push(`${path}: extra`);
  return found;
}
