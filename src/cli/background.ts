/**
 * Goes on in the background. The program starts itself again, in the same session, so that the second process can ask
 * questions on the terminal; it leaves the session when all is well, and the first one ends then.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { libc } from "../system/libc.ts";
import type { Output } from "../system/terminal.ts";

/** Names the process that waits, to the one that it started. */
const variable = "TSYNC_STARTED_BY";

/** What the second process has from the first: where to say that all is well, and the first one's standard error. */
const [wordFd, errorsFd] = [3, 4];

const word = "ready";

/** How the second process did. */
export type Started = { readonly pid: number } | { readonly exitCode: number };

/** Starts the program again, with its standard outputs added to `log` (a file), and waits until it is on its own, or ended. */
export async function startInBackground(log: string): Promise<Started> {
  const logFd = openSync(log, "a");
  const child = Bun.spawn([process.execPath, ...process.argv.slice(2)], {
    stdio: ["ignore", logFd, logFd, "pipe", 2],
    env: { ...process.env, [variable]: `${process.pid}` },
  });
  closeSync(logFd);
  // What the terminal sends goes to both: the second one ends orderly, and this one with it.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  let said = "";
  const words = Bun.file(child.stdio[3] as number).stream();
  for await (const chunk of words) {
    said += new TextDecoder().decode(chunk);
    if (said.includes(word)) return { pid: child.pid };
  }
  return { exitCode: await child.exited };
}

/** In the second process: the first one. */
export class Starter {
  private constructor() {}

  /** The process that waits for this one; null if none does. */
  static find(env: Record<string, string | undefined>): Starter | null {
    const pid = env[variable];
    delete env[variable];
    return pid === `${process.ppid}` ? new Starter() : null;
  }

  /** Its standard error. */
  readonly errors: Output = {
    isTTY: isatty(errorsFd!),
    write: (lines, done) => {
      try {
        writeSync(errorsFd!, lines);
      } catch {
        // It is gone: there is still the log.
      }
      done?.();
    },
  };

  /** Leaves its session and terminal, and tells it. */
  leave(): void {
    libc()?.setsid();
    closeSync(errorsFd!);
    try {
      writeSync(wordFd!, word);
    } catch {
      // It was killed meanwhile.
    }
    closeSync(wordFd!);
  }
}
