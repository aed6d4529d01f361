/** A file that holds the id of this process, for whoever wants to signal it. */
import { openSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeSync } from "node:fs";
import { reasonOf } from "./file-error.ts";

/** Why it cannot be had. */
export type PidFileProblem = { readonly livePid: number } | { readonly reason: string };

/** Text longer than this is no process id. */
const pidLengthMax = 20;

/**
 * Writes the file at `path` (absolute), which is removed when this process ends; null, or why that cannot be. What a
 * process that has ended left behind is replaced; anything else is not.
 */
export function takePidFile(path: string): PidFileProblem | null {
  try {
    const before = readPid(path);
    if (before !== null) {
      if (typeof before === "string") return { reason: before };
      if (before > 0 && isHeldBy(before, path)) return { livePid: before };
      rmSync(path);
    }
    // Kept open: that is how it shows that the process is this one, and not another that got its id.
    writeSync(openSync(path, "wx", 0o644), `${process.pid}\n`);
  } catch (error) {
    return { reason: reasonOf(error) };
  }
  process.on("exit", () => {
    if (readPid(path) === process.pid) rmSync(path, { force: true });
  });
  return null;
}

/** The id in the file; 0 if it is empty, null if it is not there, a text that says what is wrong if it holds something else. */
function readPid(path: string): number | string | null {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    return reasonOf(error);
  }
  if (text.length <= pidLengthMax && /^\d*\s*$/.test(text)) return Number(text);
  return "it holds something else than a process id";
}

/** True if the process is there and, where that can be told, has the file open. */
function isHeldBy(pid: number, path: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
  try {
    const real = realpathSync(path);
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((name) => linkOf(`${folder}/${name}`) === real);
  } catch {
    return true;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
