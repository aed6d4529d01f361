/**
 * The last lines of a terminal, which show what is going on now; whatever else is printed goes above them.
 *
 * The cursor rests at the area's first sign: there it stays with the area when the window gets another size.
 */
import { writeSync } from "node:fs";
import type { WriteStream } from "node:tty";
import { isInForeground } from "./foreground.ts";

const [saveCursor, toCursor] = ["\x1b7", "\x1b8"];
/** Lines that are too long for the window, because it has just become narrower, end at its border. */
const [noWrap, wrap] = ["\x1b[?7l", "\x1b[?7h"];
/** The cursor is hidden only meanwhile: the program may be killed at any time. */
const [beginFrame, endFrame] = ["\x1b[?2026h\x1b[?25l", "\x1b[?25h\x1b[?2026l"];
const [eraseBelow, eraseRest] = ["\x1b[J", "\x1b[K"];

/**
 * Erases all from the beginning of the line on. From the second column first: what is erased from the first column of
 * the first line on, terminals keep above the screen.
 */
const eraseArea = `\x1b[C${eraseBelow}\r${eraseRest}`;

/** The size of a window that does not tell it. */
const usual = { columns: 80, rows: 24 };

/** See above. There is one a terminal. */
export class StatusArea {
  /** What is on the screen; empty while nothing is. */
  #shown: readonly string[] = [];
  /** What is to be printed above with the next frame. */
  #above = "";
  #hasMoved = false;
  /** How many have the end of the screen for themselves. */
  #suspensions = 0;
  readonly #unlisten: () => void;

  /** `output` is the terminal; `redraw` is called when all is to be shown again. */
  constructor(
    private readonly output: WriteStream,
    private readonly redraw: () => void,
  ) {
    this.#unlisten = this.#listen();
  }

  /** The window: how many columns and lines it has. */
  get size(): { columns: number; rows: number } {
    return { columns: this.output.columns || usual.columns, rows: this.output.rows || usual.rows };
  }

  /** True if something of it is on the screen. */
  get isShown(): boolean {
    return this.#shown.length > 0;
  }

  /**
   * False while it cannot be shown: a question has its place, the program is in the background, or the terminal takes
   * nothing for now (after Ctrl-S).
   */
  get isReady(): boolean {
    return this.#suspensions === 0 && this.output.writableLength === 0 && isInForeground();
  }

  /** Shows `lines`, each of which must be shorter than a line of the window; writes only what changed. */
  show(lines: readonly string[]): void {
    const isOther = this.#hasMoved || lines.length !== this.#shown.length || this.#above !== "";
    const changes = isOther ? this.#whole(lines) : this.#changes(lines);
    this.#shown = lines;
    this.#write(changes);
  }

  /** Prints whole lines above the area. */
  print(text: string): void {
    // Together with all else that is printed in this turn: the area is drawn once.
    if (this.#above === "") setImmediate(() => this.#flush());
    this.#above += text;
  }

  /** Takes the area off the screen until `resume`; returns what must be written for that. */
  suspend(): string {
    const uncovered = this.#erasure + this.#takeAbove();
    this.#shown = [];
    this.#suspensions++;
    return uncovered;
  }

  /** Shows it again. */
  resume(): void {
    this.#suspensions--;
    this.redraw();
  }

  /** Takes the area off the screen, for good. */
  close(): void {
    this.output.write(this.suspend());
    this.#unlisten();
  }

  get #erasure(): string {
    if (this.#shown.length === 0) return "";
    // In a window of another size the cursor is still there, but what was saved is not.
    const start = this.#hasMoved ? "\r" : toCursor;
    return start + eraseArea;
  }

  #takeAbove(): string {
    const above = this.#above;
    this.#above = "";
    return above;
  }

  #flush(): void {
    if (this.#above !== "") this.#write(this.#whole(this.#shown));
  }

  #write(frame: string): void {
    this.#hasMoved = false;
    if (frame !== "") this.output.write(beginFrame + frame + endFrame);
  }

  /** What is to be printed, and `lines` below it. */
  #whole(lines: readonly string[]): string {
    const start = this.#erasure + this.#takeAbove();
    if (lines.length === 0) return start;
    const up = lines.length === 1 ? "" : `\x1b[${lines.length - 1}A`;
    return `${start}${noWrap}${lines.join("\n")}${wrap}${up}\r${saveCursor}`;
  }

  #changes(lines: readonly string[]): string {
    const changes = lines.map((line, at) => {
      if (line === this.#shown[at]) return "";
      const down = at === 0 ? "" : `\x1b[${at}B`;
      return `${toCursor}${down}${line}${eraseRest}`;
    });
    return changes.some((change) => change !== "") ? noWrap + changes.join("") + wrap + toCursor : "";
  }

  #listen(): () => void {
    const onResize = () => {
      this.#hasMoved = true;
      this.redraw();
    };
    const onStop = () => {
      this.output.write(this.suspend());
      process.kill(process.pid, "SIGSTOP");
    };
    const onContinue = () => {
      if (this.#suspensions > 0) this.resume();
    };
    const onQuit = () => {
      this.#leave();
      process.off("SIGQUIT", onQuit);
      process.kill(process.pid, "SIGQUIT");
    };
    const onExit = () => this.#leave();
    this.output.on("resize", onResize);
    process.on("SIGTSTP", onStop).on("SIGCONT", onContinue).on("SIGQUIT", onQuit).on("exit", onExit);
    return () => {
      this.output.off("resize", onResize);
      process.off("SIGTSTP", onStop).off("SIGCONT", onContinue).off("SIGQUIT", onQuit).off("exit", onExit);
    };
  }

  /** The program ends without having closed it. What somebody else printed over the area stays. */
  #leave(): void {
    if (this.#shown.length === 0) return;
    try {
      writeSync(2, eraseBelow + this.#takeAbove());
    } catch {
      // The terminal is gone.
    }
  }
}
