/** What the processes of a tool use: memory and processor time, as `/proc` tells it. */
import { readFileSync } from "node:fs";
import { pidsByEnvironment } from "../helpers/process-tree.ts";

/** Between two looks: one takes some milliseconds. */
const everyMs = 200;
/** Linux counts processor time in hundredths of a second, whatever its own clock. */
const tickMs = 10;

export class Usage {
  readonly #mark: RegExp;
  #nextMs = 0;
  #peakBytes = 0;

  /** `mark`: matches the `NAME=value` in the environment of all the tool's processes. */
  constructor(mark: RegExp) {
    this.#mark = mark;
  }

  /** The most memory that its processes have held together (their resident sets) at any look since the start. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** Looks at the memory, if it is time to. */
  sample(): void {
    if (performance.now() < this.#nextMs) return;
    this.#nextMs = performance.now() + everyMs;
    const bytes = pidsByEnvironment(this.#mark).reduce((sum, pid) => sum + statusBytes(pid, "VmRSS"), 0);
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
  }

  /** Processor time of all its processes so far, in ms, with those that have ended and were waited for by one of them. */
  processorMs(): number {
    return pidsByEnvironment(this.#mark).reduce((sum, pid) => sum + processorMs(pid), 0);
  }
}

/** A field of `/proc/PID/status` that is in kB there; 0 if there is no such process. */
export function statusBytes(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = read(`/proc/${pid}/status`);
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024;
}

/** Processor time of one process with that of its children that have ended, in ms; 0 if there is no such process. */
export function processorMs(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return Number.isNaN(ticks) ? 0 : ticks * tickMs;
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
