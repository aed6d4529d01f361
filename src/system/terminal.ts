/** The terminal that the program was started from, whatever its input and output are connected to. */
import { once } from "node:events";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ReadStream } from "node:tty";
import { isInForeground } from "./foreground.ts";
import type { StatusArea } from "./status-area.ts";

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

/** Where lines can be written to. */
export interface Output {
  readonly isTTY?: boolean;
  /** `done` is called once they are written. */
  write(lines: string, done?: () => void): unknown;
}

const path = "/dev/tty";

/** How often it is looked for what was typed, while a question is open. */
const pollMs = 15;

const eraseLine = "\r\x1b[K";

/** See above. There is one a process; it asks one question at a time. */
export class Terminal {
  #open: Open | null = null;
  #area: StatusArea | null = null;

  /** From now on lines go above `area`, and questions take its place. */
  keepBelow(area: StatusArea): void {
    this.#area = area;
  }

  /** False without a terminal, and in the background: to read there would stop the program. */
  get isUsable(): boolean {
    const fd = open(constants.O_RDWR);
    if (fd !== null) closeSync(fd);
    return fd !== null && isInForeground();
  }

  /**
   * Shows `question` and reads one line; what is typed is shown with `echo` only. Null when the user gives up or
   * `signal` withdraws the question. Ctrl-C does to the program what it does outside of a question, too.
   */
  async ask(question: string, typing: Typing, echo: boolean, signal?: AbortSignal): Promise<string | null> {
    if (signal?.aborted) return null;
    // Not to block: a read that waits could be neither withdrawn nor kept from taking the answer to the next question.
    const fd = open(constants.O_RDWR | constants.O_NONBLOCK);
    // Only for its mode; nothing is read through it.
    const modeFd = open(constants.O_RDWR);
    if (fd === null || modeFd === null) return null;
    const tty = new ReadStream(modeFd);
    const restore = () => leniently(() => tty.setRawMode(false));
    const unguard = beforeTheEnd(restore);
    // Raw, so that the question can be drawn again when something else is printed.
    leniently(() => tty.setRawMode(true));
    // As OpenSSH: what was typed before the question came is no answer to it.
    read(fd);
    const lastLine = question.slice(question.lastIndexOf("\n") + 1);
    const line = () => lastLine + (echo ? typing.text : "");
    this.#open = { fd, line };
    const uncover = this.#area?.suspend() ?? "";
    leniently(() => writeSync(fd, uncover + eraseLine + question));

    let state: ReturnType<Typing["type"]> = "typing";
    while (state === "typing") {
      await sleep(pollMs);
      const keys = signal?.aborted ? null : read(fd);
      state = keys === null ? "gaveUp" : typing.type(keys);
      if (echo && keys !== null && keys.length > 0) leniently(() => writeSync(fd, eraseLine + line()));
    }

    this.#open = null;
    leniently(() => writeSync(fd, "\n"));
    restore();
    unguard();
    tty.destroy();
    closeSync(fd);
    this.#area?.resume();
    if (state === "interrupted") await interruptProgram();
    return state === "done" ? typing.text : null;
  }

  /** Shows `text`, one line or several, on the terminal itself. */
  show(text: string): void {
    if (this.#open === null && this.#area?.isShown) {
      this.#area.print(`${text}\n`);
      return;
    }
    const fd = open(constants.O_WRONLY);
    if (fd === null) return;
    const [before, after] = this.#open === null ? ["", ""] : [eraseLine, this.#open.line()];
    leniently(() => writeSync(fd, `${before}${text}\n${after}`));
    closeSync(fd);
  }

  /** Writes whole lines to `output`; a question that is open there goes below them. */
  print(output: Output, lines: string): void {
    const open = this.#open;
    if (open === null || !output.isTTY) {
      if (output.isTTY && this.#area?.isShown) this.#area.print(lines);
      else output.write(lines);
      return;
    }
    leniently(() => writeSync(open.fd, eraseLine));
    output.write(lines, () => {
      if (this.#open === open) leniently(() => writeSync(open.fd, eraseLine + open.line()));
    });
  }
}

/** Null if there is no terminal. */
function open(flags: number): number | null {
  try {
    return openSync(path, flags | constants.O_NOCTTY);
  } catch {
    return null;
  }
}

/** What has been typed since the last read; null if the terminal is gone. */
function read(fd: number): Uint8Array | null {
  const keys = Buffer.alloc(1024);
  try {
    const length = readSync(fd, keys);
    return length === 0 ? null : keys.subarray(0, length);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EAGAIN" ? new Uint8Array() : null;
  }
}

/**
 * Has `restore` called if the program ends, also by a signal that it does not handle (Bun itself restores the mode
 * only on some of them); the result takes that back.
 */
function beforeTheEnd(restore: () => void): () => void {
  const die = (signal: NodeJS.Signals) => {
    restore();
    unguard();
    process.kill(process.pid, signal);
  };
  const deadly = (["SIGINT", "SIGTERM", "SIGHUP"] as const).filter(
    (name) => process.listenerCount(name) === 0,
  );
  for (const signal of deadly) process.on(signal, die);
  process.on("exit", restore);
  const unguard = () => {
    for (const signal of deadly) process.off(signal, die);
    process.off("exit", restore);
  };
  return unguard;
}

/** Does what Ctrl-C does where no question is open; the program knows of it when this is over. */
async function interruptProgram(): Promise<void> {
  const known = process.listenerCount("SIGINT") > 0 ? once(process, "SIGINT") : null;
  process.kill(process.pid, "SIGINT");
  await known;
}

/** For what fails only if the terminal is gone. */
function leniently(use: () => void): void {
  try {
    use();
  } catch {}
}
