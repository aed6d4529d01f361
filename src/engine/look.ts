/**
 * Looks at the disk where something may have changed, and keeps only what differs from what the target holds.
 * A directory that was moved is not looked into: its move goes out first, the look follows.
 */
import type { Scope } from "../core/aggregate.ts";
import { difference } from "../core/diff.ts";
import { type Entry, sameIdentity } from "../core/entry.ts";
import type { Held } from "../core/held.ts";
import { join, type Path, parentOf, root } from "../core/path.ts";
import type { Seen } from "../core/seen.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import type { SourceTree } from "../watch/source-tree.ts";

/**
 * How many new or changed entries are gathered before they are handed over, so that a first sync, or a target that was
 * away for long, needs bounded memory.
 */
const chunkMax = 10_000;

/** Takes new and changed entries that need nothing else of the look; false ends the look. */
type TakeNew = (seen: Map<Path, Seen>) => Promise<boolean>;

/** Shared by all that is gone: there may be many. */
const gone: Seen = { entry: null, unsettled: false, unlisted: false };

/** What a look may be told besides. */
export interface LookOptions {
  /** True if what is excluded is deleted on the target. */
  readonly deleteExcluded?: boolean;
  /** True if attributes are mirrored that no look shows: what an event names may have changed in these. */
  readonly unseenAttributes?: boolean;
  readonly clock?: Pick<Clock, "breathe">;
}

/** One look. */
export class Look {
  /** What differs, by path. */
  readonly seen = new Map<Path, Seen>();
  /** Held paths that are not mirrored any more, and stay on the target. */
  readonly forgotten = new Set<Path>();
  /** Directories in whose place another file system is than before: nobody saw what became of what was in them. */
  readonly remounted = new Set<Path>();
  /** Entries looked at. */
  entries = 0;
  /** New and changed entries that can be handed over. */
  readonly #independent = new Map<Path, Seen>();
  /** New directories that were handed over already, or are about to be. */
  readonly #newDirectories = new Set<Path>();
  /** Paths that are not held and were seen with all that is below them. */
  readonly #wholes = new Set<Path>();
  #ended = false;

  /** `held` may change while new entries are handed over, but only by these entries. */
  constructor(
    private readonly source: SourceTree,
    private readonly held: Ledger,
    private readonly takeNew: TakeNew,
    /** Paths that failed and wait for their next try. */
    private readonly waits: (path: Path) => boolean,
    /** `fresh`: nothing was held when the look began. Then, or if not `canMove`, nothing is moved. */
    private readonly target: { readonly fresh: boolean; readonly canMove: boolean },
    private readonly how: LookOptions = {},
  ) {}

