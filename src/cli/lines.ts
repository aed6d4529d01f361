/** Where the lines of the printer go: to the standard outputs, the journal, a log file. */
import { isJournal } from "../system/journal.ts";
import type { LogFile } from "../system/log-file.ts";
import type { Output, Terminal } from "../system/terminal.ts";

/** How important a line is. */
export type Level = "error" | "warn" | "info" | "debug";

/** How lines in a log file are written. */
export const logFormats = ["text", "json"] as const;

/** See above. */
export interface LinesOptions {
  /** True if events go to standard output, too, as JSON. */
  readonly json: boolean;
  /** Where questions may be open: lines go above them. */
  readonly terminal?: Terminal;
  readonly log?: LogFile | null;
  readonly logFormat?: (typeof logFormats)[number];
  /** In place of standard error. */
  readonly errors?: Output;
}

/** What systemd calls these. */
const priorities: Record<Level, number> = { error: 3, warn: 4, info: 6, debug: 7 };

const labels: Record<Level, string> = { error: "error: ", warn: "warning: ", info: "", debug: "" };

/** Foreground colours; a label has it, or a line without one. */
const colours: Partial<Record<Level, number>> = { error: 31, warn: 33, debug: 2 };

/** See above. */
export class Lines {
  #errors: Output | null;
  readonly #isColoured: boolean;
  readonly #isJournal: boolean;
  /** True if all lines are shown to people; else only errors are. */
  readonly #isShown: boolean;

  constructor(private readonly options: LinesOptions) {
    const { env } = process;
    const errors = options.errors ?? process.stderr;
    this.#errors = errors;
    this.#isColoured = errors.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
    this.#isJournal = options.errors === undefined && isJournal(2, env.JOURNAL_STREAM);
    // Who looks on sees what the log gets; a service manager does not want it twice.
    this.#isShown = !this.options.log || options.errors !== undefined || errors.isTTY === true;
  }

  /** True if somebody wants events as JSON. */
  get takesEvents(): boolean {
    return this.options.json || this.options.logFormat === "json";
  }

  /** True if people look on at a terminal. */
  get hasTerminal(): boolean {
    return this.#errors?.isTTY === true;
  }

  /** A message for people: one line or several. */
  say(level: Level, text: string): void {
    const { log, logFormat } = this.options;
    if (log && logFormat !== "json") {
      const time = new Date().toISOString();
      for (const line of `${labels[level]}${text}`.split("\n")) log.write(`${time} tsync: ${line}`);
    }
    if (this.#errors === null) return;
    // What ends the command, or halts a mirror, is told to whoever started it in any case.
    if (this.#isShown || level === "error") this.#print(this.#errors, this.#shown(level, text));
  }

  /** An event, as one line of JSON. */
  event(line: string): void {
    const { json, log, logFormat } = this.options;
    if (json) this.#print(process.stdout, `${line}\n`);
    if (log && logFormat === "json") log.write(line);
  }

  /** Opens the log file anew, after it was renamed; null, or what went wrong. */
  reopenLog(): string | null {
    const { log } = this.options;
    const problem = log?.reopen() ?? null;
    return problem === null ? null : `cannot open the log file ${log!.path} anew: ${problem}`;
  }

  /** Nobody looks on any more: from now on there is only the log. */
  detach(): void {
    this.#errors = null;
  }

  #shown(level: Level, text: string): string {
    const paint = (words: string) =>
      this.#isColoured && words !== "" ? `\x1b[${colours[level]}m${words}\x1b[0m` : words;
    const label = labels[level];
    const line = `tsync: ${label === "" ? "" : `${paint(label.trimEnd())} `}${level === "debug" ? paint(text) : text}`;
    if (!this.#isJournal) return `${line}\n`;
    // Each line is a record of its own there.
    return line.replace(/^/gm, `<${priorities[level]}>`).concat("\n");
  }

  #print(output: Output, lines: string): void {
    const { terminal } = this.options;
    if (terminal === undefined) output.write(lines);
    else terminal.print(output, lines);
  }
}
