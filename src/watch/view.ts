/** How a source is looked at for one target: which names count, what links stand for, which attributes matter. */
import { statSync } from "node:fs";
import { asMirrored, type MirroredAttributes } from "../core/as-mirrored.ts";
import type { Entry } from "../core/entry.ts";
import { type LinkRules, linkFate } from "../core/links.ts";
import { join, type Path, parentOf, root, toFs } from "../core/path.ts";
import { isReserved, type Reserved } from "../core/reserved.ts";
import { isAbsence, reasonOf } from "../system/file-error.ts";

/** What a view is made of; null where everything is mirrored as it is. */
export interface ViewRules {
  readonly attributes: MirroredAttributes | null;
  readonly links: LinkRules | null;
  readonly reserved: Reserved | null;
}

/** What a view needs to follow a link. */
export interface Following {
  /** The absolute path of a path of the source. */
  absolute(path: Path): string;
  /** The entry of what the link at `absolute` points to. */
  follow(absolute: string): Entry;
}

/** See above. */
export class View {
  /** Links that were followed, by path: nothing tells of changes behind them. */
  readonly followed = new Set<Path>();

  constructor(private readonly rules: ViewRules) {}

  /** True if the target has no place for what is at `path`. */
  hides(path: Path): boolean {
    return this.rules.reserved !== null && isReserved(path, this.rules.reserved);
  }

  /** What `entry` in `directory` is to the target; null if it is left out. */
  of(entry: Entry, directory: Path, name: string, source: Following): Entry | null {
    const { attributes, links } = this.rules;
    let seen: Entry | null = entry;
    if (entry.kind === "symlink" && links !== null) {
      const path = join(directory, name);
      const fate = linkFate(links, path, entry.link);
      if (fate === "follow") seen = this.#follow(path, entry, source);
      else if (fate === "omit") seen = null;
    }
    return seen === null || attributes === null ? seen : asMirrored(seen, attributes);
  }

  #follow(path: Path, link: Entry, source: Following): Entry {
    const problem = (reason: string): Entry => ({ ...link, kind: "problem", link: reason });
    this.followed.add(path);
    try {
      const entry = source.follow(source.absolute(path));
      if (entry.kind === "directory" && leadsBack(path, source))
        return problem("the symbolic link leads back to a directory that it is in");
      return entry;
    } catch (error) {
      return problem(isAbsence(error) ? "the symbolic link points to nothing" : reasonOf(error));
    }
  }
}

/** True if the link at `path` points to a directory that it is in, perhaps by way of other links. */
function leadsBack(path: Path, source: Following): boolean {
  const there = statSync(toFs(source.absolute(path)));
  for (let above = path; above !== root; ) {
    above = parentOf(above);
    const directory = statSync(toFs(source.absolute(above)));
    if (directory.ino === there.ino && directory.dev === there.dev) return true;
  }
  return false;
}
