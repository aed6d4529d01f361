/** The source of a simulation: random work on real files in memory, and the events that tell of it. */
import { lstatSync, lutimesSync, readdirSync } from "node:fs";
import type { Scope } from "../../src/core/aggregate.ts";
import { join, type Path, root } from "../../src/core/path.ts";
import { randomWork } from "../helpers/random-work.ts";
import { bytesOf, type Random } from "../helpers/trees.ts";

/** What tells that something may have changed. */
export interface SourceEvent {
  readonly path: Path;
  readonly scope: Scope;
}

/** What a look at a path tells. */
type Look = Map<Path, { readonly identity: string; readonly state: string; readonly isDirectory: boolean }>;

/** Times of files, in seconds: long ago, so that none is in doubt, and each another one. */
const firstTimeS = 1_000_000_000;

/** See above. */
export class SimSource {
  #timeS = firstTimeS;
  /** The source as it was left. */
  #known: Look | null = null;

  constructor(
    /** Absolute path, as a byte string. */
    readonly directory: Path,
    private readonly random: Random,
  ) {}

  /** Does `count` random things; returns the events of it. */
  async work(count: number): Promise<SourceEvent[]> {
    return await this.changedBy(() => randomWork(this.directory, this.random, count));
  }

  /** Does `work`; returns the events that the kernel would have sent. */
  async changedBy(work: () => void | Promise<void>): Promise<SourceEvent[]> {
    const before = this.#known ?? this.#look();
    await work();
    const after = this.#look();
    const events: SourceEvent[] = [];
    for (const path of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(path), after.get(path)];
      if (was?.identity === is?.identity && was?.state === is?.state) continue;
      const isNewDirectory = is?.isDirectory === true && was?.identity !== is.identity;
      events.push({ path, scope: isNewDirectory ? "tree" : "entry" });
      // The same size at the same time is the same to everybody: here no two changes share a time.
      if (is !== undefined && !is.isDirectory && was?.state !== is.state && !this.#isMoved(is, before))
        this.#stamp(path);
    }
    // Nobody else works on it; what was stamped is looked at once more.
    this.#known = after;
    for (const { path } of events) if (after.has(path)) this.#lookAt(path, after);
    return events;
  }

  #isMoved(is: { readonly identity: string; readonly state: string }, before: Look): boolean {
    for (const was of before.values())
      if (was.identity === is.identity && was.state === is.state) return true;
    return false;
  }

  #stamp(path: Path): void {
    const time = this.#timeS++;
    lutimesSync(bytesOf(`${this.directory}/${path}`), time, time);
  }

  #look(path: Path = root, found: Look = new Map()): Look {
    const names = readdirSync(bytesOf(`${this.directory}/${path}`), { encoding: "latin1" as "utf8" });
    for (const name of names) {
      const child = join(path, name);
      if (this.#lookAt(child, found)) this.#look(child, found);
    }
    return found;
  }

  /** Adds what is at `path` to `found`; true for a directory. */
  #lookAt(path: Path, found: Look): boolean {
    const stat = lstatSync(bytesOf(`${this.directory}/${path}`));
    const isDirectory = stat.isDirectory();
    const state = isDirectory ? `${stat.mode}` : `${stat.mode} ${stat.size} ${stat.mtimeMs}`;
    found.set(path, { identity: `${stat.ino}`, state, isDirectory });
    return isDirectory;
  }
}
