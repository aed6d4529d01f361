/**
 * Compares a target with the source, a part at a time: each step is a few runs of rsync over a bounded number of
 * entries, and between two steps anything else may happen to the target.
 */
import { type Finding, isOfOtherKind, judge, type Listed } from "../core/drift.ts";
import type { Entry } from "../core/entry.ts";
import { type Fault, isFault } from "../core/fault.ts";
import type { Send } from "../core/operation.ts";
import { join, type Path, parentOf, root } from "../core/path.ts";
import { compareByDepth } from "../core/seen.ts";
import { breathe } from "../system/breathe.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import { extrasAmong, keptBy } from "./extras.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How many bytes of names go into one step: so many can be given to rsync as arguments. */
const pathBytesMax = 768 * 1024;

/** What is compared. */
export type Sides = Pick<WorkerOptions, "source" | "target" | "deleteExcluded" | "comparesContent">;

/** How much is compared in one step, at most: a large file is one. */
export interface StepSize {
  readonly entries: number;
  /** Where contents are compared. */
  readonly contentBytes: number;
}

/** What a step found. */
export interface Step {
  /** How many entries were compared. */
  readonly entries: number;
  /** To be looked at again: what was looked at one after the other may never have been so at one time. */
  readonly findings: readonly Finding[];
  /** What could not be compared, with the reason. */
  readonly unreadable: readonly Unreadable[];
}

interface Unreadable {
  readonly path: Path;
  readonly reason: string;
}

/** Directories that are compared together. */
interface Part {
  readonly directories: ReadonlySet<Path>;
  /** What the source has in them. */
  readonly entries: ReadonlyMap<Path, Entry>;
  /** What is not compared yet. */
  readonly todo: Send[][];
  /** What the target has in them; null if that is not known yet. */
  listing: ReadonlyMap<Path, Listed> | null;
}

/** One comparison of everything. After a fault, `next` tries the same step once more. */
export class Verification {
  /** Directories that are still to be compared, the next one last. */
  readonly #directories: Path[] = [root];
  /** Directories that the target does not have, or has as something else. */
  readonly #without = new Set<Path>();
  #part: Part | null = null;
  #unreadable: Unreadable[] = [];

  constructor(
    private readonly sides: Sides,
    private readonly sizeMax: StepSize,
  ) {}

  /** What comes later in the tree than this path was not looked at yet; null if all was. */
  get frontier(): Path | null {
    const [first] = this.#part?.directories ?? [];
    return first ?? this.#directories.at(-1) ?? null;
  }

  /** Takes one step; null at the end. */
  async next(): Promise<Step | Fault | null> {
    this.#part ??= await this.#gather();
    const part = this.#part;
    if (part.directories.size === 0) {
      this.#part = null;
      return this.#unreadable.length > 0 ? this.#step(0, []) : null;
    }
    if (part.listing === null) {
      const inspection = await this.sides.target.inspect([...part.directories], "children");
      if (isFault(inspection)) return inspection;
      part.listing = inspection.listed;
      for (const [path, reason] of inspection.failed) {
        this.#unreadable.push({ path, reason });
        this.#without.add(path);
      }
    }
    const sends = part.todo[0];
    if (sends !== undefined) {
      const findings = await this.#compare(sends, part.listing);
      if (isFault(findings)) return findings;
      part.todo.shift();
      return this.#step(sends.length, findings);
    }
    const extras = await this.#extrasIn(part, part.listing);
    if (isFault(extras)) return extras;
    this.#part = null;
    return this.#step(0, extras);
  }

