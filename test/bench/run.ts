/** Runs all trials one after another: each measure with all tools in turn, so that they find the same machine. */
import { connectionMeasure, measureConnections } from "./connections.ts";
import { formatValue } from "./format.ts";
import { startLab } from "./lab.ts";
import { measureMillion, millionMeasure } from "./million.ts";
import type { LeftOut, Result } from "./result.ts";
import { normal, quick } from "./scale.ts";
import { type Choice, hasConnections, plannedAt, roundTripsMs } from "./schedule.ts";
import type { Tool } from "./tools/tool.ts";
import { runTrial } from "./trial.ts";

export interface RunOptions extends Choice {
  /** The folder for the trees. */
  place: string;
  /** Stops everything and makes the run throw. */
  signal: AbortSignal;
  /** Called with a line for people after each trial. */
  progress: (line: string) => void;
}

export async function runAll(
  tools: readonly Tool[],
  options: RunOptions,
): Promise<{ results: Result[]; leftOut: LeftOut[] }> {
  const { place, signal, progress } = options;
  const scale = options.quick ? quick : normal;
  const results: Result[] = [];
  const leftOut: LeftOut[] = [];
  let last = performance.now();
  const add = (result: Result) => {
    results.push(result);
    const now = performance.now();
    progress(`[${Math.round((now - last) / 1000)} s] ${summary(result)}`);
    last = now;
  };
  /** What goes wrong costs this measure, and not what was measured before. */
  const attempt = async (what: string, measure: () => Promise<Result[] | LeftOut>) => {
    const measured = await measure().catch((error: unknown): LeftOut => {
      signal.throwIfAborted();
      return { what, reason: error instanceof Error ? error.message : String(error) };
    });
    if (Array.isArray(measured)) {
      for (const result of measured) add(result);
    } else {
      leftOut.push(measured);
      progress(`${measured.what} is left out: ${measured.reason}`);
    }
  };
  const lab = await startLab();
  try {
    for (const rttMs of options.roundTripsMs ?? roundTripsMs) {
      if (hasConnections(rttMs, options)) {
        const measured = { rttMs, rounds: scale.connections, place, signal };
        await attempt(`${connectionMeasure}, ${rttMs} ms`, () => measureConnections(lab, measured));
      }
      for (const { measure, tools: able } of plannedAt(rttMs, tools, options)) {
        for (const tool of able) add(await runTrial(lab, tool, measure, { rttMs, place, scale, signal }));
      }
    }
  } finally {
    await lab.stop();
  }
  const withTsync = tools.some(({ name }) => name === "tsync");
  if (options.measures.includes(millionMeasure) && withTsync) {
    await attempt(millionMeasure, () => measureMillion({ place, scale, signal }));
  }
  return { results, leftOut };
}

function summary({ rttMs, tool, measure, readings, failure, divergences, differences }: Result): string {
  const values = readings.map(
    ({ title, unit, value, text }) => `${title.trim()} ${text ?? formatValue(value ?? 0, unit)}`,
  );
  if (failure !== null) values.push(`failed: ${failure}`);
  if (divergences !== null && divergences > 0) {
    values.push(`${divergences} differences, such as${differences.map((line) => `\n    ${line}`).join("")}`);
  }
  const where = rttMs === null ? "" : `${rttMs} ms, `;
  return `${where}${measure}, ${tool}: ${values.join("; ")}`;
}
