/** Reads what rsync says of how far it is (`--info=progress2`). Pure. */

/** How far a transfer is. */
export interface Sent {
  /** Entries that are over with. */
  readonly files: number;
  /** Bytes of the files that were sent so far: as they are on the disk, not as they travelled. */
  readonly bytes: number;
}

/** The option that makes rsync say it. The other side is not told of it. */
export const progressFlag = "--info=progress2";

/** `  1,234,567  12%    1.23MB/s    0:00:05 (xfr#3, to-chk=7/10)`; the part in brackets is there at the end of a file. */
const progressLine = /^ *([\d,]+) +\d+% +\S+ +\d+:\d\d:\d\d *(?:\(xfr#\d+, \w+-chk=(\d+)\/(\d+)\))? *$/;

/** A line that says how far a run is, is shorter. */
const lineMax = 200;

/** Takes rsync's output as it comes. */
export class ProgressReader {
  /** The beginning of a line. */
  #begun = "";
  #files = 0;

  constructor(private readonly report: (sent: Sent) => void) {}

  /** Returns what of the output is about something else. */
  take(text: string): string {
    const lines = (this.#begun + text).split(/(?<=[\r\n])/);
    const last = lines.at(-1)!;
    this.#begun = /[\r\n]$/.test(last) || last.length > lineMax ? "" : lines.pop()!;
    return lines.filter((line) => !this.#isProgress(line)).join("");
  }

  /** What is left at the end of the output. */
  end(): string {
    const rest = this.#begun;
    this.#begun = "";
    return this.#isProgress(rest) ? "" : rest;
  }

  #isProgress(line: string): boolean {
    const match = progressLine.exec(line.replace(/[\r\n]$/, ""));
    if (match === null) return false;
    const [, bytes, left, all] = match;
    if (left !== undefined) this.#files = Number(all) - Number(left);
    this.report({ files: this.#files, bytes: Number(bytes!.replaceAll(",", "")) });
    return true;
  }
}

/** rsync's exit code for what it does not understand. */
const usageCode = 1;

/** True if a run ended because this rsync does not know the option: nothing was touched then. */
export function isProgressUnknown({ code, stderr }: { code: number | null; stderr: string }): boolean {
  return code === usageCode && /--info\b/.test(stderr);
}
