/**
 * Says where in a tree something happened. One non-recursive `fs.watch` a directory: a directory that is not
 * wanted costs nothing, one that leaves the tree stops reporting, and one that could not be watched is known.
 */
import type { Scope } from "../core/aggregate.ts";
import { type Entry, identityKey, sameIdentity } from "../core/entry.ts";
import { join, nameOf, type Path, root } from "../core/path.ts";
import { breathe } from "../system/breathe.ts";
import { isAbove, type Node, pathOf, setAttached } from "./node.ts";
import { openWatch } from "./open-watch.ts";
import { Recheck } from "./recheck.ts";
import { Sentinel } from "./sentinel.ts";
import type { SourceTree } from "./source-tree.ts";

/** How long a directory that vanished may take to turn up elsewhere in the tree, before its watches are closed. */
const orphanMs = 500;

/** How often directories that could not be watched are looked at and tried again. */
const rescanMs = 60_000;

/** So many names that change in a directory within a few milliseconds are a storm. */
const stormMin = 16;

/** What a watcher reports. */
export interface WatcherEvents {
  /** Something may have changed at `path`. */
  dirty(path: Path, scope: Scope): void;
  /** The kernel dropped events; the whole tree is dirty. */
  overflow(): void;
  /** `unwatched` directories have no watch because the limit is reached; `watched` have one. */
  outOfWatches(watched: number, unwatched: number): void;
  /** The root directory itself vanished or was replaced. */
  rootChanged(): void;
}

/** Watches all directories below a source's root. */
export class Watcher {
  #root: Node | null = null;
  readonly #byIdentity = new Map<string, Node>();
  readonly #orphans = new Map<Node, Timer>();
  readonly #unwatched = new Set<Node>();
  /** The node whose watch was opened with each path. */
  readonly #watchedAs = new Map<Path, Node>();
  readonly #recheck = new Recheck<Node>((node, names) => this.#lookAgain(node, names));
  readonly #sentinel = new Sentinel();
  /** Directories that moved away while they were walked, or before they were watched: to be followed if they are back. */
  readonly #unwalked = new Set<Node>();
  #watched = 0;
  /** Walks that are under way. */
  readonly #walks = new Set<Promise<void>>();
  #rescan: Timer | null = null;
  #lost = false;
  #resyncing = false;
  #stopped = false;

  constructor(
    private readonly source: SourceTree,
    private readonly events: WatcherEvents,
    private readonly rescanEveryMs = rescanMs,
  ) {}

  /** Watches the whole tree as it is now. Resolves once every directory is watched, or known not to be. */
  async start(): Promise<void> {
    const entry = this.source.look(root);
    if (entry?.kind !== "directory") return;
    this.#closeAll();
    this.#root = this.#makeNode("", null, entry);
    this.#open(this.#root);
    await this.#walk(this.#root);
    this.#reportUnwatched();
  }

