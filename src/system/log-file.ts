/** A file that lines are added to, whatever becomes of the disk or of the file's name. */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { reasonOf } from "./file-error.ts";
import { libc } from "./libc.ts";

/** How it is kept. */
export interface LogFileOptions {
  /** From this size on it is put aside as `FILE.1`, and begun anew; without it, others care for its size. */
  readonly bytesMax?: number;
  /** True if the folder it is in is made. */
  readonly makeFolder?: boolean;
  /** True if all other descriptors of this process that write to the same file go where it goes. */
  readonly takesAll?: boolean;
  /** The line that tells that so many are missing before it, and why. */
  readonly missing: (count: number, why: string) => string;
}

/** See above. Nothing here waits for anything, nor throws: a mirror is worth more than its log. */
export class LogFile {
  #bytes = 0;
  /** Since the last one that could be written. */
  #lost = 0;
  #lostWhy = "";
  #isCut = false;

  private constructor(
    readonly path: string,
    private readonly options: LogFileOptions,
    private fd: number,
  ) {
    this.#bytes = sizeOf(fd);
  }

  /** Opens `path` (absolute) to add to it, or says why that cannot be. */
  static open(path: string, options: LogFileOptions): LogFile | string {
    try {
      if (options.makeFolder) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      return new LogFile(path, options, openToAdd(path));
    } catch (error) {
      // A pipe that nobody reads.
      const isUnread = (error as { code?: string }).code === "ENXIO";
      return isUnread ? "nobody reads the pipe" : reasonOf(error);
    }
  }

  /** Adds `line`, without its end. What cannot be written is counted, and told with the next line that can. */
  write(line: string): void {
    if (this.options.bytesMax !== undefined && this.#bytes >= this.options.bytesMax) this.#beginAnew();
    const cut = this.#isCut ? "\n" : "";
    const missing = this.#lost === 0 ? "" : `${this.options.missing(this.#lost, this.#lostWhy)}\n`;
    if (!this.#add(`${cut}${missing}${line}\n`)) this.#lost++;
    else this.#lost = 0;
  }

  /** Opens the file anew, after it was renamed; null, or why that failed: then the old one is used on. */
  reopen(): string | null {
    try {
      const fd = openToAdd(this.path);
      if (this.options.takesAll) for (const other of descriptorsOf(this.fd)) libc()?.dup2(fd, other);
      closeSync(this.fd);
      this.fd = fd;
      this.#bytes = sizeOf(fd);
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }

  #beginAnew(): void {
    try {
      renameSync(this.path, `${this.path}.1`);
    } catch {
      // It is tried again when it has grown as much once more.
    }
    this.reopen();
    this.#bytes = 0;
  }

  #add(text: string): boolean {
    const bytes = Buffer.from(text);
    try {
      const written = writeSync(this.fd, bytes);
      this.#bytes += written;
      this.#isCut = written < bytes.length;
      if (this.#isCut) this.#lostWhy = "not all of a line could be written";
      return !this.#isCut;
    } catch (error) {
      this.#lostWhy = reasonOf(error);
      return false;
    }
  }
}

/** Not to block: it may be a pipe. */
function openToAdd(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants;
  return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY, 0o600);
}

/** The other descriptors of this process that are open on the same file as `fd`: Bun has its own of the standard ones. */
function descriptorsOf(fd: number): number[] {
  const { dev, ino } = fstatSync(fd);
  return readdirSync("/dev/fd")
    .map(Number)
    .filter((other) => {
      try {
        const stats = fstatSync(other);
        return other !== fd && stats.dev === dev && stats.ino === ino;
      } catch {
        // That of the listing itself.
        return false;
      }
    });
}

function sizeOf(fd: number): number {
  return fstatSync(fd).size;
}
