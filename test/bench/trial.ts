/** Puts one tool to one measure: with trees of its own, started for it and stopped after it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { killTrees, pidsByEnvironment } from "../helpers/process-tree.ts";
import { diffTrees } from "../helpers/trees.ts";
import { makeBaseTree } from "./base-tree.ts";
import { ExpectedTree } from "./expected-tree.ts";
import type { Lab } from "./lab.ts";
import type { Measure, Session } from "./measures/measure.ts";
import type { Result } from "./result.ts";
import type { Scale } from "./scale.ts";
import { makeSite } from "./site.ts";
import type { RunningTool, Site, Tool } from "./tools/tool.ts";
import { Usage } from "./usage.ts";
import { poll } from "./wait.ts";

const firstSyncDefaultMs = 30_000;
/** For the first change after that. */
const markerLimitMs = 30_000;
/** How long a tool and the link get to come to rest before and after the work. */
const settleMs = 400;
/** How long both trees get to become equal after the work. */
const agreeDefaultMs = 4000;
const differencesShown = 5;
/** unison keeps times to the microsecond, nearly. */
const mtimeToleranceNs = 2000n;

/** The variables that every process of a tool has in its environment, here and on the other side. */
const markVariable = "TSYNC_BENCH_TRIAL";
const otherMarkVariable = "TSYNC_BENCH_TRIAL_THERE";
let trials = 0;

export interface TrialOptions {
  rttMs: number;
  /** The folder for the trees. */
  place: string;
  scale: Scale;
  /** Ends the trial with an exception, after all is stopped. */
  signal: AbortSignal;
}

/** What goes wrong with the tool is in the result. */
export async function runTrial(
  lab: Lab,
  tool: Tool,
  measure: Measure,
  options: TrialOptions,
): Promise<Result> {
  options.signal.throwIfAborted();
  const result: Result = {
    rttMs: options.rttMs,
    tool: tool.name,
    measure: measure.name,
    readings: [],
    failure: null,
    firstSyncMs: null,
    divergences: null,
    differences: [],
  };
  const mark = `${process.pid}-${++trials}`;
  const { site, remove } = makeSite(lab, {
    place: options.place,
    targets: measure.targets ?? 1,
    env: { [markVariable]: mark },
    otherEnv: { [otherMarkVariable]: mark },
  });
  let running: RunningTool | undefined;
  try {
    makeBaseTree(site.source);
    await measure.prepare(site, options.scale);
    await lab.setRtt(options.rttMs);
    const start = performance.now();
    running = await tool.start(site);
    const usage = new Usage(new RegExp(`^${markVariable}=${mark}$`));
    await work({ lab, site, running, usage, measure, start, options, result });
  } catch (error) {
    options.signal.throwIfAborted();
    result.failure = error instanceof Error ? error.message : String(error);
  } finally {
    await stopTool(lab, running, mark);
    remove();
  }
  return result;
}

interface Work {
  lab: Lab;
  site: Site;
  running: RunningTool;
  usage: Usage;
  measure: Measure;
  /** When the tool was started. */
  start: number;
  options: TrialOptions;
  result: Result;
}

/** From the start of the tool to the comparison of both trees; fills in `result`. */
async function work({ lab, site, running, usage, measure, start, options, result }: Work): Promise<void> {
  const { source, destinations } = site;
  const { scale, signal } = options;
  const { hopeless, change } = watch(running);
  const wait = (check: () => boolean, limitMs: number) => poll(check, { limitMs, hopeless, signal });
  const insist = async (what: string, check: () => boolean, limitMs: number) => {
    const seen = await wait(check, limitMs);
    if (typeof seen === "string") throw new Error(`${what}: ${seen}${outputOf(running)}`);
    return seen;
  };
  const rest = async () => {
    await Bun.sleep(settleMs);
    signal.throwIfAborted();
  };
  const everywhere = (): (() => boolean) => {
    const trees = destinations.map((destination) => ({ destination, expected: new ExpectedTree(source) }));
    return () => trees.every(({ destination, expected }) => expected.isAt(destination));
  };

  const firstSyncLimitMs = measure.firstSyncLimitMs ?? firstSyncDefaultMs;
  const firstSyncMs = (await insist("first sync", everywhere(), firstSyncLimitMs)) - start;
  result.firstSyncMs = firstSyncMs;
  change(() => writeFileSync(join(source, "marker"), "live"));
  await insist("first change", everywhere(), markerLimitMs);
  await running.ready?.();
  await rest();

  await lab.reset();
  const bytes = async () => {
    await rest();
    return await lab.bytes();
  };
  const destination = destinations[0]!;
  const keepsRemoved = running.push !== undefined;
  const trees = { source, destination, destinations };
  const session: Session = { ...trees, keepsRemoved, firstSyncMs, change, wait, bytes, usage };
  result.readings = await measure.run(session, scale);
  await rest();

  const compare = () =>
    destinations.flatMap((other) =>
      diffTrees(source, other, {
        mtimeOfDirectories: false,
        mtimeToleranceNs,
        limit: Number.POSITIVE_INFINITY,
      }),
    );
  let differences = compare();
  const end = performance.now() + (hopeless() === undefined ? (measure.agreeLimitMs ?? agreeDefaultMs) : 0);
  while (differences.length > 0 && performance.now() < end) {
    await rest();
    differences = compare();
  }
  result.divergences = differences.length;
  result.differences = differences.slice(0, differencesShown);
  if (hopeless() !== undefined) result.failure = `${hopeless()}${outputOf(running)}`;
}

/**
 * `hopeless` says why there is no sense in waiting for the tool any longer, if there is none; `change` is that of a
 * session.
 */
function watch({ processes, push }: RunningTool): Pick<Session, "change"> & {
  hopeless: () => string | undefined;
} {
  let reason: string | undefined;
  for (const { exit } of processes) {
    void exit.then((code) => {
      reason ??= `ended (${code})`;
    });
  }
  return {
    hopeless: () => reason,
    change(work) {
      const before = performance.now();
      work();
      if (push === undefined) return before;
      const after = performance.now();
      void push().catch((error: Error) => {
        reason ??= error.message;
      });
      return after;
    },
  };
}

/** The last that the tool said, for a message. */
function outputOf({ processes }: RunningTool): string {
  return processes
    .flatMap(({ stdout, stderr }) => `${stdout}\n${stderr}`.trim().split("\n").slice(-differencesShown))
    .filter((line) => line !== "")
    .map((line) => `\n    ${line.slice(0, 200)}`)
    .join("");
}

/** Leaves no process of the tool behind, and none of the server's that works for it. */
async function stopTool(lab: Lab, running: RunningTool | undefined, mark: string): Promise<void> {
  await running?.stop().catch(() => undefined);
  const pattern = new RegExp(`^(${markVariable}|${otherMarkVariable})=${mark}$`);
  await killTrees(() => pidsByEnvironment(pattern));
  try {
    await lab.clear();
  } catch {
    // Ctrl-C reaches the links' processes, too.
  }
}