  /** Looks at the dirty paths. */
  async at(dirty: ReadonlyMap<Path, Scope>): Promise<void> {
    for (const [path, scope] of dirty) {
      if (this.#ended) return;
      await this.#visit(path, scope);
      await this.#breathe();
    }
  }

  /**
   * Adds what would be removed for want of a closer look, and sent again later: moves to paths that are still being
   * written, and what was gone for a moment and is back, as after a save by "remove, write anew". Content is left for
   * later.
   */
  async addUnsettledMoves(pending: Iterable<Path>): Promise<void> {
    for (const path of pending) {
      if (this.#ended) return;
      const top = this.#topmostNotHeld(path);
      const wasGone = this.seen.get(top)?.entry === null;
      if ((this.#isSeen(top) && !wasGone) || this.waits(top)) continue;
      const entry = this.source.look(top);
      if (wasGone && entry !== null)
        this.seen.set(top, { entry, unsettled: true, unlisted: entry.kind === "directory" });
      const before = this.held.get(top);
      if (entry === null || entry.kind === "problem" || (before !== null && sameIdentity(before, entry)))
        continue;
      // What moved may be anywhere in a directory that is new itself.
      if (entry.kind === "directory" && !wasGone) await this.#consider(top, entry, before, "tree");
      else if (await this.#findOrigin(top, entry))
        this.seen.set(top, { entry, unsettled: true, unlisted: entry.kind === "directory" });
      await this.#breathe();
    }
  }

  /** Joins what was not handed over yet to what differs. */
  finish(): Map<Path, Seen> {
    for (const [path, seen] of this.#independent) this.seen.set(path, seen);
    return this.seen;
  }

  async #visit(path: Path, scope: Scope): Promise<void> {
    const top = this.#topmostNotHeld(path);
    if (this.waits(top)) return;
    const before = this.held.get(top);
    if (before === null) {
      // Seen as a whole since the paths to look at were chosen: for thousands of them it is the same one.
      if (this.#wholes.has(top)) return;
      this.#wholes.add(top);
    }
    const entry = this.source.look(top);
    if (entry === null) {
      if (before === null) {
        await this.#visitAbove(top);
        return;
      }
      this.#leave(top);
      await this.#alsoAtOtherNames(top, before);
      return;
    }
    await this.#consider(top, entry, before, top === path ? scope : "tree");
    // What happened to it may have been sent already, before another name was seen that it got since then.
    if (scope === "entry" && !this.#isSeen(top) && this.held.hasOtherNames(entry))
      await this.#alsoAtOtherNames(top, entry);
    // It was made anew: if it is as the old one was, nothing else tells of the time of its directory.
    if (before !== null && !sameIdentity(before, entry)) await this.#visitAbove(top);
    if (this.how.unseenAttributes && scope === "entry" && path !== root && !this.#isSeen(top))
      this.seen.set(top, { entry, unsettled: false, unlisted: false, touched: true });
  }

  /** Something came and went at `path`, or is left out: all that is to be seen of it may be the time of its directory. */
  async #visitAbove(path: Path): Promise<void> {
    const above = parentOf(path);
    if (above === root || this.waits(above)) return;
    const [entry, before] = [this.source.look(above), this.held.get(above)];
    // (Another directory there has an event of its own.)
    if (entry !== null && before !== null && sameIdentity(before, entry))
      await this.#consider(above, entry, before, "entry");
  }

  #isSeen(path: Path): boolean {
    return this.seen.has(path) || this.#independent.has(path);
  }

  /** A path in a directory that is not held is seen with that directory, from the topmost one on. */
  #topmostNotHeld(path: Path): Path {
    let top = path;
    for (let above = path; above !== root; ) {
      above = parentOf(above);
      if (this.held.get(above)?.kind !== "directory") top = above;
    }
    return top;
  }

  async #consider(path: Path, entry: Entry, before: Held | null, scope: Scope): Promise<void> {
    if (this.seen.has(path) && scope === "entry") return;
    this.entries++;
    const stays = before !== null && sameIdentity(before, entry);
    if (stays || path === root) {
      if (path !== root && difference(before, entry) !== "same") {
        this.#addChanged(path, entry);
        await this.#alsoAtOtherNames(path, entry);
      }
      if (entry.kind === "directory" && scope !== "entry") await this.#list(path, scope === "tree");
      return;
    }
    this.#add(path, entry, before === null);
    if (before?.kind === "directory" && before.dev !== entry.dev) this.remounted.add(path);
    if (before !== null) await this.#alsoAtOtherNames(path, before);
    if (!this.target.fresh) await this.#alsoAtOtherNames(path, entry);
    if (await this.#findOrigin(path, entry)) {
      // What was taken for new is moved.
      if (this.#independent.delete(path)) this.#newDirectories.delete(path);
      this.seen.set(path, { entry, unsettled: false, unlisted: entry.kind === "directory" });
      return;
    }
    if (entry.kind === "directory") await this.#list(path, true);
  }

  /**
   * A file that has several names changed under all of them, but the event names only one; which may be new, or not
   * be there any more.
   */
  async #alsoAtOtherNames(path: Path, entry: Entry): Promise<void> {
    if (entry.kind !== "file") return;
    for (const other of this.held.find(entry)) {
      if (other === path || this.#isSeen(other)) continue;
      const there = this.source.look(other);
      if (there !== null && sameIdentity(there, entry))
        await this.#consider(other, there, this.held.get(other), "entry");
    }
  }

  async #list(path: Path, deep: boolean): Promise<void> {
    if (deep && (await this.#listUnchanged(path))) return;
    const names = this.source.list(path);
    if (names === null || this.#ended) return;
    if (!Array.isArray(names)) {
      this.#add(path, names);
      return;
    }
    const before = this.held.children(path);
    let matched = 0;
    const directory = `${path === root ? this.source.base : this.source.absolute(path)}/`;
    const { isWhole } = this.source.selection;
    for (const name of names) {
      const entry = this.source.lookAt(directory + name, path, name);
      if (entry === null) continue;
      const held = before.get(name) ?? null;
      if (held !== null) matched++;
      // By far the most frequent case, kept free of further calls.
      const isSame = held !== null && entry.kind !== "directory" && difference(held, entry) === "same";
      if (isSame && isWhole) continue;
      const child = join(path, name);
      if (this.source.selection.leavesOut(child, entry)) {
        if (held !== null) this.#leave(child);
        continue;
      }
      if (isSame || this.waits(child)) continue;
      await this.#consider(child, entry, held, deep ? "tree" : "entry");
      if (this.#independent.size >= chunkMax) await this.#handOver();
      if (this.#ended) return;
    }
    if (matched < before.size) {
      const present = new Set(names);
      for (const name of before.keys()) {
        const child = join(path, name);
        if ((!present.has(name) || this.source.look(child) === null) && !this.waits(child))
          this.#leave(child);
      }
    }
    await this.#breathe();
  }

  /** True if the directory's own entries are all as they are held; then only what is below them was looked at. */
  async #listUnchanged(path: Path): Promise<boolean> {
    if (this.target.fresh || this.#ended) return false;
    const survey = this.source.survey(path);
    if (survey === null || !survey.tally.equals(this.held.tally(path))) return false;
    this.entries += survey.tally.count - survey.directories.size;
    for (const [name, entry] of survey.directories) {
      const child = join(path, name);
      if (!this.waits(child)) await this.#consider(child, entry, this.held.get(child), "tree");
    }
    await this.#breathe();
    return true;
  }

  /**
   * What is held at `path` is not there, or not mirrored any more. Returns false if it is left out: then the target
   * keeps it, and only the ledger forgets it.
   */
  #leave(path: Path): boolean {
    const held = this.held.get(path);
    if (held === null || this.seen.has(path)) return true;
    if (this.#isLeftOut(path, held)) {
      this.forgotten.add(path);
      return false;
    }
    if (held.kind === "directory") this.source.selection.forget(path);
    this.seen.set(path, gone);
    // A new directory that turned out to be gone.
    if (this.#independent.delete(path)) this.#newDirectories.delete(path);
    return true;
  }

  #isLeftOut(path: Path, held: Held): boolean {
    const { selection } = this.source;
    if (this.source.isWhole) return false;
    if (selection.excludes(path, held.kind === "directory")) return !this.how.deleteExcluded;
    // It is there, but too large, say; or hidden by what is mounted above it.
    return this.source.isThere(path) || selection.isMounted(parentOf(path));
  }

  /** What is where it was, and differs. */
  #addChanged(path: Path, entry: Entry): void {
    // (Others may depend on the mode of a directory.)
    if (entry.kind === "directory" || entry.kind === "problem" || !this.#isSettled(parentOf(path)))
      this.#add(path, entry);
    else this.#independent.set(path, { entry, unsettled: false, unlisted: false });
  }

  #add(path: Path, entry: Entry, isNew = false): void {
    const seen: Seen = { entry, unsettled: false, unlisted: false };
    const parent = parentOf(path);
    const parentReady = this.#newDirectories.has(parent) || (isNew && this.#isSettled(parent));
    if (!isNew || entry.kind === "problem" || !parentReady) {
      this.seen.set(path, seen);
      // A new directory that turned out to be unreadable.
      if (this.#independent.delete(path)) this.#newDirectories.delete(path);
      return;
    }
    this.#independent.set(path, seen);
    if (entry.kind === "directory") this.#newDirectories.add(path);
  }

  /** True if nothing in this look changes the directory at `path` or one above it. */
  #isSettled(path: Path): boolean {
    if (this.held.get(path)?.kind !== "directory") return false;
    for (let above = path; above !== root; above = parentOf(above)) {
      const now = this.seen.get(above)?.entry;
      if (now === null || (now !== undefined && !sameIdentity(this.held.get(above)!, now))) return false;
    }
    return true;
  }

  async #handOver(): Promise<void> {
    const chunk = new Map(this.#independent);
    this.#independent.clear();
    if (!(await this.takeNew(chunk))) this.#ended = true;
  }

  /** True if the entry at `path` is held somewhere that it is not at any more; that place is looked at as well. */
  async #findOrigin(path: Path, entry: Entry): Promise<boolean> {
    if (this.target.fresh || !this.target.canMove) return false;
    let moved = false;
    for (const candidate of this.held.find(entry)) {
      if (candidate === path) continue;
      const there = this.source.look(candidate);
      if (there !== null && sameIdentity(there, entry)) continue;
      if (there === null && !this.#leave(candidate)) continue;
      moved = true;
      if (there !== null && !this.seen.has(candidate))
        await this.#consider(candidate, there, this.held.get(candidate), "entry");
    }
    return moved;
  }

  #breathe(): Promise<void> {
    return (this.how.clock ?? systemClock).breathe();
  }
}

/** Forgets what is not mirrored any more and stays on the target. */
export function forget(ledger: Ledger, paths: ReadonlySet<Path>): void {
  if (paths.size === 0) return;
  ledger.transaction(() => {
    for (const path of paths) ledger.remove(path);
  });
}
