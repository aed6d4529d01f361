/**
 * `npm run demo`: shows what tsync does, on this machine alone. A small SSH server inside this program is the
 * remote side; tsync mirrors a folder to it while this program changes the folder, and in the end both trees are
 * compared. Exit code 0: every change arrived, and the trees are equal.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { tempDir } from "../helpers/process.ts";
import { diffTrees, snapshot } from "../helpers/trees.ts";
import { writeClientConfig } from "./client-config.ts";
import { type DemoServer, startDemoServer } from "./server.ts";
import { makeSource } from "./source-tree.ts";
import { makeSteps, type Step } from "./steps.ts";
import { count, describeBatches, heading, tableLine } from "./table.ts";
import { Tsync } from "./tsync.ts";

const program = resolve(import.meta.dir, "../../dist/tsync");
const firstSyncLimitMs = 60_000;
const arrivalLimitMs = 30_000;
/**
 * After an arrival: how long nothing must travel for the step to count as over, and the limit for that. tsync sets
 * the times of directories last, when the target has been idle for a while: that belongs to the step, too.
 */
const quietMs = 700;
const quietLimitMs = 4000;

/** What is to be ended and removed, the last first. */
const cleanups: (() => unknown)[] = [];
let over = false;

function print(text: string): void {
  if (!over) console.log(text);
}

async function run(): Promise<number> {
  if (!existsSync(program)) {
    print("There is no dist/tsync yet: build it with `npm run build`, or run `npm run demo`.");
    return 1;
  }
  const dir = tempDir("tsync-demo-");
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  const [source, home] = [join(dir, "source"), join(dir, "home")];
  const target = join(home, "mirror");
  mkdirSync(home);
  makeSource(source);
  const server = await startDemoServer(home);
  cleanups.push(() => server.stop());
  const sshConfig = writeClientConfig(join(dir, "client"), server);
  const entries = count(snapshot(source).size);

  print(
    "tsync mirrors a folder over SSH, live, while this demo changes the folder. The SSH server is part of",
  );
  print("the demo: nothing leaves this machine, and everything is removed at the end.\n");
  print(heading);
  const start = performance.now();
  const tsync = new Tsync(program, dir, { source, target: `demo:${target}`, sshConfig });
  cleanups.push(() => tsync.stop());
  try {
    await tsync.until(() => tsync.inSync, firstSyncLimitMs, `first sync of ${entries} entries`);
    await printRow(server, tsync, `first sync of ${entries} entries`, performance.now() - start);
    for (const step of makeSteps(source, target)) await show(step, server, tsync);
    if (!(await tsync.stop())) throw new Error("tsync did not stop when it was told to");
  } catch (error) {
    print(`\nFailed: ${(error as Error).message}\n`);
    compare(source, target);
    printLastMessages(tsync);
    return 1;
  }
  print(
    "\n  arrived: from the change until the target shows it; sent, received: bytes on the wire, encrypted\n",
  );
  if (compare(source, target)) return 0;
  printLastMessages(tsync);
  return 1;
}

/** Does the step and prints its row when the target shows it. */
async function show(step: Step, server: DemoServer, tsync: Tsync): Promise<void> {
  server.resetBytes();
  tsync.forgetBatches();
  const start = performance.now();
  step.change();
  await tsync.until(step.arrived, arrivalLimitMs, step.what);
  await printRow(server, tsync, step.what, performance.now() - start);
}

async function printRow(server: DemoServer, tsync: Tsync, what: string, elapsedMs: number): Promise<void> {
  await quiet(server, tsync);
  const { bytesUp, bytesDown } = server;
  print(tableLine({ what, elapsedMs, did: describeBatches(tsync.batches), bytesUp, bytesDown }));
}

/** Waits until tsync has reported what it did and nothing travels any more. */
async function quiet(server: DemoServer, tsync: Tsync): Promise<void> {
  const limit = performance.now() + quietLimitMs;
  let bytes = -1;
  let since = performance.now();
  while (performance.now() < limit) {
    const now = server.bytesUp + server.bytesDown;
    if (now !== bytes) since = performance.now();
    bytes = now;
    if (performance.now() - since >= quietMs && tsync.batches.length > 0) return;
    await Bun.sleep(10);
  }
}

/** Compares both trees and says how they differ; true if they are equal. */
function compare(source: string, target: string): boolean {
  const differences = diffTrees(source, target, { limit: 10 });
  if (differences.length === 0) {
    const entries = count(snapshot(source).size);
    print(`Both trees are equal: ${entries} entries, with all names, contents, modes and times.`);
    return true;
  }
  print(`The trees differ (source | target):\n  ${differences.join("\n  ")}`);
  return false;
}

function printLastMessages(tsync: Tsync): void {
  print(`\nThe last messages of tsync:\n${tsync.lastMessages.replace(/^/gm, "  ")}`);
}

const interrupted = new Promise<number>((resolveCode) => {
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  for (const [signal, code] of Object.entries(signals)) process.once(signal, () => resolveCode(code));
});
const code = await Promise.race([run(), interrupted]).catch((error: unknown) => {
  console.error(error);
  return 1;
});
over = true;
for (const cleanup of cleanups.reverse()) await Promise.resolve().then(cleanup).catch(console.error);
process.exit(code);