  #step(entries: number, findings: readonly Finding[]): Step {
    const unreadable = this.#unreadable;
    this.#unreadable = [];
    return { entries, findings, unreadable };
  }

  /** Reads the source's next directories. */
  async #gather(): Promise<Part> {
    const directories = new Set<Path>();
    const entries = new Map<Path, Entry>();
    while (entries.size < this.sizeMax.entries && this.#directories.length > 0) {
      const directory = this.#directories.pop()!;
      if (this.#without.has(directory)) continue;
      const names = this.sides.source.list(directory);
      if (names === null) continue;
      if (!Array.isArray(names)) {
        this.#unreadable.push({ path: directory, reason: names.link });
        continue;
      }
      directories.add(directory);
      const below: Path[] = [];
      for (const [path, entry] of entriesIn(this.sides.source, directory, names.sort())) {
        entries.set(path, entry);
        if (entry.kind === "directory") below.push(path);
        await breathe();
      }
      this.#directories.push(...below.reverse());
    }
    return { directories, entries, todo: this.#divide(entries), listing: null };
  }

  /** Divides entries into what is compared in one run each. */
  #divide(entries: ReadonlyMap<Path, Entry>): Send[][] {
    const { sizeMax, sides } = this;
    const groups: Send[][] = [];
    let [group, pathBytes, contentBytes]: [Send[], number, number] = [[], 0, 0];
    for (const [path, entry] of entries) {
      if (entry.kind === "problem") {
        this.#unreadable.push({ path, reason: entry.link });
        continue;
      }
      const isFull = group.length >= sizeMax.entries || pathBytes > pathBytesMax;
      if (isFull || contentBytes > sizeMax.contentBytes) {
        groups.push(group);
        [group, pathBytes, contentBytes] = [[], 0, 0];
      }
      group.push({ path, entry, compare: "unless-equal" });
      pathBytes += path.length;
      contentBytes += entry.kind === "file" && sides.comparesContent ? entry.size : 0;
    }
    if (group.length > 0) groups.push(group);
    return groups;
  }

  async #compare(
    sends: readonly Send[],
    listing: ReadonlyMap<Path, Listed>,
  ): Promise<readonly Finding[] | Fault> {
    const comparison = await this.sides.target.compare(sends);
    if (isFault(comparison)) return comparison;
    const findings: Finding[] = [];
    for (const { path, entry } of sends) {
      const isDirectory = entry.kind === "directory";
      if (this.#without.has(parentOf(path))) {
        if (isDirectory) this.#without.add(path);
        continue;
      }
      const found = judge(path, entry, listing.get(path) ?? null, comparison.compared.get(path));
      const isOther = found !== null && (found.is === "missing" || isOfOtherKind(found));
      if (isDirectory && isOther) this.#without.add(path);
      const reason = isOther ? undefined : comparison.failed.get(path);
      if (reason !== undefined) this.#unreadable.push({ path, reason });
      else if (found !== null) findings.push(found);
    }
    return findings;
  }

  /** What the target has in the directories of `part`, and the source does not. */
  async #extrasIn(part: Part, listing: ReadonlyMap<Path, Listed>): Promise<readonly Finding[] | Fault> {
    const { source, target, deleteExcluded } = this.sides;
    const isKept = keptBy(source, deleteExcluded);
    const unknown = new Map<Path, Listed>();
    for (const [path, listed] of listing) {
      const directory = parentOf(path);
      const isIn = path !== root && part.directories.has(directory) && !this.#without.has(directory);
      if (isIn && !part.entries.has(path)) unknown.set(path, listed);
    }
    // What is kept in a directory keeps the directory, too.
    const deep = source.isWhole
      ? []
      : [...unknown]
          .filter(([path, { kind }]) => kind === "directory" && !isKept(path))
          .map(([path]) => path);
    const below = deep.length === 0 ? null : await target.inspect(deep, "all");
    if (isFault(below)) return below;
    const listed = [...new Set([...unknown.keys(), ...(below?.listed.keys() ?? [])])].sort(compareByDepth);
    const { topmost } = extrasAmong(listed, isKept, (path) => source.look(path) !== null);
    return topmost.map((path): Finding => ({ is: "extra", path }));
  }
}

/** The entries of a directory that are mirrored; those that cannot be read are problems. */
function* entriesIn(source: SourceTree, directory: Path, names: readonly string[]): Generator<[Path, Entry]> {
  const prefix = `${directory === root ? source.base : source.absolute(directory)}/`;
  for (const name of names) {
    const entry = source.lookAt(prefix + name, directory, name);
    const path = join(directory, name);
    if (entry !== null && !source.selection.leavesOut(path, entry)) yield [path, entry];
  }
}

/** Looks at `findings` once more: what there is now to be said of these paths. */
export async function lookAgain(
  { source, target }: Sides,
  findings: readonly Finding[],
): Promise<Map<Path, Finding> | Fault> {
  const entries = new Map<Path, Entry>();
  for (const { path } of findings) {
    const entry = source.look(path);
    if (entry !== null && entry.kind !== "problem") entries.set(path, entry);
  }
  const paths = findings.map(({ path }) => path);
  const inspection = await target.inspect(paths, "self");
  if (isFault(inspection)) return inspection;
  const sends = [...entries].map(([path, entry]): Send => ({ path, entry, compare: "unless-equal" }));
  const comparison = sends.length === 0 ? null : await target.compare(sends);
  if (isFault(comparison)) return comparison;
  const found = new Map<Path, Finding>();
  for (const path of paths) {
    const entry = entries.get(path) ?? null;
    // What cannot be read is not gone.
    if (inspection.failed.has(path) || (entry === null && source.look(path) !== null)) continue;
    const one = judge(path, entry, inspection.listed.get(path) ?? null, comparison?.compared.get(path));
    if (one !== null) found.set(path, one);
  }
  return found;
}
