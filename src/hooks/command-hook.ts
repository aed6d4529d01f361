/** A hook that is a program: started anew for each run, given the facts, and ended when its time is over. */
import { type Fault, isFault } from "../core/fault.ts";
import type { Program, ProgramExit, ProgramInput } from "../system/program.ts";
import { environmentOf, type Facts } from "./facts.ts";
import type { HookLog } from "./hook-log.ts";
import { Lines } from "./lines.ts";

/**
 * What is run when something happened. Never rejects; true if it did what it is for (else it has told what went wrong).
 * Once `signal` is aborted it ends soon.
 */
export type Hook = (facts: Facts, signal: AbortSignal) => Promise<boolean>;

/** Starts a hook's program. */
export type StartProgram = (input: ProgramInput) => Promise<Program | Fault>;

/** The hook whose program is started by `start`, may take `timeoutMs`, and is told of in `log`. */
export function commandHook(start: StartProgram, timeoutMs: number, log: HookLog): Hook {
  return async (facts, signal) => {
    const lines = {
      output: new Lines((line) => log.line(line)),
      errors: new Lines((line) => log.line(line)),
    };
    const limit = new Limit(timeoutMs, signal);
    const starting = start({
      text: `${JSON.stringify(facts)}\n`,
      environment: environmentOf(facts),
      onOutput: (from, piece) => lines[from].take(piece),
    });
    const end = await runWithin(starting, limit);
    limit.callOff();
    for (const side of Object.values(lines)) side.end();
    const failure = describe(end, timeoutMs);
    if (failure !== null) log.failed(...failure);
    return failure === null;
  };
}

/** Why a program was not left to its end. */
type Cut = "late" | "stopped";

/** Ends the time of a program. */
class Limit {
  /** Resolves when its time is over. */
  readonly over: Promise<Cut>;
  readonly callOff: () => void;

  constructor(timeoutMs: number, signal: AbortSignal) {
    const { promise, resolve } = Promise.withResolvers<Cut>();
    const timer = setTimeout(() => resolve("late"), timeoutMs);
    const stop = () => resolve("stopped");
    signal.addEventListener("abort", stop);
    this.over = promise;
    this.callOff = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    };
  }
}

/** How the program ended. One whose time is over is ended, also if it was not even started yet. */
async function runWithin(
  starting: Promise<Program | Fault>,
  { over }: Limit,
): Promise<ProgramExit | Cut | Fault> {
  const program = await Promise.race([starting, over]);
  if (isFault(program)) return program;
  if (typeof program === "string") {
    void starting.then((late) => (isFault(late) ? null : late.end()));
    return program;
  }
  const end = await Promise.race([program.exit, over]);
  if (typeof end === "string") await program.end();
  return end;
}

/** What was wrong with the way it ended, and what can be done; null if nothing was. */
function describe(end: ProgramExit | Cut | Fault, timeoutMs: number): [reason: string, hint: string] | null {
  if (isFault(end)) return [end.message, end.hint];
  if (end === "stopped") return ["it still ran when tsync stopped, and was ended", ""];
  if (end === "late")
    return [
      `it did not end within ${timeoutMs / 1_000} s, and was ended`,
      "give it more time with timeout, or find out what it waits for",
    ];
  const { code, signal } = end;
  if (code === 0) return null;
  if (signal !== null) return [`it was ended by ${signal}`, ""];
  if (code === null) return ["the connection was lost before it ended", ""];
  return [`it ended with exit code ${code}`, ""];
}
