/**
 * Puts moves, removals and new directories into an order that works step by step on a real file system:
 * directories before what goes into them, a name free before something moves there, what is still needed out of
 * a directory before it is removed, cycles through a temporary name.
 */
import type { Entry } from "./entry.ts";
import { type Held, type HeldView, isInTransfer } from "./held.ts";
import type { Moves } from "./moves.ts";
import type { Step } from "./operation.ts";
import { join, nameOf, type Path, parentOf, root } from "./path.ts";
import type { DeleteMode } from "./plan.ts";
import type { Seen } from "./seen.ts";

/** Names of things that wait in the middle of a swap; never taken from the source while one is free. */
const parkedPrefix = ".tsync-parked-";

/** A place in the target's tree as it is after the steps so far. */
interface Node {
  name: string;
  parent: Node | null;
  /** Where it is held; null for a directory that the steps make. */
  readonly heldAt: Path | null;
  readonly held: Held | null;
  /** The children that the steps have touched, by their name now. */
  readonly children: Map<string, Node>;
  /** Held children that are elsewhere now, or gone. */
  readonly departed: Set<string>;
}

/** The children of what can have none: there may be many such nodes. */
const noChildren: Pick<Node, "children" | "departed"> = { children: new Map(), departed: new Set() };

/** Builds the steps of a plan; `settle` and `removeGone` are called for each seen path, parents first. */
export class Rearrangement {
  readonly steps: Step[] = [];
  /** Destinations with something in their place that must not be deleted. */
  readonly blocked = new Set<Path>();
  /** Temporary names that were given: if something goes wrong, what has one must be found there. */
  readonly parked: Path[] = [];
  readonly #root: Node;
  readonly #nodes = new Map<Path, Node>();
  readonly #placed = new Map<Path, Node>();
  /** Moves that are on their way: a second visit means a cycle. */
  readonly #moving = new Set<Path>();
  readonly #moved = new Set<Path>();
  /** Held paths of moved entries, by the held directory that they are below, at any depth. */
  readonly #leaving = new Map<Path, Path[]>();
  readonly #unlocked = new Set<Node>();
  #parked = 0;

  constructor(
    private readonly view: HeldView,
    private readonly seen: ReadonlyMap<Path, Seen>,
    private readonly moves: Moves,
    private readonly deleteMode: DeleteMode,
  ) {
    this.#root = this.#makeNode("", null, root, view.get(root));
    this.#nodes.set(root, this.#root);
    this.#placed.set(root, this.#root);
    for (const from of moves.all().keys()) {
      for (let above = from; above !== root; ) {
        above = parentOf(above);
        const list = this.#leaving.get(above);
        if (list === undefined) this.#leaving.set(above, [from]);
        else list.push(from);
      }
    }
  }

  /** Moves or makes what was seen at `path`, or clears the way for what will be sent there. */
  settle(path: Path): void {
    const entry = this.seen.get(path)?.entry;
    if (entry === null || entry === undefined || entry.kind === "problem" || path === root) return;
    if (this.moves.originOf(path) !== undefined || entry.kind === "directory") this.#place(path);
    else this.#clearForFile(path);
  }

