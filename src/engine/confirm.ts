/** Tells what stays different from what was only seen in the middle of a change. */
import { lstatSync } from "node:fs";
import { type Finding, isSameFinding } from "../core/drift.ts";
import { type Fault, isFault } from "../core/fault.ts";
import { type Path, parentOf, toFs } from "../core/path.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import { lookAgain, type Sides } from "./verification.ts";

/** How long it takes to the next look, one after the other, where another tsync works on the target. */
const pausesMs = [300, 700, 1_500, 3_000, 5_000];

/** The same where none does: only a look that was overtaken has to be repeated. */
const shortPausesMs = [0, 100, 500];

/** How old a change of the source must be, so that a tsync at work has had the time to mirror it. */
const youngMs = 3_000;

/** What became of findings. */
export interface Confirmed {
  readonly findings: readonly Finding[];
  /** How many paths changed at each look. */
  readonly changing: number;
}

/**
 * Looks at `findings` again, until two looks in a row say the same. `isLive`: another tsync is at work there, and what
 * changed a moment ago is on its way.
 */
export async function confirm(
  sides: Sides,
  findings: readonly Finding[],
  isLive: boolean,
): Promise<Confirmed | Fault> {
  const confirmed: Finding[] = [];
  let doubtful: readonly Finding[] = findings;
  for (const pauseMs of isLive ? pausesMs : shortPausesMs) {
    if (doubtful.length === 0) break;
    await Bun.sleep(pauseMs);
    const now = await lookAgain(sides, doubtful);
    if (isFault(now)) return now;
    const still: Finding[] = [];
    for (const before of doubtful) {
      const found = now.get(before.path);
      if (found === undefined) continue;
      const isYoung = isLive && changedMs(sides.source, found.path) > Date.now() - youngMs;
      if (isSameFinding(before, found) && !isYoung) confirmed.push(found);
      else still.push(found);
    }
    doubtful = still;
  }
  return { findings: confirmed, changing: doubtful.length };
}

/** When `path`, or the directory that it is or was in, last changed in the source. */
function changedMs(source: SourceTree, path: Path): number {
  return Math.max(...[path, parentOf(path)].map((one) => ctimeMs(source.absolute(one))));
}

function ctimeMs(absolute: string): number {
  try {
    return lstatSync(toFs(absolute)).ctimeMs;
  } catch {
    return 0;
  }
}
