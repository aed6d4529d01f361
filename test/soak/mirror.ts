/** The tsync under test: started, killed, stopped, frozen; its output goes to a file. */
import { appendFileSync, closeSync, openSync, readFileSync } from "node:fs";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { killAtExit } from "../helpers/janitor.ts";
import { binary } from "../helpers/tsync.ts";

/** How long it may take to end after SIGTERM. */
const stopMaxMs = 10_000;
/** How soon after its start it listens to signals, and watches. */
const startMaxMs = 1_000;
const memoryEveryMs = 500;

/** See above. */
export class Mirror {
  /** The most memory that one process ever had, in KiB. */
  peakKiB = 0;
  /** What it did that it must not, such as ending by itself. */
  readonly misdeeds: string[] = [];
  #child: Bun.Subprocess | null = null;
  #ending = false;
  #startedMs = 0;

  constructor(
    private readonly args: readonly string[],
    private readonly env: Record<string, string>,
    readonly logFile: string,
  ) {}

  start(): void {
    const log = openSync(this.logFile, "a");
    const child = Bun.spawn([binary, ...this.args], {
      stdin: "ignore",
      stdout: log,
      stderr: log,
      env: { ...process.env, ...this.env },
    });
    closeSync(log);
    this.#child = child;
    this.#ending = false;
    this.#startedMs = performance.now();
    const forget = killAtExit(child.pid);
    const timer = setInterval(() => this.#measure(), memoryEveryMs);
    void child.exited.then((code) => {
      clearInterval(timer);
      forget();
      if (!this.#ending) this.misdeeds.push(`tsync ended by itself with exit code ${code}`);
    });
  }

  /** Resolves once it has had the time to start. */
  started(): Promise<void> {
    return Bun.sleep(Math.max(0, this.#startedMs + startMaxMs - performance.now()));
  }

  /** SIGKILL. What it started goes on for as long as it does. */
  async kill(): Promise<void> {
    this.#measure();
    this.#ending = true;
    this.#child!.kill("SIGKILL");
    await this.#child!.exited;
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    this.#measure();
    this.#ending = true;
    const child = this.#child!;
    child.kill("SIGTERM");
    const code = await Promise.race([child.exited, Bun.sleep(stopMaxMs)]);
    // Interrupted: before it was connected; ended by the signal itself: before it listened to signals.
    if (code === exitOk || code === exitCodes.interrupted) return;
    if (child.signalCode === "SIGTERM" && performance.now() - this.#startedMs < startMaxMs) return;
    this.misdeeds.push(
      code === undefined ? `tsync did not end within ${stopMaxMs} ms` : `tsync ended with exit code ${code}`,
    );
    await this.kill();
  }

  freeze(): void {
    this.#child!.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child!.kill("SIGCONT");
  }

  /** Writes a line into tsync's output. */
  note(text: string): void {
    appendFileSync(this.logFile, `=== ${new Date().toISOString()} ${text}\n`);
  }

  /** How often its output has `pattern`. */
  said(pattern: RegExp): number {
    return [...readFileSync(this.logFile, "latin1").matchAll(pattern)].length;
  }

  #measure(): void {
    let status: string;
    try {
      status = readFileSync(`/proc/${this.#child!.pid}/status`, "latin1");
    } catch {
      return; // it has ended
    }
    this.peakKiB = Math.max(this.peakKiB, Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0));
  }
}
