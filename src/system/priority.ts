/** Takes this process back behind others: its threads, and whatever they start. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { setPriority } from "node:os";

const diskProgram = "ionice";

/** How far back. */
export interface Priority {
  /** 0 to 19; null leaves it as it is. */
  readonly nice: number | null;
  readonly disk: "best-effort" | "idle" | null;
}

/** Sets the priority; returns what could not be done, and why. */
export function lowerPriority({ nice, disk }: Priority): string[] {
  const problems: string[] = [];
  const threads = threadIds();
  if (nice !== null) {
    const refused = threads.map((thread) => setNice(thread, nice)).find((problem) => problem !== null);
    if (refused !== undefined) problems.push(`cannot set the priority ${nice}: ${refused}`);
  }
  if (disk !== null) {
    const level = disk === "idle" ? ["-c3"] : ["-c2", "-n7"];
    const { status, error, stderr } = spawnSync(diskProgram, [...level, "-p", ...threads.map(String)], {
      encoding: "utf8",
    });
    const missing = (error as { code?: string } | undefined)?.code === "ENOENT";
    if (missing) problems.push("cannot set the disk priority: ionice is not installed here");
    else if (status !== 0) problems.push(`cannot set the disk priority: ${error?.message ?? stderr.trim()}`);
  }
  return problems;
}

/** Why the priority of a thread cannot be set; null if it is, or the thread has ended. */
function setNice(thread: number, nice: number): string | null {
  try {
    setPriority(thread, nice);
    return null;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code === "ESRCH" || /ESRCH|no such process/i.test(message) ? null : message;
  }
}

/** On Linux each thread has a priority of its own, and gives it to what it starts. */
function threadIds(): number[] {
  try {
    return readdirSync("/proc/self/task").map(Number);
  } catch {
    return [process.pid];
  }
}
