/** Runs programs that are not waited for: what they print is taken as it comes, and they are ended with all they started. */
import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "./file-error.ts";

/** How a program ended; both are null if that is not known. */
export interface ProgramExit {
  readonly code: number | null;
  /** For example "SIGKILL". */
  readonly signal: string | null;
}

/** A program that was started, here or on another machine. */
export interface Program {
  /** Resolves when it has ended, and what it printed was taken. */
  readonly exit: Promise<ProgramExit>;
  /** Ends it with all that it started: asks it to end, and kills it if it does not. */
  end(): Promise<void>;
}

/** What a program is given, and where what it prints goes. */
export interface ProgramInput {
  /** For its standard input. It may end without having read it. */
  readonly text: string;
  /** For its environment, besides what it has anyway. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes what it prints, in pieces as they come. */
  readonly onOutput: (from: OutputName, piece: string) => void;
}

/** Standard output and standard error. */
type OutputName = "output" | "errors";

/** How long a program that is asked to end gets before it is killed. */
export const farewellMs = 1_000;

/** How long what a program printed is waited for after its end: something that it left behind may hold the pipe. */
export const outputGraceMs = 300;

/** How many bytes a program may print at full speed, and how long it must wait each time it goes on. */
export const freelyMax = 1024 * 1024;
export const pauseMs = 20;

/** How often it is looked whether all that a program started is gone. */
const lookMs = 20;

/** The process groups of the programs that run. */
const running = new Set<number>();

/** Starts `argv` (a program with its arguments) in a session of its own, or says why it cannot be started. */
export function startProgram(
  argv: readonly string[],
  { text, environment, onOutput }: ProgramInput,
): Program | { readonly problem: string } {
  let child: Bun.Subprocess<Uint8Array, "pipe", "pipe">;
  try {
    child = Bun.spawn([...argv], {
      stdin: Buffer.from(text),
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, ...environment },
      detached: true,
    });
  } catch (error) {
    return { problem: explain(error) };
  }
  if (running.size === 0) process.on("exit", killAll);
  running.add(child.pid);
  const outputs = [
    follow(child.stdout, (piece) => onOutput("output", piece)),
    follow(child.stderr, (piece) => onOutput("errors", piece)),
  ];
  const ended = async (): Promise<ProgramExit> => {
    await child.exited;
    running.delete(child.pid);
    if (running.size === 0) process.off("exit", killAll);
    await Promise.race([Promise.all(outputs.map(({ end }) => end)), sleep(outputGraceMs)]);
    for (const output of outputs) output.leave();
    return { code: child.exitCode, signal: child.signalCode as NodeJS.Signals | null };
  };
  return { exit: ended(), end: () => endGroup(child.pid) };
}

/**
 * Gives what comes out of `stream` to `take`, to its `end`, or until nobody wants it any more. Who prints without end is
 * slowed down, and does not hold up what else this process does.
 */
function follow(stream: ReadableStream<Uint8Array>, take: (piece: string) => void) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const toEnd = async () => {
    let bytes = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      take(decoder.decode(next.value, { stream: true }));
      bytes += next.value.length;
      if (bytes > freelyMax) await sleep(pauseMs);
    }
  };
  return { end: toEnd(), leave: () => void reader.cancel().catch(() => {}) };
}

async function endGroup(group: number): Promise<void> {
  signal(group, "SIGTERM");
  const deadline = performance.now() + farewellMs;
  while (performance.now() < deadline) {
    if (!signal(group, 0)) return;
    await sleep(lookMs);
  }
  signal(group, "SIGKILL");
}

function killAll(): void {
  for (const group of running) signal(group, "SIGKILL");
}

/** False if there is nothing left of the group. */
function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, name);
    return true;
  } catch {
    return false;
  }
}

function explain(error: unknown): string {
  if ((error as { code?: string }).code === "ENOEXEC")
    return "it is no program, and has no first line like #!/bin/sh";
  return reasonOf(error);
}
