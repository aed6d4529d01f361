/** Runs the command of a target to its end, with what it reads on its standard input. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { reasonOf } from "../../system/file-error.ts";

/** How a call ended. */
export interface Ended {
  /** Exit code; null if a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** True if it was silent for too long, and was ended for that. */
  readonly wasSilent: boolean;
  /** Standard output, as a byte string; no more than a limit. */
  readonly output: string;
  /** True if there was more of it. */
  readonly isCut: boolean;
  /** The last line on standard error that is not empty. */
  readonly lastLine: string;
}

/** The command could not be started. */
export class NotStarted {
  constructor(
    readonly reason: string,
    /** True if it is the working directory that is missing. */
    readonly isPlaceGone: boolean,
  ) {}
}

/** One call. */
export interface Call {
  /** Absolute. */
  readonly program: string;
  readonly args: readonly string[];
  /** Working directory, as text. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly input: Buffer;
  /** How long it may print nothing, on either output. */
  readonly silenceMaxMs: number;
  /** Gets each line that it prints on standard error, as it comes, up to a limit. */
  readonly onLine: (line: string) => void;
}

/** The shortest silence that means something, and the longest that a timer knows. */
const silenceMinMs = 1_000;
const silenceLimitMs = 2 ** 31 - 1;

/** How much of standard output is kept, in bytes. */
const outputMax = 16 * 1024 * 1024;

/** How many lines of standard error are passed on, and how long each is, in characters. */
const linesMax = 100;
const lineMax = 1_000;

/** How long the command has to end by itself once it was told to. */
const endingMs = 2_000;

/** How long its outputs are waited for once it has ended: what it started may hold them open for ever. */
const drainMs = 500;

/** Runs commands, and can end those that are running. */
export class ExecRunner {
  readonly #running = new Set<ChildProcess>();

  async run(call: Call): Promise<Ended | NotStarted> {
    const child = spawn(call.program, [...call.args], {
      cwd: call.directory,
      env: { ...process.env, ...call.environment },
      stdio: ["pipe", "pipe", "pipe"],
      // A process group of its own: Ctrl-C is for tsync alone, and what the command starts ends with it.
      detached: true,
    });
    const started = await hasStarted(child);
    if (started !== null) return new NotStarted(reasonOf(started), !existsSync(call.directory));
    this.#running.add(child);
    const result = await this.#follow(child, call);
    this.#running.delete(child);
    return result;
  }

  /** Ends what is running; resolves once it has ended. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running].map(end));
  }

  async #follow(child: ChildProcess, call: Call): Promise<Ended> {
    let wasSilent = false;
    const silence = setTimeout(
      () => {
        wasSilent = true;
        void end(child);
      },
      Math.min(silenceLimitMs, Math.max(silenceMinMs, call.silenceMaxMs)),
    );
    const output = new Output();
    const lines = new Lines(call.onLine);
    child.stdout!.on("data", (data: Buffer) => {
      silence.refresh();
      output.add(data);
    });
    child.stderr!.on("data", (data: Buffer) => {
      silence.refresh();
      lines.add(data);
    });
    // It need not read all of it, nor any.
    child.stdin!.on("error", () => {});
    child.stdin!.end(call.input);
    const drained = Promise.all([child.stdout!, child.stderr!].map(ended));
    const { code, signal } = await exitOf(child);
    clearTimeout(silence);
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, drainMs);
    await Promise.race([drained, patience.promise]);
    clearTimeout(timer);
    child.stdout!.destroy();
    child.stderr!.destroy();
    lines.finish();
    return { code, signal, wasSilent, output: output.text, isCut: output.isCut, lastLine: lines.last };
  }
}

/** Null once `child` runs; else why it could not be started. */
function hasStarted(child: ChildProcess): Promise<Error | null> {
  return new Promise((resolve) => {
    child.once("spawn", () => resolve(null));
    child.once("error", resolve);
  });
}

function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null)
      resolve({ code: child.exitCode, signal: child.signalCode });
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

function ended(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.readableEnded) resolve();
    stream.once("close", resolve);
    stream.once("end", resolve);
  });
}

/** Asks the process group of `child` to end, then makes it. */
async function end(child: ChildProcess): Promise<void> {
  const ending = exitOf(child);
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), endingMs);
  await ending;
  clearTimeout(timer);
  // What it started, and left behind.
  signalGroup(child, "SIGKILL");
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid!, signal);
  } catch {
    // There is nothing left of it.
  }
}

/** What came on standard output. */
class Output {
  readonly #parts: string[] = [];
  #length = 0;
  isCut = false;

  get text(): string {
    return this.#parts.join("");
  }

  add(data: Buffer): void {
    const part = data.toString("latin1").slice(0, outputMax - this.#length);
    if (part.length < data.length) this.isCut = true;
    this.#length += part.length;
    this.#parts.push(part);
  }
}

/** Divides what comes on standard error into lines. */
class Lines {
  /** The last line that is not empty. */
  last = "";
  readonly #decoder = new TextDecoder();
  #rest = "";
  #count = 0;

  constructor(private readonly onLine: (line: string) => void) {}

  add(data: Buffer): void {
    const lines = (this.#rest + this.#decoder.decode(data, { stream: true })).split(/[\r\n]/);
    this.#rest = lines.pop()!.slice(0, lineMax);
    for (const line of lines) this.#tell(line);
  }

  finish(): void {
    this.#tell(this.#rest);
    if (this.#count > linesMax) this.onLine(`(${this.#count - linesMax} more lines)`);
  }

  #tell(line: string): void {
    if (line.trim() === "") return;
    this.last = line.trim().slice(0, lineMax);
    if (++this.#count <= linesMax) this.onLine(this.last);
  }
}
