/** A long-lived `sh` on a target's host, fed with batches of steps: many operations cost one round trip. */
import { randomBytes } from "node:crypto";
import type { ClientChannel } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import type { Outcome, Step } from "../core/operation.ts";
import { type Path, toBytes } from "../core/path.ts";
import type { Executor, Use } from "../ssh/connection.ts";
import { oneLine, startShell } from "./remote-command.ts";
import { targetGone } from "./rsync-output.ts";
import { batchScript, prelude, readAnswer } from "./shell-script.ts";
import { defaultTransfer } from "./transfer-options.ts";

/** How long the shell may be silent while it has work, unless transfers must not be silent for so long either. */
const silenceMaxMs = 300_000;

/** It gives a sign of life every second, where it has something to say. */
const silenceMinMs = 2_500;

/** How long the account's start-up files may take before the shell is there, whatever they print. */
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

  private constructor(
    private readonly channel: ClientChannel,
    private readonly silenceMs: number,
  ) {
    channel.on("data", (data: Buffer) => this.#receive(data));
    channel.stderr.on("data", (data: Buffer) => {
      this.#errorOutput = (this.#errorOutput + data.toString("latin1")).slice(-2_000);
    });
    channel.on("close", (code?: number | null) => this.#end(code ?? null));
    channel.on("error", () => this.#end(null));
  }

  /**
   * Starts a shell; `mayReplace`: a directory may replace something else that is in its place. Where something else
   * than a shell answers, and ends by itself, the fault is "missing-program"; where another shell than the one that
   * was asked for answers, it is "target": nothing else would be run there either.
   */
  static async start(
    connection: Executor,
    mayReplace: boolean,
    transfer = defaultTransfer,
    { use = {}, patienceMs = startMaxMs }: { use?: Use; patienceMs?: number } = {},
  ): Promise<RemoteShell | Fault> {
    const channel = await startShell(connection, use);
    if (isFault(channel)) return channel;
    const silenceMs = Math.max(silenceMinMs, Math.min(silenceMaxMs, transfer.silenceMaxMs));
    const shell = new RemoteShell(channel, silenceMs);
    const functions = prelude(shell.#token, mayReplace, transfer);
    let isOther = false;
    const fault = await shell.#converse(`${functions}\na 0 ready "$1"\n`, patienceMs, (line) => {
      const word = shell.#answer(line);
      isOther = word?.[2] !== "tsync";
      return word !== null;
    });
    if (fault === null && !isOther) return shell;
    const reason =
      fault === null
        ? new Fault(
            "target",
            `the account at ${connection.describe} does not run what it is told to, but a shell of its own`,
            "its start-up files, or its forced command, must not start one where there is no terminal",
          )
        : shell.#startFault(fault, connection);
    shell.close();
    return reason;
  }

  /** Why there is no shell: what `fault` at its start was about. */
  #startFault(fault: Fault, connection: Executor): Fault {
    if (this.#ended !== null && (this.#exitCode === null || !connection.alive)) return fault;
    const said = oneLine(`${this.#lastLine} ${this.#said}`);
    if (this.#ended === null) {
      return new Fault(
        "connection",
        `${fault.message}${said === "" ? "" : `, but said: ${said}`}`,
        "see what the start-up files of the account there do where there is no terminal",
        true,
      );
    }
    return new Fault(
      "missing-program",
      `the account at ${connection.describe} has no shell: ${said === "" ? `exit code ${this.#exitCode}` : said}`,
      "give it one, or rrsync as the forced command of its key",
    );
  }

  /** Runs `script`, which must leave the functions as they are, and collects the lines that it prints. */
  ask(script: string): Promise<string[] | Fault> {
    const lines: string[] = [];
    return this.#converse(`a 0 begin 0\n${script}a 0 end 0\n`, this.silenceMs, (line) => {
      const answer = this.#answer(line);
      // What came before is none of it.
      if (answer?.[1] === "begin") lines.length = 0;
      else if (answer === null) lines.push(line);
      return answer?.[1] === "end";
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
    return this.#converse(batchScript(directory, steps, replay, modeOf), this.silenceMs, (line) => {
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

  /** True while it works. */
  get isBusy(): boolean {
    return this.#onLine !== null;
  }

  /** Ends the shell. */
  close(): void {
    this.channel.end();
    this.channel.close();
  }

  /** The words of an answer; null for any other line. */
  #answer(line: string): string[] | null {
    const start = line.indexOf(this.#token);
    return start < 0 ? null : line.slice(start + this.#token.length + 1).split(" ");
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
        // Start-up files, and what they leave behind, may print without end.
        if (line.includes(this.#token)) {
          clearTimeout(timer);
          timer = silence();
        }
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