  /** How many directories are watched, and how many are not because the limit is reached. */
  get counts(): { readonly watched: number; readonly unwatched: number } {
    return { watched: this.#watched, unwatched: this.#unwatched.size };
  }

  /** True if what is watched as `path` is another directory than the one that is there now. */
  isOutdated(path: Path): boolean {
    let node = this.#root;
    if (path !== root) for (const name of path.split("/")) node = node?.children.get(name) ?? null;
    if (node === null) return false;
    const entry = this.source.look(path);
    return entry === null || !sameIdentity(entry, node.entry);
  }

  /** Resolves once all events of changes made before the call have been reported. */
  barrier(): Promise<void> {
    return this.#sentinel.pass();
  }

  /**
   * Resolves once all changes made before the call have been reported: those too that no event told of, because they
   * happened in a directory that was not watched yet, or right after another one.
   */
  async settled(): Promise<void> {
    await this.barrier();
    await this.#recheck.settled();
    await Promise.all(this.#walks);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#rescan !== null) clearInterval(this.#rescan);
    this.#recheck.stop();
    this.#closeAll();
    this.#sentinel.close();
  }

  #onEvent(node: Node, event: string, name: string | null): void {
    if (this.#stopped) return;
    if (name === null) {
      this.#onOverflow();
      return;
    }
    // On its way to another place: whoever adopts it has it looked at as a whole. Or out of the tree: what happened
    // in it before may be seen at the other names of a file.
    if (!node.attached) {
      this.events.dirty(join(node.watchedAs, name), "entry");
      return;
    }
    const path = join(pathOf(node), name);
    this.events.dirty(path, "entry");
    // Whoever was told may have had everything watched anew.
    if (!node.attached) return;
    if (this.source.selection.isRuleFile(name)) this.#recheck.add(node, name);
    if (event !== "rename") {
      this.#enter(node.children.get(name));
      return;
    }
    // A vanished root tells so under its own name only.
    if (node.parent === null && name === nameOf(this.source.base)) this.#checkRoot();
    // A directory that is moved or removed says so under its own name. Its watch is dead then, also where another
    // one that cannot be told from it (same inode number, born in the same tick) took its place at once.
    if (name === nameOf(node.watchedAs)) this.#close(node);
    // In a storm, what is new is looked at all together, a moment later.
    const isStorm = this.#recheck.add(node, name) > stormMin;
    if (!isStorm || node.children.has(name)) this.#update(node, name, path);
  }

  /** The attributes of the directory of `node` changed: what could not be watched, or looked into, perhaps can now. */
  #enter(node: Node | undefined): void {
    if (node === undefined || this.#unwatched.has(node)) return;
    const isClosed = node.watch === null;
    if (isClosed || (node.children.size === 0 && (this.source.listDirectories(pathOf(node))?.size ?? 0) > 0))
      this.#follow(node);
  }

  /** Looks a second time at what events named in the directory of `node`. */
  #lookAgain(node: Node, names: ReadonlySet<string>): void {
    if (node.watch === null && node.attached && !this.#unwatched.has(node)) this.#follow(node);
    // What is left out below may be wanted now, and the other way round. (Not looked at before: the rest of what was
    // written to the file may not have been told.)
    if ([...names].some((name) => this.source.selection.isRuleFile(name)) && node.attached)
      this.#follow(node);
    const isLeaf = names.size > stormMin && node.attached && this.source.isLeaf(pathOf(node));
    for (const name of names) {
      if (node.attached && !(isLeaf && !node.children.has(name)))
        this.#update(node, name, join(pathOf(node), name));
      const child = node.children.get(name);
      if (child !== undefined && this.#unwalked.delete(child)) this.#follow(child);
    }
  }

  /** Brings the watches for `name` in `node` in line with what is there. */
  #update(node: Node, name: string, path: Path): void {
    const entry = this.source.look(path);
    const known = node.children.get(name);
    if (entry?.kind !== "directory") {
      if (known !== undefined) this.#orphan(known);
      return;
    }
    if (this.#adopt(node, name, entry)) this.#follow(node.children.get(name)!);
  }

  /** Makes `name` in `parent` the node of the directory `entry`; false if it was that already. */
  #adopt(parent: Node, name: string, entry: Entry): boolean {
    const there = parent.children.get(name);
    if (there !== undefined) {
      if (sameIdentity(there.entry, entry)) return false;
      this.#orphan(there);
    }
    const moved = this.#byIdentity.get(identityKey(entry));
    if (
      moved !== undefined &&
      sameIdentity(moved.entry, entry) &&
      this.#hasLeft(moved) &&
      !isAbove(moved, parent)
    ) {
      this.#detach(moved);
      this.#attach(moved, parent, name);
    } else {
      this.#open(this.#makeNode(name, parent, entry));
    }
    return true;
  }

  /** True if the directory of `node` is not where it was; else the same one is mounted at two places. */
  #hasLeft(node: Node): boolean {
    if (!node.attached) return true;
    const there = this.source.look(pathOf(node));
    return there === null || !sameIdentity(there, node.entry);
  }

  /**
   * Watches what is below a directory that appeared or was moved, then has it looked at as a whole: what happened
   * in it before it was watched, or was reported under the name that it had before, is found so.
   */
  #follow(node: Node): void {
    const walk = this.#walk(node).then(() => {
      if (node.attached) this.events.dirty(pathOf(node), "tree");
      this.#reportUnwatched();
    });
    this.#keep(walk);
  }

  /** Keeps a walk that is under way, for whoever waits for its end. */
  #keep(walk: Promise<void>): void {
    this.#walks.add(walk);
    void walk.finally(() => this.#walks.delete(walk));
  }

  /** Opens and closes watches below `top` until they agree with the directories that are there. */
  async #walk(top: Node): Promise<void> {
    const todo = [top];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      if (this.#stopped || !node.attached) continue;
      const path = pathOf(node);
      if (node.watch === null || node.watchedAs !== path) this.#open(node);
      const found = this.source.listDirectories(path);
      const entry = this.source.look(path);
      if (entry === null || !sameIdentity(entry, node.entry)) {
        this.#leaveUnwalked(node);
        continue;
      }
      // It cannot be read.
      if (found === null) continue;
      for (const [name, entry] of found) {
        this.#adopt(node, name, entry);
        todo.push(node.children.get(name)!);
      }
      for (const [name, child] of node.children) if (!found.has(name)) this.#orphan(child);
      await breathe();
    }
  }

  /**
   * The directory of `node` has moved on, and the event that says so is still to come. But if it is back by then, the
   * event tells nothing; and what was watched under its name may have been another one.
   */
  #leaveUnwalked(node: Node): void {
    this.#close(node);
    if (node.parent === null) return;
    this.#unwalked.add(node);
    this.#recheck.add(node.parent, node.name);
  }

  #onOverflow(): void {
    // The kernel tells every watch of it: one walk is enough, unless more is lost while it is under way.
    this.#lost = true;
    if (this.#resyncing) return;
    this.#resyncing = true;
    this.events.overflow();
    this.#keep(this.#resync());
  }

  /** Looks for directories that appeared or left without an event, after events were lost. */
  async #resync(): Promise<void> {
    while (this.#lost && this.#root !== null) {
      // The same overflow is reported once for each watch: let all of these reports arrive first.
      await Bun.sleep(1);
      this.#lost = false;
      await this.#walk(this.#root);
    }
    this.#resyncing = false;
    this.events.dirty(root, "tree");
  }

  #checkRoot(): void {
    const entry = this.source.look(root);
    if (this.#root === null || entry === null || !sameIdentity(entry, this.#root.entry))
      this.events.rootChanged();
  }

  /**
   * Watches the directory of `node` where it is now. Bun gives a second watch of the same path the directory of
   * the first, even if that is called something else by now: so there is never more than one for a path, and a
   * directory that moved is watched anew. What is missed in between is found by the look that follows a move.
   */
  #open(node: Node): void {
    const path = pathOf(node);
    this.#close(node);
    const other = this.#watchedAs.get(path);
    if (other !== undefined) this.#close(other);
    try {
      const opened = openWatch(this.source.absolute(path), (event, name) => this.#onEvent(node, event, name));
      opened.on("error", () => this.#giveUp(node));
      node.watch = opened;
      node.watchedAs = path;
      this.#watchedAs.set(path, node);
      this.#watched++;
      this.#unwatched.delete(node);
    } catch (error) {
      // A directory that cannot be read, or is gone again, is the look's business.
      const code = (error as { code?: string }).code;
      if (code === "ENOSPC" || code === "EMFILE" || code === "ENFILE") this.#unwatched.add(node);
    }
  }

  #giveUp(node: Node): void {
    this.#close(node);
    if (node.attached) this.#unwatched.add(node);
    this.#reportUnwatched();
  }

  #reportUnwatched(): void {
    if (this.#unwatched.size === 0 || this.#rescan !== null || this.#stopped) return;
    this.events.outOfWatches(this.#watched, this.#unwatched.size);
    this.#rescan = setInterval(() => this.#rescanUnwatched(), this.rescanEveryMs);
  }

  #rescanUnwatched(): void {
    for (const node of [...this.#unwatched]) {
      if (!node.attached) {
        this.#unwatched.delete(node);
        continue;
      }
      this.#open(node);
      this.events.dirty(pathOf(node), "listing");
      void this.#walk(node);
    }
    if (this.#unwatched.size > 0 || this.#rescan === null) return;
    clearInterval(this.#rescan);
    this.#rescan = null;
  }

  /** Takes a directory that vanished out of the tree; it may be adopted elsewhere a moment later. */
  #orphan(node: Node): void {
    this.#unwalked.delete(node);
    this.#detach(node);
    this.#orphans.set(
      node,
      setTimeout(() => this.#closeTree(node), orphanMs),
    );
  }

  #attach(node: Node, parent: Node, name: string): void {
    const timer = this.#orphans.get(node);
    if (timer !== undefined) clearTimeout(timer);
    this.#orphans.delete(node);
    // The walk that follows watches it anew.
    this.#close(node);
    node.name = name;
    node.parent = parent;
    parent.children.set(name, node);
    setAttached(node, true);
  }

  #detach(node: Node): void {
    if (node.parent?.children.get(node.name) === node) node.parent.children.delete(node.name);
    node.parent = null;
    setAttached(node, false);
  }

  #makeNode(name: string, parent: Node | null, entry: Entry): Node {
    const node: Node = {
      name,
      parent,
      entry,
      children: new Map(),
      watch: null,
      watchedAs: "",
      attached: true,
    };
    parent?.children.set(name, node);
    this.#byIdentity.set(identityKey(entry), node);
    return node;
  }

  #closeTree(node: Node): void {
    this.#orphans.delete(node);
    this.#close(node);
    this.#unwatched.delete(node);
    const key = identityKey(node.entry);
    if (this.#byIdentity.get(key) === node) this.#byIdentity.delete(key);
    for (const child of node.children.values()) this.#closeTree(child);
  }

  #close(node: Node): void {
    if (node.watch === null) return;
    node.watch.close();
    node.watch = null;
    this.#watchedAs.delete(node.watchedAs);
    this.#watched--;
  }

  #closeAll(): void {
    for (const [node, timer] of [...this.#orphans]) {
      clearTimeout(timer);
      this.#closeTree(node);
    }
    if (this.#root !== null) {
      // Nobody who still knows it may watch for it again.
      setAttached(this.#root, false);
      this.#closeTree(this.#root);
    }
    this.#root = null;
  }
}
