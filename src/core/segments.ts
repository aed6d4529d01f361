/** Divides steps so that each part can be repeated safely when nobody knows how much of it was done. */
import { pathOf, type Step } from "./operation.ts";
import { type Path, parentOf, root } from "./path.ts";

/** How many steps a segment has at most: what is under way takes memory, and is repeated after a lost connection. */
const stepsMax = 5_000;

/**
 * Splits `steps` into segments, each of which can be replayed as a whole:
 * - No path that was freed (moved away, removed) is taken again, so that "its source is gone" means exactly "this
 *   move was done". A swap replayed as one piece would swap back.
 * - No directory is moved after something was put or changed in it, which would not be found again.
 *
 * Each segment costs one round trip; a plan without chains and swaps that is not very long is one segment.
 */
export function segments(steps: readonly Step[]): Step[][] {
  const found: Step[][] = [];
  let segment: Step[] = [];
  const freed = new Set<Path>();
  /** Paths that were taken or changed, and all directories above them. */
  const touched = new Set<Path>();
  for (const step of steps) {
    const taken = step.do === "move" ? step.to : step.do === "make-directory" ? step.path : null;
    const isTakenAgain = taken !== null && freed.has(taken);
    if (isTakenAgain || (step.do === "move" && touched.has(step.from)) || segment.length === stepsMax) {
      found.push(segment);
      segment = [];
      freed.clear();
      touched.clear();
    }
    segment.push(step);
    if (step.do === "move") freed.add(step.from);
    else if (step.do.startsWith("remove")) freed.add(step.path);
    if (taken !== null || step.do === "set-mode") {
      for (let path = pathOf(step); path !== root && !touched.has(path); path = parentOf(path))
        touched.add(path);
    }
  }
  if (segment.length > 0) found.push(segment);
  return found;
}
