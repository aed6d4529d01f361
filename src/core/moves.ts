/**
 * Finds moves by identity: what is seen at a new path, and no longer at the path it is held at, was moved,
 * whatever happened in between. No event has to tell.
 */
import { type Entry, sameIdentity } from "./entry.ts";
import type { HeldView } from "./held.ts";
import { join, nameOf, type Path, parentOf, root } from "./path.ts";
import type { Seen } from "./seen.ts";

/** What limits the search for moves. */
export interface MoveOptions {
  /** False if nothing may be moved at all. */
  readonly allowed: boolean;
  /** Destinations that a move could not reach before. */
  readonly unmovable: ReadonlySet<Path>;
}

/**
 * How held paths (origins) and seen paths (destinations) belong together. Computed from the whole look, so that
 * the order of the paths does not matter.
 */
export class Moves {
  /** Held path to new path, for every directory whose identity was seen, whether it stayed or not. */
  readonly #directoryTo = new Map<Path, Path>();
  /** The same the other way round. */
  readonly #directoryFrom = new Map<Path, Path>();
  readonly #originOf = new Map<Path, Path>();
  readonly #destinationOf = new Map<Path, Path>();
  readonly #destinations = new Map<Path, Path>();
  readonly #origins = new Map<Path, Path | null>([[root, root]]);

  constructor(
    private readonly held: HeldView,
    private readonly seen: ReadonlyMap<Path, Seen>,
    options: MoveOptions,
  ) {
    if (!options.allowed) return;
    for (const [path, { entry }] of seen) {
      if (entry?.kind === "directory" && !options.unmovable.has(path)) this.#matchDirectory(path, entry);
    }
    for (const [from, to] of this.#directoryTo) {
      if (join(this.destination(parentOf(from)), nameOf(from)) !== to) this.#record(from, to);
    }
    for (const [path, { entry }] of seen) {
      if (entry === null || entry.kind === "directory" || entry.kind === "problem") continue;
      if (!options.unmovable.has(path)) this.#matchFile(path, entry);
    }
  }

  /** Where the entry moved to `to` is held; undefined if `to` is not the destination of a move of its own. */
  originOf(to: Path): Path | undefined {
    return this.#originOf.get(to);
  }

  /** Where the entry held at `from` is moved to; undefined if it stays, or only moves along with its directory. */
  destinationOf(from: Path): Path | undefined {
    return this.#destinationOf.get(from);
  }

  /** All moves, held path and new path. */
  all(): ReadonlyMap<Path, Path> {
    return this.#destinationOf;
  }

  /** Where what is held at `from` is after all moves, its own and those of the directories above it. */
  destination(from: Path): Path {
    if (from === root) return root;
    const known =
      this.#directoryTo.get(from) ?? this.#destinationOf.get(from) ?? this.#destinations.get(from);
    if (known !== undefined) return known;
    const to = join(this.destination(parentOf(from)), nameOf(from));
    this.#destinations.set(from, to);
    return to;
  }

  /**
   * The held path of what will be at `path` once the moves are done; null where nothing held ends up. What is
   * held there may still be of another kind than what was seen.
   */
  origin(path: Path): Path | null {
    const known = this.#originOf.get(path) ?? this.#directoryFrom.get(path) ?? this.#origins.get(path);
    if (known !== undefined) return known;
    const place = this.inherited(path);
    const origin = place !== null && this.destination(place) === path ? place : null;
    this.#origins.set(path, origin);
    return origin;
  }

  /** The held path of the name of `path` within its directory, wherever that was moved from; null if none. */
  inherited(path: Path): Path | null {
    const above = this.origin(parentOf(path));
    // What was held as something else than a directory has nothing below it.
    if (above === null || this.held.get(above)?.kind !== "directory") return null;
    return join(above, nameOf(path));
  }

  #matchDirectory(path: Path, entry: Entry): void {
    const candidates = this.held.find(entry);
    const from = candidates.includes(path)
      ? path
      : candidates.find(
          (candidate) => !this.#directoryTo.has(candidate) && this.#isVacated(candidate, path, entry),
        );
    if (from === undefined) return;
    this.#directoryTo.set(from, path);
    this.#directoryFrom.set(path, from);
  }

  #matchFile(path: Path, entry: Entry): void {
    const place = this.inherited(path);
    const there = place === null ? null : this.held.get(place);
    if (there !== null && sameIdentity(there, entry)) return;
    const from = this.held.find(entry).find(
      (candidate) =>
        // What may not be there yet is sent rather than moved: a move that fails holds up what comes after it.
        this.held.get(candidate)?.doubt !== "first-transfer" &&
        !this.#destinationOf.has(candidate) &&
        this.#isVacated(candidate, path, entry),
    );
    if (from !== undefined) this.#record(from, path);
  }

  #record(from: Path, to: Path): void {
    this.#destinationOf.set(from, to);
    this.#originOf.set(to, from);
    // Later answers may differ for these two and for what was derived from them.
    this.#origins.delete(from);
    this.#origins.delete(to);
    this.#destinations.delete(from);
  }

  /**
   * True if the entry held at `from`, seen at `to`, is not at `from` as well: a second name of a file is not a
   * move. The two can be the same path, if the directories above it changed places around the file.
   */
  #isVacated(from: Path, to: Path, entry: Entry): boolean {
    const there = this.seen.get(from);
    if (from !== to && there !== undefined && there.entry !== null && sameIdentity(there.entry, entry))
      return false;
    const moved = this.destination(from);
    const along = moved === from ? undefined : this.seen.get(moved);
    if (along?.entry && sameIdentity(along.entry, entry)) return false;
    if (there !== undefined) return true;
    // Not looked at itself: it is gone if a directory above it is gone, or is something else now.
    for (let above = parentOf(from); above !== root; above = parentOf(above)) {
      const found = this.seen.get(above);
      if (found !== undefined) return found.entry === null || found.entry.kind !== "directory";
    }
    return false;
  }
}
