/** Waits for a mirror. */
import { waitUntil } from "./process.ts";
import { diffTrees } from "./trees.ts";
import type { Place } from "./tsync.ts";

/** How often both trees are compared. */
const everyMs = 50;

/** How much of what `about` says is shown. */
const aboutMax = 3_000;

/** Waits until the target is what the source is; if it does not become so, tells what differs, and what `about` says. */
export async function untilEqual(
  { source, target }: Pick<Place, "source" | "target">,
  timeoutMs: number,
  about: (differences: readonly string[]) => string = () => "",
): Promise<void> {
  let differences: string[] = [];
  await waitUntil(
    () => {
      differences = diffTrees(source, target);
      return differences.length === 0;
    },
    timeoutMs,
    everyMs,
    () => [...differences, about(differences).slice(-aboutMax)].join("\n"),
  );
}
