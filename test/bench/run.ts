/** Runs all trials one after another: each measure with all tools in turn, so that they find the same machine. */
import { measureConnections } from "./connections.ts";
import { formatValue } from "./format.ts";
import { startLab } from "./lab.ts";
import { burst } from "./measures/burst.ts";
import type { Scale } from "./measures/measure.ts";
import { removal } from "./measures/removal.ts";
import { rename } from "./measures/rename.ts";
import { saves } from "./measures/saves.ts";
import type { Result } from "./result.ts";
import type { Tool } from "./tools/tool.ts";
import { runTrial } from "./trial.ts";

export const roundTripsMs = [0, 50];

const measures = [saves, rename, burst, removal];
const normal: Scale = { saves: 40, renameFiles: 10_000, burstFiles: 5000 };
const quick: Scale = { saves: 15, renameFiles: 2000, burstFiles: 1000 };
/** How often each way to a host opens a connection. */
const connectionRounds = { normal: 20, quick: 5 };

export interface RunOptions {
  quick: boolean;
  /** The folder for the trees. */
  place: string;
  /** Stops everything and makes the run throw. */
  signal: AbortSignal;
  /** Called with a line for people after each trial. */
  progress: (line: string) => void;
}

export async function runAll(tools: readonly Tool[], options: RunOptions): Promise<Result[]> {
  const { place, signal, progress } = options;
  const scale = options.quick ? quick : normal;
  const lab = await startLab();
  const results: Result[] = [];
  try {
    for (const rttMs of roundTripsMs) {
      const rounds = options.quick ? connectionRounds.quick : connectionRounds.normal;
      for (const result of await measureConnections(lab, { rttMs, rounds, place, signal })) {
        results.push(result);
        progress(summary(result));
      }
      for (const measure of measures) {
        for (const tool of tools) {
          const result = await runTrial(lab, tool, measure, { rttMs, place, scale, signal });
          results.push(result);
          progress(summary(result));
        }
      }
    }
  } finally {
    await lab.stop();
  }
  return results;
}

function summary({ rttMs, tool, measure, readings, failure, divergences, differences }: Result): string {
  const values = readings.map(
    ({ title, unit, value, text }) => `${title.trim()} ${text ?? formatValue(value ?? 0, unit)}`,
  );
  if (failure !== null) values.push(`failed: ${failure}`);
  if (divergences !== null && divergences > 0) {
    values.push(`${divergences} differences, such as${differences.map((line) => `\n    ${line}`).join("")}`);
  }
  return `${rttMs} ms, ${measure}, ${tool}: ${values.join("; ")}`;
}
