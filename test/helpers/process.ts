/** Runs programs for tests, waits for conditions, and makes temporary folders. */
import { mkdtempSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { killAtExit, removeAtExit } from "./janitor.ts";

/** Which output `waitFor` looks at; `either`: at stdout, then at stderr (a match never spans both). */
type Output = "stdout" | "stderr" | "either";

export interface ProcessOptions {
  /** Added to this process's environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>;
  cwd?: string;
}

export interface Running {
  readonly pid: number;
  /** All output so far, decoded as UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code, 128 + n after signal n; comes when the output has been read, too. */
  readonly exit: Promise<number>;
  /**
   * Waits until output matches `pattern`; output that is there already counts. Rejects, telling all output,
   * when the process has ended without a match or after `timeoutMs` (default 10,000 ms).
   */
  waitFor(pattern: RegExp, timeoutMs?: number, from?: Output): Promise<RegExpMatchArray>;
  signal(signal: NodeJS.Signals): void;
}

/** How long output may go on after the end of a process (a child of it may hold the pipe), in ms. */
const outputGraceMs = 500;

/** Starts `argv` (program first) with stdin at its end. It is killed at the latest when the tests end. */
export function startProcess(argv: string[], options: ProcessOptions = {}): Running {
  const child = Bun.spawn(argv, {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const forget = killAtExit(child.pid);
  void child.exited.then(forget);
  const text = { stdout: "", stderr: "" };
  const waiters = new Set<() => void>();
  let code: number | undefined;
  const wake = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const collect = async (name: "stdout" | "stderr") => {
    const decoder = new TextDecoder();
    for await (const chunk of child[name]) {
      text[name] += decoder.decode(chunk, { stream: true });
      wake();
    }
  };
  const collected = Promise.all([collect("stdout"), collect("stderr")]);
  const ended = async () => {
    await child.exited;
    await Promise.race([collected, Bun.sleep(outputGraceMs)]);
    const signal = child.signalCode as NodeJS.Signals | null;
    const result = signal === null ? (child.exitCode ?? -1) : 128 + constants.signals[signal];
    code = result;
    wake();
    return result;
  };

  const match = (pattern: RegExp, from: Output): RegExpMatchArray | null => {
    const search = (output: string) => {
      pattern.lastIndex = 0; // a pattern with flag g would go on where it stopped
      return pattern.exec(output);
    };
    const inStdout = from === "stderr" ? null : search(text.stdout);
    return inStdout ?? (from === "stdout" ? null : search(text.stderr));
  };

  return {
    pid: child.pid,
    get stdout() {
      return text.stdout;
    },
    get stderr() {
      return text.stderr;
    },
    exit: ended(),
    signal: (signal) => child.kill(signal),
    waitFor: (pattern, timeoutMs = 10_000, from = "either") =>
      new Promise((resolve, reject) => {
        const finish = () => {
          clearTimeout(timer);
          waiters.delete(look);
        };
        const fail = (reason: string) => {
          finish();
          const outputs = `--- stdout\n${text.stdout}\n--- stderr\n${text.stderr}`;
          reject(new Error(`${argv.join(" ")}: no ${pattern} in ${from}: ${reason}\n${outputs}`));
        };
        const look = () => {
          const found = match(pattern, from);
          if (found !== null) {
            finish();
            resolve(found);
          } else if (code !== undefined) fail(`it ended with code ${code}`);
        };
        const timer = setTimeout(() => fail(`not within ${timeoutMs} ms`), timeoutMs);
        waiters.add(look);
        look();
      }),
  };
}

/** Runs `argv` to its end. */
export async function runProcess(
  argv: string[],
  options: ProcessOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const running = startProcess(argv, options);
  const code = await running.exit;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

/**
 * Asks `check` every `everyMs` until it says true. Rejects after `timeoutMs` with what `describe` says then; a
 * `check` that is still running at that moment is waited for.
 */
export async function waitUntil(
  check: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 20,
  describe?: () => string,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() >= end) {
      throw new Error(`not true within ${timeoutMs} ms${describe === undefined ? "" : `: ${describe()}`}`);
    }
    await Bun.sleep(everyMs);
  }
}

/** A fresh folder under the system's folder for temporary files; removed when this process ends. */
export function tempDir(prefix: string): string {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  removeAtExit(dir);
  return dir;
}
