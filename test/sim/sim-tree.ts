/** The source as tsync reads it: some of it may not be readable for a while. */
import type { Entry } from "../../src/core/entry.ts";
import { isWithin, join, type Path, parentOf } from "../../src/core/path.ts";
import { Source } from "../../src/watch/source.ts";
import type { Survey } from "../../src/watch/source-tree.ts";

/**
 * What fails at a path: `list`, the listing of that directory; `look`, every look at it and at all below it, as on a
 * file system whose server is gone.
 */
export type ReadFault = "list" | "look";

/** No file system has a name that long: an error that tells nothing of what is there, also to the superuser. */
const unreadable = "x".repeat(300);

/** See above; `faults` may change at any time. */
export class SimTree extends Source {
  constructor(
    base: Path,
    private readonly faults: ReadonlyMap<Path, ReadFault>,
  ) {
    super(base);
  }

  override list(path: Path): string[] | null | Entry {
    return this.#failsToList(path) ? super.list(unreadable) : super.list(path);
  }

  override lookAt(absolute: string, directory: Path, name: string): Entry | null {
    const at = this.#failsToLook(join(directory, name)) ? this.absolute(unreadable) : absolute;
    return super.lookAt(at, directory, name);
  }

  override survey(path: Path): Survey | null {
    if (this.#failsToList(path)) return super.survey(unreadable);
    const fails = [...this.faults].some(([at, fault]) => fault === "look" && parentOf(at) === path);
    return fails ? null : super.survey(path);
  }

  #failsToList(path: Path): boolean {
    return this.faults.get(path) === "list" || this.#failsToLook(path);
  }

  #failsToLook(path: Path): boolean {
    for (const [at, fault] of this.faults) if (fault === "look" && isWithin(path, at)) return true;
    return false;
  }
}
