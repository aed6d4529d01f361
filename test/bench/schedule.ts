/** Which measures there are, and at which round trips (ms) each is taken. */
import { connectionAbout, connectionMeasure } from "./connections.ts";
import { burst } from "./measures/burst.ts";
import { delta } from "./measures/delta.ts";
import { fileChanges } from "./measures/file-changes.ts";
import { largeFiles, manyFiles } from "./measures/large-files.ts";
import type { Measure } from "./measures/measure.ts";
import { removal } from "./measures/removal.ts";
import { renameDirectory } from "./measures/rename-directory.ts";
import { fourTargets, save } from "./measures/save.ts";
import { singleRenames } from "./measures/single-renames.ts";
import { sustained } from "./measures/sustained.ts";
import { millionAbout, millionMeasure } from "./million.ts";
import type { Tool } from "./tools/tool.ts";

/** All that may be asked for. */
export const roundTripsMs = [0, 20, 50, 100];

interface Planned {
  measure: Measure;
  /** Where it is taken in a whole run, and in a quick one. */
  normalMs: readonly number[];
  quickMs: readonly number[];
  /** A quick run leaves the other tools out, for they take too long; but not where round trips are asked for. */
  aloneIfQuick?: boolean;
}

/** In the order of the table. */
const schedule: readonly Planned[] = [
  { measure: save, normalMs: roundTripsMs, quickMs: [0, 50] },
  { measure: fileChanges, normalMs: roundTripsMs, quickMs: [50] },
  { measure: renameDirectory, normalMs: roundTripsMs, quickMs: [50] },
  { measure: burst, normalMs: roundTripsMs, quickMs: [50] },
  { measure: removal, normalMs: roundTripsMs, quickMs: [50] },
  { measure: singleRenames, normalMs: [0, 50], quickMs: [50] },
  { measure: delta, normalMs: [0, 50], quickMs: [50] },
  { measure: largeFiles, normalMs: [0], quickMs: [0] },
  { measure: manyFiles, normalMs: [0], quickMs: [] },
  { measure: fourTargets, normalMs: [0, 50], quickMs: [50], aloneIfQuick: true },
  { measure: sustained, normalMs: [0], quickMs: [0], aloneIfQuick: true },
];

/** Names of measures with what they are, those too that are taken in other ways than the planned ones. */
export const measures: readonly { name: string; about: string }[] = [
  { name: connectionMeasure, about: connectionAbout },
  ...schedule.map(({ measure: { name, about } }) => ({ name, about })),
  { name: millionMeasure, about: millionAbout },
];

/** Where connections are measured in a quick run; else it is everywhere. */
const connectionQuickMs = [50];

/** Whether connections are measured at a round trip. */
export function hasConnections(
  rttMs: number,
  { quick, measures: chosen, roundTripsMs: asked }: Choice,
): boolean {
  const where = asked ?? (quick ? connectionQuickMs : roundTripsMs);
  return chosen.includes(connectionMeasure) && where.includes(rttMs);
}

export interface Choice {
  quick: boolean;
  /** Names of measures. */
  measures: readonly string[];
  /** Round trips that were asked for, in ms: then each measure is taken at all of them. */
  roundTripsMs: readonly number[] | undefined;
}

/** The chosen measures at one round trip, each with the tools that are put to it. */
export function plannedAt(
  rttMs: number,
  tools: readonly Tool[],
  { quick, measures: chosen, roundTripsMs: asked }: Choice,
): { measure: Measure; tools: Tool[] }[] {
  return schedule
    .filter(({ measure }) => chosen.includes(measure.name))
    .filter(({ normalMs, quickMs }) => (asked ?? (quick ? quickMs : normalMs)).includes(rttMs))
    .map(({ measure, aloneIfQuick = false }) => ({
      measure,
      tools: tools.filter(
        ({ name, measures: own }) =>
          (own?.includes(measure.name) ?? true) &&
          (!(quick && aloneIfQuick && asked === undefined) || name === "tsync"),
      ),
    }));
}
