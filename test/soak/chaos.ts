/** Makes faults happen for a while. */
import type { Random } from "../helpers/trees.ts";
import { type FaultKind, faultKinds } from "./faults.ts";
import type { Site } from "./site.ts";

/** The longest pause between two faults of a place, in ms. */
const pauseMaxMs: Record<FaultKind["place"], number> = { process: 3_000, line: 1_500, target: 8_000 };

/** Inflicts faults for `durationMs`; `told` hears of each. All are over when it resolves. */
export async function chaos(
  site: Site,
  random: Random,
  durationMs: number,
  told: (name: string) => void,
): Promise<void> {
  const end = performance.now() + durationMs;
  const at = async (place: FaultKind["place"]) => {
    const kinds = possibleFaults(site).filter((kind) => kind.place === place);
    const choices = kinds.flatMap((kind) => Array<FaultKind>(kind.weight).fill(kind));
    if (choices.length === 0) return;
    for (;;) {
      await Bun.sleep(Math.min(random.int(pauseMaxMs[place]), Math.max(0, end - performance.now())));
      if (performance.now() >= end) return;
      const kind = random.pick(choices);
      site.mirror.note(kind.name);
      told(kind.name);
      await kind.inflict(site, random);
      site.mirror.note(`over: ${kind.name}`);
    }
  };
  await Promise.all([at("process"), at("line"), at("target")]);
}

/** The faults that can be made at `site`. */
function possibleFaults(site: Site): readonly FaultKind[] {
  return faultKinds.filter((kind) => !kind.impossible?.(site));
}
