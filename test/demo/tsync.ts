/** Runs the built program and reads what it reports. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Running, startProcess } from "../helpers/process.ts";

/** How long tsync has to end after SIGTERM. */
const stopLimitMs = 10_000;
const pollMs = 2;

/** What tsync reports of one batch: numbers such as `moved` and `sent`. */
type Batch = Record<string, unknown>;

/** `tsync watch`, with its files in a folder of its own. */
export class Tsync {
  readonly #process: Running;
  #exitCode: number | undefined;
  #batches: Batch[] = [];
  /** How much of stdout has been read. */
  #readChars = 0;

  /** `dir`: a new folder for tsync's state. */
  constructor(program: string, dir: string, options: { source: string; target: string; sshConfig: string }) {
    const env: Record<string, string | undefined> = { NO_COLOR: "1", SSH_AUTH_SOCK: undefined };
    for (const name of Object.keys(process.env)) if (name.startsWith("TSYNC_")) env[name] = undefined;
    for (const name of ["STATE_HOME", "CONFIG_HOME", "CACHE_HOME", "RUNTIME_DIR"]) {
      const path = join(dir, name.toLowerCase());
      mkdirSync(path, { recursive: true, mode: 0o700 });
      env[`XDG_${name}`] = path;
    }
    const argv = [program, "watch", options.source, options.target, "-F", options.sshConfig, "--json"];
    this.#process = startProcess(argv, { env, cwd: dir });
    void this.#process.exit.then((code) => {
      this.#exitCode = code;
    });
  }

  /** True if tsync has said that the target is like the source. */
  get inSync(): boolean {
    return /in sync/.test(this.#process.stderr);
  }

  /** Waits for `what`: until `check` says true. Rejects when tsync ends before, or after `limitMs`. */
  async until(check: () => boolean, limitMs: number, what: string): Promise<void> {
    const end = performance.now() + limitMs;
    while (!check()) {
      if (this.#exitCode !== undefined) {
        throw new Error(`tsync ended (exit code ${this.#exitCode}) instead of this: ${what}`);
      }
      if (performance.now() > end) throw new Error(`this took more than ${limitMs / 1000} s: ${what}`);
      await Bun.sleep(pollMs);
    }
  }

  /** The batches reported so far, without those before the last `forgetBatches`. */
  get batches(): readonly Batch[] {
    const { stdout } = this.#process;
    const end = stdout.lastIndexOf("\n") + 1;
    for (const line of stdout.slice(this.#readChars, end).split("\n")) {
      const event = parse(line);
      if (event?.event === "batch") this.#batches.push(event);
    }
    this.#readChars = Math.max(this.#readChars, end);
    return this.#batches;
  }

  forgetBatches(): void {
    void this.batches; // reads what is there
    this.#batches = [];
  }

  /** The last lines that tsync wrote, for people. */
  get lastMessages(): string {
    const last = (text: string, lines: number) => text.trimEnd().split("\n").slice(-lines).join("\n");
    return `${last(this.#process.stderr, 15)}\n${last(this.#process.stdout, 5)}`.trim();
  }

  /** Has tsync end; false if it had to be killed. */
  async stop(): Promise<boolean> {
    this.#process.signal("SIGTERM");
    const inTime = await Promise.race([
      this.#process.exit.then(() => true),
      Bun.sleep(stopLimitMs).then(() => false),
    ]);
    if (!inTime) {
      this.#process.signal("SIGKILL");
      await this.#process.exit;
    }
    return inTime;
  }
}

/** The JSON object in `line`, if there is one. */
function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
