/**
 * A very large tree, mirrored to a directory here, so that ssh costs nothing: how long tsync takes to see that nothing
 * has changed, next to `find` over the same tree, and what it needs meanwhile and at rest. The files are empty: their
 * content plays no part.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, runProcess, startProcess } from "../helpers/process.ts";
import { binary } from "../helpers/tsync.ts";
import { formatCount } from "./format.ts";
import type { LeftOut, Reading, Result } from "./result.ts";
import type { Scale } from "./scale.ts";
import { folder, roomIn } from "./site.ts";
import { percentile } from "./statistics.ts";
import { stopTsync } from "./tools/tsync.ts";
import { processorMs, statusBytes } from "./usage.ts";

/** The name of this measure. */
export const millionMeasure = "million";
export const millionAbout =
  "a million files: first scan, restart with nothing changed (next to find), memory, watches, processor time at rest";
/** What is compared here, by the names that the table gives them. */
export const millionTools = ["tsync", "find"] as const;

const filesPerDirectory = 100;
/** How often tsync is started anew, and find run before it each time. */
const restarts = 3;
const startLimitMs = 300_000;
/** tsync is at rest so long after it said that all is in sync. */
const settleMs = 3000;

export interface MillionOptions {
  place: string;
  scale: Scale;
  signal: AbortSignal;
}

/** The results of tsync and find, or why there are none. */
export async function measureMillion({ place, scale, signal }: MillionOptions): Promise<Result[] | LeftOut> {
  const { millionFiles: files, idleMs } = scale;
  const directories = Math.ceil(files / filesPerDirectory);
  // Here and there.
  const entries = 2 * (files + directories) + 1000;
  if (roomIn(place).entries < entries) {
    return {
      what: millionMeasure,
      reason: `${place} has room for ${formatCount(roomIn(place).entries)} more files, and ${formatCount(entries)} are needed: choose another folder with --trees`,
    };
  }
  const trees = folder(place);
  const own = folder(tmpdir());
  const [source, target] = [join(trees.path, "source"), join(trees.path, "target")];
  const start = (options: string[]) => startTsync(source, target, own.path, options);
  let running: Running | undefined;
  try {
    mkdirSync(target);
    await makeEmptyFiles(source, files, signal);

    running = start(["--no-initial-sync"]);
    const firstScan = { ms: await untilInSync(running, signal), bytes: statusBytes(running.pid, "VmHWM") };
    await stopTsync(running);

    // The target holds nothing of what was taken for granted: the next start sends all.
    running = start([]);
    const firstSyncMs = await untilInSync(running, signal);
    await stopTsync(running);

    const finds: number[] = [await find(source)];
    const restartMs: number[] = [];
    let restartBytes = 0;
    for (let i = 0; i < restarts; i++) {
      signal.throwIfAborted();
      finds.push(await find(source));
      running = start([]);
      restartMs.push(await untilInSync(running, signal));
      restartBytes = Math.max(restartBytes, statusBytes(running.pid, "VmHWM"));
      if (i < restarts - 1) await stopTsync(running);
    }
    const watches = countWatches(running.pid);
    await Bun.sleep(settleMs);
    const before = processorMs(running.pid);
    await Bun.sleep(idleMs);
    signal.throwIfAborted();
    const idle = processorMs(running.pid) - before;
    await stopTsync(running);

    const count = formatCount(files);
    const restartTitle = `restart on ${count} unchanged files`;
    // The first one found the cache cold.
    const warm = finds.slice(1);
    return [
      result("tsync", [
        { key: "first-scan", title: `first scan of ${count} files`, unit: "ms", value: firstScan.ms },
        {
          key: "first-scan-memory",
          title: "  peak memory of the first scan",
          unit: "bytes",
          value: firstScan.bytes,
        },
        { key: "first-sync", title: `first sync of ${count} files`, unit: "ms", value: firstSyncMs },
        { key: "restart", title: restartTitle, unit: "ms", value: percentile(restartMs, 50), raw: restartMs },
        { key: "restart-memory", title: "  peak memory of the restart", unit: "bytes", value: restartBytes },
        { key: "watches", title: "  inotify watches", unit: "count", value: watches },
        { key: "idle", title: `  processor time at rest in ${idleMs / 1000} s`, unit: "ms", value: idle },
      ]),
      result("find", [
        { key: "restart", title: restartTitle, unit: "ms", value: percentile(warm, 50), raw: warm },
      ]),
    ];
  } finally {
    if (running !== undefined) await stopTsync(running);
    trees.remove();
    own.remove();
  }
}

function result(tool: string, readings: Reading[]): Result {
  const nothing = { failure: null, firstSyncMs: null, divergences: null, differences: [] };
  return { rttMs: null, tool, measure: millionMeasure, readings, ...nothing };
}

async function makeEmptyFiles(source: string, files: number, signal: AbortSignal): Promise<void> {
  for (let i = 0; i < files; i++) {
    const directory = join(source, `d${Math.floor(i / filesPerDirectory)}`);
    if (i % filesPerDirectory === 0) {
      mkdirSync(directory, { recursive: true });
      // Ctrl-C gets its turn.
      await Bun.sleep(0);
      signal.throwIfAborted();
    }
    writeFileSync(`${directory}/file-${i}`, "");
  }
}

function startTsync(source: string, target: string, own: string, options: string[]): Running {
  return startProcess([binary, "watch", source, target, ...options], {
    env: { XDG_STATE_HOME: join(own, "state"), XDG_RUNTIME_DIR: join(own, "run") },
  });
}

/** How long it took, in ms, from now: the program was started just before. */
async function untilInSync(running: Running, signal: AbortSignal): Promise<number> {
  const begun = performance.now();
  await running.waitFor(/in sync/, startLimitMs, "stderr");
  signal.throwIfAborted();
  return performance.now() - begun;
}

/** How long `find` takes to tell what tsync has to know of each file, in ms. */
async function find(source: string): Promise<number> {
  const begun = performance.now();
  const argv = ["sh", "-c", `exec find "$1" -printf '%i %s %T@ %m\\n' > /dev/null`, "-", source];
  const { code, stderr } = await runProcess(argv);
  if (code !== 0) throw new Error(`find: ${stderr}`);
  return performance.now() - begun;
}

/** How many inotify watches process `pid` has. */
function countWatches(pid: number): number {
  const folder = `/proc/${pid}/fdinfo`;
  return readdirSync(folder)
    .map((name) => {
      try {
        return readFileSync(join(folder, name), "latin1").match(/^inotify wd:/gm)?.length ?? 0;
      } catch {
        return 0; // closed meanwhile
      }
    })
    .reduce((a, b) => a + b, 0);
}
