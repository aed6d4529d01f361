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

const newline = "\n".charCodeAt(0);
const carriageReturn = "\r".charCodeAt(0);

/** A line that says how far a run is, is shorter. */
const lineMax = 200;

/** Takes rsync's output as it comes. */
export class ProgressReader {
  /** The beginning of a line. */
  #begun = "";
  #files = 0;

  constructor(private readonly report: (sent: Sent) => void) {}

  /** Returns what of the output is about something else. Of what is told at once, the last is reported. */
  take(text: string): string {
    const output = this.#begun + text;
    let [rest, start] = ["", 0];
    let last: Sent | null = null;
    for (let at = 0; at < output.length; at++) {
      const code = output.charCodeAt(at);
      if (code !== newline && code !== carriageReturn) continue;
      const sent = this.#sentOf(output.slice(start, at));
      if (sent === null) rest += output.slice(start, at + 1);
      else last = sent;
      start = at + 1;
    }
    if (last !== null) this.report(last);
    const begun = output.slice(start);
    this.#begun = begun.length > lineMax ? "" : begun;
    return begun.length > lineMax ? rest + begun : rest;
  }

  /** What is left at the end of the output. */
  end(): string {
    const rest = this.#begun;
    this.#begun = "";
    const sent = this.#sentOf(rest);
    if (sent === null) return rest;
    this.report(sent);
    return "";
  }

  /** What `line` says; null if it is about something else. */
  #sentOf(line: string): Sent | null {
    const match = progressLine.exec(line);
    if (match === null) return null;
    const [, bytes, left, all] = match;
    if (left !== undefined) this.#files = Number(all) - Number(left);
    return { files: this.#files, bytes: Number(bytes!.replaceAll(",", "")) };
  }
}

/** rsync's exit code for what it does not understand. */
const usageCode = 1;

/** True if a run ended because this rsync does not know the option: nothing was touched then. */
export function isProgressUnknown({ code, stderr }: { code: number | null; stderr: string }): boolean {
  return code === usageCode && /--info\b/.test(stderr);
}
