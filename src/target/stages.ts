/** Divides steps into as few parts as possible, each of which can be done in any order. Pure. */
import { pathOf, type Step } from "../core/operation.ts";
import { type Path, parentOf, root } from "../core/path.ts";

/**
 * Stages of `steps`, as positions in it. Steps whose paths do not lie within one another never depend on each
 * other; those that do come in later stages the later they are in `steps`. Only directories that are made within
 * one another share a stage: whoever makes them begins at the top. There must be no moves.
 */
export function stages(steps: readonly Step[]): number[][] {
  const found: number[][] = [];
  /** The first stage that is free for what depends on a path, on what is made at it, on what is below it. */
  const [at, made, below] = [new Map<Path, number>(), new Map<Path, number>(), new Map<Path, number>()];
  for (const [index, step] of steps.entries()) {
    const path = pathOf(step);
    const makes = step.do === "make-directory";
    let stage = Math.max(at.get(path) ?? 0, made.get(path) ?? 0, below.get(path) ?? 0);
    for (const above of parentsOf(path)) {
      stage = Math.max(stage, at.get(above) ?? 0, (made.get(above) ?? 0) - (makes ? 1 : 0));
    }
    (makes ? made : at).set(path, stage + 1);
    for (const above of parentsOf(path)) {
      if ((below.get(above) ?? 0) <= stage) below.set(above, stage + 1);
    }
    const list = found[stage];
    if (list === undefined) found[stage] = [index];
    else list.push(index);
  }
  return found;
}

function* parentsOf(path: Path): Generator<Path> {
  for (let above = path; above !== root; ) {
    above = parentOf(above);
    if (above !== root) yield above;
  }
}
