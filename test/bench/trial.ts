/** Puts one tool to one measure: with trees of its own, started for it and stopped after it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "../helpers/process.ts";
import { killTrees, pidsByEnvironment } from "../helpers/process-tree.ts";
import { diffTrees } from "../helpers/trees.ts";
import { makeBaseTree } from "./base-tree.ts";
import { ExpectedTree } from "./expected-tree.ts";
import type { Lab } from "./lab.ts";
import type { Measure, Scale } from "./measures/measure.ts";
import type { Result } from "./result.ts";
import { makeSite } from "./site.ts";
import type { RunningTool, Site, Tool } from "./tools/tool.ts";
import { poll } from "./wait.ts";

const firstSyncLimitMs = 30_000;
/** For the first change after that. */
const markerLimitMs = 30_000;
/** How long a tool and the link get to come to rest before and after the work. */
const settleMs = 400;
/** How long both trees get to become equal after the work. */
const agreeLimitMs = 4000;
const differencesShown = 5;

/** The variable that every process of a tool has in its environment. */
const markVariable = "TSYNC_BENCH_TRIAL";
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
  const { site, remove } = makeSite(lab, options.place, { [markVariable]: mark });
  let running: RunningTool | undefined;
  try {
    makeBaseTree(site.source);
    measure.prepare(site.source, options.scale);
    await lab.link.setRtt(options.rttMs);
    const start = performance.now();
    running = await tool.start(site);
    await work(lab, site, running, measure, start, options, result);
  } catch (error) {
    options.signal.throwIfAborted();
    result.failure = error instanceof Error ? error.message : String(error);
  } finally {
    await stopTool(lab, running, mark);
    remove();
  }
  return result;
}

/** From the start of the tool to the comparison of both trees; fills in `result`. */
async function work(
  lab: Lab,
  site: Site,
  running: RunningTool,
  measure: Measure,
  start: number,
  { scale, signal }: TrialOptions,
  result: Result,
): Promise<void> {
  const { source, destination } = site;
  const hopeless = watchForEnd(running);
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

  const all = new ExpectedTree(source);
  const firstSyncMs = (await insist("first sync", () => all.isAt(destination), firstSyncLimitMs)) - start;
  result.firstSyncMs = firstSyncMs;
  writeFileSync(join(source, "marker"), "live");
  const marker = new ExpectedTree(source);
  await insist("first change", () => marker.isAt(destination), markerLimitMs);
  await running.ready?.();
  await rest();

  await lab.link.reset();
  const bytes = async () => {
    await rest();
    const { up, down } = await lab.link.counters();
    return up + down;
  };
  result.readings = await measure.run({ source, destination, firstSyncMs, wait, bytes }, scale);
  await rest();

  const compare = () =>
    diffTrees(source, destination, { mtimeOfDirectories: false, limit: Number.POSITIVE_INFINITY });
  let differences = compare();
  const end = performance.now() + (hopeless() === undefined ? agreeLimitMs : 0);
  while (differences.length > 0 && performance.now() < end) {
    await rest();
    differences = compare();
  }
  result.divergences = differences.length;
  result.differences = differences.slice(0, differencesShown);
  if (hopeless() !== undefined) result.failure = `${hopeless()}${outputOf(running)}`;
}

/** A function that says that the tool has ended, if it has. */
function watchForEnd({ processes }: RunningTool): () => string | undefined {
  let reason: string | undefined;
  for (const { exit } of processes) {
    void exit.then((code) => {
      reason ??= `ended (${code})`;
    });
  }
  return () => reason;
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
  const pattern = new RegExp(`^${markVariable}=${mark}$`);
  await killTrees(() => pidsByEnvironment(pattern));
  try {
    await lab.link.cut();
    await waitUntil(async () => (await lab.link.counters()).open === 0, 2000);
  } catch {
    // Ctrl-C reaches the link's process, too.
  }
}
