/** Finds processes through `/proc` and ends whole trees of them. */
import { readdirSync, readFileSync } from "node:fs";

/** All processes with their parents: pid to parent's pid. */
function parents(): Map<number, number> {
  const parentOf = new Map<number, number>();
  for (const pid of allPids()) {
    const fields = statFields(pid);
    if (fields !== null) parentOf.set(pid, Number(fields[1]));
  }
  return parentOf;
}

function allPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** `/proc/PID/stat` from its third field on (state, parent's pid, ...), or null if there is no such process. */
function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in parentheses, which may itself hold blanks and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** True if process `pid` runs; one that has ended and is only waited for by its parent does not. */
export function isRunning(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== "Z" && state !== "X";
}

/** The processor time that process `pid` has used so far, without its children's, in seconds. */
export function processorSeconds(pid: number): number {
  const fields = statFields(pid);
  if (fields === null) throw new Error(`no process ${pid}`);
  // Linux counts these in hundredths of a second, whatever its own clock.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** `pids` and all their descendants. */
function withDescendants(pids: number[]): number[] {
  const found = new Set(pids);
  const parentOf = parents();
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const [pid, parent] of parentOf) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** The command line of process `pid`, its words with blanks between them; empty if there is no such process. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** The parent of process `pid`. */
export function parentOf(pid: number): number | undefined {
  return parents().get(pid);
}

/** The processes that `pid` started and that run. */
export function childrenOf(pid: number): number[] {
  return [...parents()]
    .filter(([child, parent]) => parent === pid && isRunning(child))
    .map(([child]) => child);
}

/** The processes whose environment (as they were started with) has a `NAME=value` that matches `pattern`. */
export function pidsByEnvironment(pattern: RegExp): number[] {
  return allPids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1")
        .split("\0")
        .some((line) => pattern.test(line));
    } catch {
      return false; // gone, or another user's
    }
  });
}

/** Kills the processes that `find` lists and all their descendants; resolves when none of them runs. */
export async function killTrees(find: () => number[]): Promise<void> {
  // They are stopped before they are killed, and looked for until there is no new one: so none can start a
  // child between being listed and being killed, and none loses the parent that it is found by.
  const frozen = new Set<number>();
  for (;;) {
    const fresh = withDescendants(find()).filter((pid) => !frozen.has(pid) && isRunning(pid));
    if (fresh.length === 0) break;
    for (const pid of fresh) {
      frozen.add(pid);
      send(pid, "SIGSTOP");
    }
  }
  for (const pid of frozen) send(pid, "SIGKILL");
  const end = performance.now() + 2000;
  while ([...frozen].some(isRunning) && performance.now() < end) await Bun.sleep(2);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone already
  }
}
