/** Runs one of OpenSSH's own programs and collects what it prints. Never through a shell. */
import { Fault } from "../../core/fault.ts";

/** What a program left behind. */
export interface ProgramResult {
  /** Exit code; `null` when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `ssh -G` may ask the name service (CanonicalizeHostname), so it can take a while; not for ever. */
const programTimeoutMs = 30_000;

/**
 * Runs `argv` with no input. A program that is missing is a "missing-program" fault, one that does not end
 * within 30 s a "connection" fault; every exit code is a result.
 */
export async function runProgram(argv: [string, ...string[]]): Promise<ProgramResult | Fault> {
  try {
    const child = Bun.spawn(argv, {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: process.env,
      timeout: programTimeoutMs,
    });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    if (child.signalCode === "SIGTERM") {
      return new Fault("connection", `${argv[0]} did not end within ${programTimeoutMs / 1000} s`, "", true);
    }
    return { code: child.exitCode, stdout, stderr };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return new Fault(
      "missing-program",
      `${argv[0]} is not installed, or not in PATH`,
      "install the OpenSSH client (package openssh-client or openssh)",
    );
  }
}
