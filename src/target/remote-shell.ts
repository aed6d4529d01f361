/** A long-lived `sh` on a target's host, fed with batches of steps: many operations cost one round trip. */
import { randomBytes } from "node:crypto";
import type { ClientChannel } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import type { Outcome, Step } from "../core/operation.ts";
import { display, type Path, toBytes } from "../core/path.ts";
import type { Connection } from "../ssh/connection.ts";
import { targetGone } from "./rsync-output.ts";
import { batchScript, prelude, readAnswer } from "./shell-script.ts";
import { defaultTransfer } from "./transfer-options.ts";

/** How long the shell may be silent while it has work. */
const silenceMaxMs = 300_000;

/** How long the account's start-up files may take before the shell is there. */
const startMaxMs = 60_000;

/** Longest line kept of what the shell prints; what is longer is noise. */
const lineMax = 65_536;

/** One shell. After a fault it is of no further use. */
export class RemoteShell {
  readonly #token = `tsync-${randomBytes(12).toString("hex")}`;
  #rest = "";
  #lastLine = "";
  #onLine: ((line: string) => void) | null = null;
  #onEnd: ((fault: Fault) => void) | null = null;
  #ended: Fault | null = null;
  #errorOutput = "";
  #exitCode: number | null = null;

  private constructor(private readonly channel: ClientChannel) {
    channel.on("data", (data: Buffer) => this.#receive(data));
    channel.stderr.on("data", (data: Buffer) => {
      this.#errorOutput = (this.#errorOutput + data.toString("latin1")).slice(-2_000);
    });
    channel.on("close", (code?: number | null) => this.#end(code ?? null));
    channel.on("error", () => this.#end(null));
  }

  /**
   * Starts a shell; `mayReplace`: a directory may replace something else that is in its place. Where something else
   * than a shell answers, and ends by itself, the fault is "missing-program".
   */
  static async start(
    connection: Connection,
    mayReplace: boolean,
    transfer = defaultTransfer,
  ): Promise<RemoteShell | Fault> {
    const channel = await connection.exec("exec /bin/sh");
    if (isFault(channel)) return channel;
    const shell = new RemoteShell(channel);
    const ready = await shell.ask(
      `${prelude(shell.#token, mayReplace, transfer)}\na 0 ready 0\n`,
      "ready",
      startMaxMs,
    );
    if (!isFault(ready)) return shell;
    const exitCode = shell.#exitCode;
    if (exitCode === null || !connection.alive) return ready;
    const said = oneLine(`${shell.#lastLine} ${shell.#said}`);
    const reason = said === "" ? `exit code ${exitCode}` : display(said);
    return new Fault(
      "missing-program",
      `the account at ${connection.describe} has no shell: ${reason}`,
      "give it one, or rrsync as the forced command of its key",
    );
  }

  /**
   * Runs `script` and collects its output lines until the answer `last`; returns the lines that are not answers,
   * and the rest of the line that `last` was on.
   */
  ask(script: string, last: string, silenceMs = silenceMaxMs): Promise<string[] | Fault> {
    const lines: string[] = [];
    return this.#converse(script, silenceMs, (line) => {
      const start = line.indexOf(this.#token);
      if (start < 0) lines.push(line);
      return start >= 0 && line.slice(start).split(" ")[2] === last;
    }).then((fault) => fault ?? lines);
  }

  /** Carries out `steps` in `directory`; see `Target.run`, and `batchScript` for `modeOf`. */
  run(
    directory: string,
    steps: readonly Step[],
    replay: boolean,
    report: (index: number, outcome: Outcome) => void,
    modeOf?: (path: Path) => number,
  ): Promise<Fault | null> {
    let lost = false;
    return this.#converse(batchScript(directory, steps, replay, modeOf), silenceMaxMs, (line) => {
      const answer = readAnswer(this.#token, line);
      if (answer === null) return false;
      if (answer.is === "end") return true;
      if (answer.is !== "outcome") {
        lost = true;
        return false;
      }
      for (let at = 0; at < answer.count; at++) report(answer.index + at, answer.outcome);
      return false;
    }).then((fault) => {
      if (fault !== null || !lost) return fault;
      return targetGone();
    });
  }

  /** The unfinished line, and what it complained of. */
  get #said(): string {
    return oneLine(`${this.#rest} ${this.#errorOutput}`);
  }

  /** Ends the shell. */
  close(): void {
    this.channel.end();
    this.channel.close();
  }

  /** Sends a script and hands each line to `take` until that returns true. */
  #converse(script: string, silenceMs: number, take: (line: string) => boolean): Promise<Fault | null> {
    if (this.#ended !== null) return Promise.resolve(this.#ended);
    return new Promise((resolve) => {
      const silence = () =>
        setTimeout(() => {
          finish(
            new Fault("connection", `the remote shell did not answer for ${silenceMs / 1000} s`, "", true),
          );
          this.channel.close();
        }, silenceMs);
      let timer = silence();
      const finish = (fault: Fault | null) => {
        clearTimeout(timer);
        this.#onLine = null;
        this.#onEnd = null;
        resolve(fault);
      };
      this.#onLine = (line) => {
        clearTimeout(timer);
        timer = silence();
        if (take(line)) finish(null);
      };
      this.#onEnd = finish;
      this.channel.write(toBytes(script));
    });
  }

  #receive(data: Buffer): void {
    const lines = (this.#rest + data.toString("latin1")).split("\n");
    this.#rest = lines.pop()!.slice(-lineMax);
    for (const line of lines) {
      this.#lastLine = line.slice(-300);
      this.#onLine?.(line);
    }
  }

  #end(code: number | null): void {
    if (this.#ended !== null) return;
    this.#exitCode = code;
    const said = this.#said;
    this.#ended = new Fault(
      "connection",
      `the remote shell ended${said === "" ? "" : `: ${said}`}`,
      "",
      true,
    );
    this.#onEnd?.(this.#ended);
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
