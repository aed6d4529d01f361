/** The terminal that the program was started from, whatever its input and output are connected to. */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";

/** Takes keys; gives the text that may be shown, and the answer once there is one (null for none). */
export interface Typing {
  type(keys: Uint8Array): "typing" | "done" | "gaveUp" | "interrupted";
  readonly text: string;
}

/** A question that is on the screen. */
interface Open {
  readonly fd: number;
  /** The line with the cursor, as it stands now. */
  line(): string;
}

const path = "/dev/tty";
const eraseLine = "\r\x1b[K";

/** See above. There is one a process; it asks one question at a time. */
export class Terminal {
  #open: Open | null = null;

  /** False without a terminal, and in the background: to read there would stop the program. */
  get isUsable(): boolean {
    try {
      closeSync(openSync(path, "r+"));
      return isInForeground();
    } catch {
      return false;
    }
  }

  /**
   * Shows `question` and reads one line; what is typed is shown with `echo` only. Null when the user gives up or
   * `signal` withdraws the question. Ctrl-C does to the program what it does outside of a question, too.
   */
  async ask(question: string, typing: Typing, echo: boolean, signal?: AbortSignal): Promise<string | null> {
    if (signal?.aborted) return null;
    const fd = openSync(path, "r+");
    // Raw, so that a question can be withdrawn, and drawn again when something else is printed. It also drops what
    // was typed before the question came.
    const input = new ReadStream(fd);
    const restore = () => leniently(() => input.setRawMode(false));
    process.on("exit", restore);
    leniently(() => input.setRawMode(true));
    const lastLine = question.slice(question.lastIndexOf("\n") + 1);
    const line = () => lastLine + (echo ? typing.text : "");
    this.#open = { fd, line };
    leniently(() => writeSync(fd, eraseLine + question));
    const state = await new Promise<"done" | "gaveUp" | "interrupted">((resolve) => {
      signal?.addEventListener("abort", () => resolve("gaveUp"), { once: true });
      input.on("error", () => resolve("gaveUp"));
      input.on("end", () => resolve("gaveUp"));
      input.on("data", (keys: Buffer) => {
        const now = typing.type(keys);
        if (echo) leniently(() => writeSync(fd, eraseLine + line()));
        if (now !== "typing") resolve(now);
      });
    });
    this.#open = null;
    restore();
    process.off("exit", restore);
    leniently(() => writeSync(fd, "\n"));
    input.destroy();
    if (state === "interrupted") process.kill(process.pid, "SIGINT");
    return state === "done" ? typing.text : null;
  }

  /** Shows `text`, one line or several, on the terminal itself. */
  show(text: string): void {
    const fd = openSync(path, "w");
    const [before, after] = this.#open === null ? ["", ""] : [eraseLine, this.#open.line()];
    leniently(() => writeSync(fd, `${before}${text}\n${after}`));
    closeSync(fd);
  }

  /** Writes whole lines to `output`; a question that is open there goes below them. */
  print(output: NodeJS.WriteStream, lines: string): void {
    const open = this.#open;
    if (open === null || !output.isTTY) {
      output.write(lines);
      return;
    }
    leniently(() => writeSync(open.fd, eraseLine));
    output.write(lines, () => {
      if (this.#open === open) leniently(() => writeSync(open.fd, eraseLine + open.line()));
    });
  }
}

/** For what fails only if the terminal is gone. */
function leniently(use: () => void): void {
  try {
    use();
  } catch {}
}

/** Where that cannot be told, a question in the background stops the program, as it does others. */
function isInForeground(): boolean {
  try {
    // "PID (NAME) STATE PARENT GROUP SESSION TTY TTY_GROUP …"; the name may hold anything.
    const stat = readFileSync("/proc/self/stat", "latin1");
    const [, , group, , , terminalGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === terminalGroup;
  } catch {
    return true;
  }
}
