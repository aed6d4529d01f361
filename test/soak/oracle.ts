/** Whether the targets are what the source is, judged by content and without anything of tsync. */
import { rmSync } from "node:fs";
import { bytesOf, diffTrees, snapshot } from "../helpers/trees.ts";
import { depthMax } from "../helpers/work-tree.ts";
import type { Site } from "./site.ts";

const everyMs = 200;
/** How long equal trees must stay equal. */
const stayMs = 2_000;

/** What differs, target by target: for each path what the source has and what the target has. Empty: nothing. */
function differences({ source, targets }: Site): string[] {
  const wanted = snapshot(source);
  return Object.entries(targets).flatMap(([kind, target]) =>
    diffTrees(wanted, target).map((line) => `${kind}: ${line}`),
  );
}

/** Waits until all targets equal the source, and stay so; the time it took in ms, or what differs at the end. */
export async function converged(site: Site, withinMs: number): Promise<number | string[]> {
  const begin = performance.now();
  for (;;) {
    const found = differences(site);
    const tookMs = performance.now() - begin;
    if (found.length === 0) {
      await Bun.sleep(stayMs);
      const later = differences(site);
      return later.length === 0 ? tookMs : ["equal, and then again not:", ...later];
    }
    if (tookMs > withinMs) return found;
    await Bun.sleep(everyMs);
  }
}

/** Removes what lies too deep: writers that move directories at the same time can nest them without end. */
export function prune({ source }: Site): void {
  for (const path of snapshot(source).keys())
    if (path.split("/").length > depthMax)
      rmSync(bytesOf(`${source}/${path}`), { recursive: true, force: true });
}