  /** Removes what is held at `path`, if it was seen to be gone and was not moved elsewhere. */
  removeGone(path: Path): void {
    if (this.seen.get(path)?.entry !== null || this.deleteMode === "never") return;
    // Gone at one moment of the look, and there at another one, with something in it.
    if (this.#placed.has(path)) return;
    const heldAt = this.moves.inherited(path);
    if (heldAt === null || this.moves.destinationOf(heldAt) !== undefined) return;
    const node = this.#nodeOf(heldAt);
    if (node !== null && this.#isAttached(node)) this.#remove(node);
  }

  /** Gets the directory of `path` ready for content. False if that is not there, or the path is not free. */
  makeReady(path: Path): boolean {
    const parent = this.#placeParent(path);
    if (parent === null || !this.#isAttached(parent) || this.blocked.has(path)) return false;
    this.#unlock(parent);
    return true;
  }

  /** True if what is held at `heldAt` is at `path` after the steps; with null, if nothing is. */
  isAt(path: Path, heldAt: Path | null): boolean {
    const node = this.#at(path);
    return heldAt === null ? node === null : node?.heldAt === heldAt;
  }

  /** Steps that give directories their modes back that had to be made writable. */
  relocks(): Step[] {
    const steps: Step[] = [];
    for (const node of this.#unlocked) {
      if (!this.#isAttached(node)) continue;
      const path = this.#pathOf(node);
      steps.push({ do: "set-mode", path, mode: this.seen.get(path)?.entry?.mode ?? node.held!.mode });
    }
    return steps;
  }

  /** The node that is, or is brought, to `path` of the new tree, as a directory or as the end of a move. */
  #place(path: Path): Node | null {
    const known = this.#placed.get(path);
    if (known !== undefined) return known;
    const origin = this.moves.originOf(path);
    const node = origin !== undefined ? this.#move(origin, path) : this.#placeDirectory(path);
    // Not possible now may be possible once the visit that is on its way is over: only success is kept.
    if (node !== null) this.#placed.set(path, node);
    return node;
  }

  /** The directory that `path` is in, brought to its place; null if what is there is no directory. */
  #placeParent(path: Path): Node | null {
    const parent = this.#place(parentOf(path));
    return parent !== null && isDirectory(parent) ? parent : null;
  }

  #placeDirectory(path: Path): Node | null {
    const parent = this.#placeParent(path);
    if (parent === null) return null;
    const entry = this.seen.get(path)?.entry;
    const there = this.#childOf(parent, nameOf(path));
    if (there !== null && this.#belongsAt(there, path) && isDirectory(there)) return there;
    // Not looked at and not held: the look was taken while things changed. The next one knows.
    if (entry?.kind !== "directory") return null;
    if (!this.#clear(parent, path, entry)) return null;
    // Clearing the way may have led back here, and made it already.
    const made = this.#placed.get(path);
    if (made !== undefined) return made;
    this.#unlock(parent);
    const node = this.#makeNode(nameOf(path), parent, null, null);
    this.steps.push({ do: "make-directory", path: this.#pathOf(node), entry });
    return node;
  }

  /** Moves what is held at `from` to `to`; null if that is not possible now. */
  #move(from: Path, to: Path): Node | null {
    const node = this.#nodeOf(from);
    if (node === null) return null;
    if (this.#moved.has(from)) return node;
    if (this.#moving.has(from)) return null;
    this.#moving.add(from);
    const parent = this.#placeParent(to);
    const ready = parent !== null && this.#clear(parent, to, node.held!);
    this.#moving.delete(from);
    if (!ready || !this.#isAttached(node)) return null;
    // Clearing the way may have led back here and parked this very node: it still has to go to its place.
    this.#relocate(node, parent, nameOf(to));
    this.#moved.add(from);
    return node;
  }

  #relocate(node: Node, parent: Node, name: string): void {
    const from = this.#pathOf(node);
    this.#unlock(node.parent!);
    this.#unlock(parent);
    if (isDirectory(node)) this.#unlock(node);
    this.#detach(node);
    node.parent = parent;
    node.name = name;
    parent.children.set(name, node);
    this.steps.push({ do: "move", from, to: this.#pathOf(node) });
  }

  /** Frees `path` for `incoming`. False if something that must stay is there. */
  #clear(parent: Node, path: Path, incoming: Entry): boolean {
    const occupant = this.#childOf(parent, nameOf(path));
    if (occupant === null) return true;
    const leavesFor = occupant.heldAt === null ? undefined : this.moves.destinationOf(occupant.heldAt);
    if (leavesFor !== undefined && !this.#moved.has(occupant.heldAt!)) {
      const stays = this.#moving.has(occupant.heldAt!) || this.#place(leavesFor) === null;
      if (stays && this.#childOf(parent, nameOf(path)) === occupant) this.#park(occupant);
      return true;
    }
    if (incoming.kind !== "directory" && !isDirectory(occupant)) {
      // A rename or rsync replaces it in one go.
      this.#detach(occupant);
      return true;
    }
    if (this.deleteMode === "never") {
      // Perhaps it never arrived. If it did, the target says so, and that is tried again later.
      if (!isDirectory(occupant) && occupant.held !== null && isInTransfer(occupant.held)) {
        this.#detach(occupant);
        return true;
      }
      this.blocked.add(path);
      return false;
    }
    this.#remove(occupant);
    return true;
  }

  #clearForFile(path: Path): void {
    const parent = this.#placeParent(path);
    if (parent === null) return;
    const there = this.#childOf(parent, nameOf(path));
    if (there === null || (this.#belongsAt(there, path) && !isDirectory(there))) return;
    this.#clear(parent, path, this.seen.get(path)!.entry!);
  }

  /** Gives what is in the way a temporary name, beside its own if no other `parent` is given. */
  #park(node: Node, parent = node.parent!): void {
    let name: string;
    do name = `${parkedPrefix}${this.#parked++}`;
    while (this.#childOf(parent, name) !== null || this.seen.has(join(this.#pathOf(parent), name)));
    this.#relocate(node, parent, name);
    this.parked.push(this.#pathOf(node));
  }

  /** Removes a held entry with all that is held below it, except for what moves elsewhere. */
  #remove(node: Node): void {
    for (const from of node.heldAt === null ? [] : (this.#leaving.get(node.heldAt) ?? [])) {
      const leaving = this.#nodeOf(from)!;
      if (this.#moved.has(from) || !this.#isBelow(leaving, node)) continue;
      const to = this.moves.destinationOf(from)!;
      if (this.#moving.has(from) || this.#place(to) === null) {
        if (node.parent !== null && this.#isBelow(leaving, node)) this.#park(leaving, node.parent);
      }
    }
    // Finding places for what leaves may have led back here, and removed it already.
    if (!this.#isAttached(node)) return;
    this.#unlock(node.parent!);
    if (!isDirectory(node)) this.steps.push({ do: "remove", path: this.#pathOf(node) });
    else if (this.deleteMode === "exact") this.steps.push({ do: "remove-tree", path: this.#pathOf(node) });
    else this.#removeHeld(node, this.#pathOf(node));
    this.#detach(node);
  }

  /** Removes one by one what is held in a directory, then the directory: nothing that tsync did not put there. */
  #removeHeld(node: Node, path: Path): void {
    this.#unlock(node);
    for (const [name, held] of this.view.children(node.heldAt!)) {
      const child = this.#childOf(node, name);
      if (child === null || child.heldAt !== join(node.heldAt!, name)) continue;
      const childPath = join(path, name);
      if (held.kind === "directory") this.#removeHeld(child, childPath);
      else this.steps.push({ do: "remove", path: childPath });
    }
    this.steps.push({ do: "remove-directory", path });
  }

  /** Makes a directory writable that is not, or that was to be made so and perhaps was, unacknowledged. */
  #unlock(node: Node): void {
    if (node.held === null || node.heldAt === null || this.#unlocked.has(node)) return;
    const wanted = this.seen.get(this.moves.destination(node.heldAt))?.entry?.mode ?? node.held.mode;
    if (node.held.doubt === "none" && (node.held.mode & wanted & 0o300) === 0o300) return;
    this.#unlocked.add(node);
    this.steps.push({ do: "set-mode", path: this.#pathOf(node), mode: node.held.mode | 0o700 });
  }

  /** True if what `node` is held as stays at `path` (it was not moved there, and does not leave). */
  #belongsAt(node: Node, path: Path): boolean {
    return node.heldAt === null || this.moves.origin(path) === node.heldAt;
  }

  #makeNode(name: string, parent: Node | null, heldAt: Path | null, held: Held | null): Node {
    const isLeaf = held !== null && held.kind !== "directory";
    const { children, departed } = isLeaf ? noChildren : { children: new Map(), departed: new Set<string>() };
    const node: Node = { name, parent, heldAt, held, children, departed };
    parent?.children.set(name, node);
    return node;
  }

  /** The node of what is held at `heldAt`, wherever it is now; null if nothing is held there. */
  #nodeOf(heldAt: Path): Node | null {
    const known = this.#nodes.get(heldAt);
    if (known !== undefined) return known;
    const parent = this.#nodeOf(parentOf(heldAt));
    const held = parent === null ? null : this.view.get(heldAt);
    if (parent === null || held === null) return null;
    const node = this.#makeNode(nameOf(heldAt), parent, heldAt, held);
    this.#nodes.set(heldAt, node);
    return node;
  }

  /** What is called `name` in `parent` now. */
  #childOf(parent: Node, name: string): Node | null {
    const touched = parent.children.get(name);
    if (touched !== undefined) return touched;
    if (parent.heldAt === null || parent.departed.has(name)) return null;
    return this.#nodeOf(join(parent.heldAt, name));
  }

  /** What is at `path` now. */
  #at(path: Path): Node | null {
    if (path === root) return this.#root;
    const parent = this.#at(parentOf(path));
    return parent === null || !isDirectory(parent) ? null : this.#childOf(parent, nameOf(path));
  }

  #detach(node: Node): void {
    const parent = node.parent!;
    parent.children.delete(node.name);
    if (node.heldAt !== null && parent.heldAt === parentOf(node.heldAt))
      parent.departed.add(nameOf(node.heldAt));
    node.parent = null;
  }

  #isAttached(node: Node): boolean {
    return node === this.#root || (node.parent !== null && this.#isAttached(node.parent));
  }

  #isBelow(node: Node, ancestor: Node): boolean {
    for (let above = node.parent; above !== null; above = above.parent) if (above === ancestor) return true;
    return false;
  }

  #pathOf(node: Node): Path {
    return node.parent === null ? root : join(this.#pathOf(node.parent), node.name);
  }
}

function isDirectory(node: Node): boolean {
  return node.held === null || node.held.kind === "directory";
}
