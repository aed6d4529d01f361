/**
 * What the watches of a source rely on, and no event tells of: which file systems are mounted at, above and below its
 * root, and a time of day that does not go back (Bun drops events that repeat one "of later").
 */
import { realpathSync } from "node:fs";
import { identityKey } from "../core/entry.ts";
import { isWithin, type Path, root, toFs } from "../core/path.ts";
import type { Clock } from "../system/clock.ts";
import { type Mount, mounts } from "../system/mounts.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import type { Watching } from "./surroundings.ts";

/** By how much the time of day must have gone back: more than what measuring it twice may differ by. */
const backMs = 50;

/** Why a source must be watched anew; null if it need not be. */
export type GroundChange = "mounts" | "clock" | null;

/** The ground of one source. */
export class Ground {
  /** The root and the mounts as they were when the watches were opened. */
  #known = "";
  /** How far the time of day was ahead of the steady clock, at most: an event may have been told then. */
  #aheadMs = 0;

  constructor(
    private readonly source: SourceTree,
    private readonly clock: Pick<Clock, "nowMs" | "steadyMs">,
  ) {}

  /** The watches are about to be opened. */
  stand(): void {
    this.#known = this.#look().text;
    this.#aheadMs = this.#measure();
  }

  /**
   * An event is told: true if the time of day has gone back since the watches were opened. The time is taken with each
   * event, because it may be set ahead and back again between two looks at the ground.
   */
  isSetBack(): boolean {
    const aheadMs = this.#measure();
    this.#aheadMs = Math.max(this.#aheadMs, aheadMs);
    return aheadMs < this.#aheadMs - backMs;
  }

  /** What has changed since `stand`. */
  change(watching: Pick<Watching, "isOutdated">): GroundChange {
    const isBack = this.isSetBack();
    const { text, below } = this.#look();
    // The same one, unmounted and mounted again, looks the same; but what was under it is watched.
    if (text !== this.#known || below.some((path) => watching.isOutdated(path))) return "mounts";
    return isBack ? "clock" : null;
  }

  #measure(): number {
    return this.clock.nowMs() - this.clock.steadyMs();
  }

  /** The root and the mounts around it as text; `below`: where in the source others are mounted. */
  #look(): { readonly text: string; readonly below: readonly Path[] } {
    const entry = this.source.look(root);
    if (entry === null) return { text: "", below: [] };
    const base = this.#realBase();
    const around = (base === null ? null : mounts()) ?? [];
    const isAround = ({ at }: Mount) => isBelow(at, base!) || isBelow(base!, at);
    const relevant = around.filter(isAround);
    const text = [identityKey(entry), ...relevant.map(({ at, what }) => `${what} ${at}`)].join("\n");
    const below = relevant.flatMap(({ at }) =>
      isBelow(at, base!) && at !== base ? [at.slice(base === "/" ? 1 : base!.length + 1)] : [],
    );
    return { text, below };
  }

  /** The path of the root without links, as the kernel tells it. */
  #realBase(): string | null {
    try {
      return realpathSync(toFs(this.source.absolute(root)), { encoding: "latin1" as "utf8" });
    } catch {
      return null;
    }
  }
}

/** `isWithin` for absolute paths. */
function isBelow(path: string, ancestor: string): boolean {
  return isWithin(path, ancestor === "/" ? root : ancestor);
}
