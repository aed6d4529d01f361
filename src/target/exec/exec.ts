/**
 * A target that a command of the user's keeps: it is told what to do and says what became of it. What it holds cannot
 * be looked at.
 */
import { basename, resolve } from "node:path";
import { Fault, isFault } from "../../core/fault.ts";
import { type Outcome, pathOf, type Send, type Step } from "../../core/operation.ts";
import { display, type Path, toText } from "../../core/path.ts";
import type { Comparison, Inspection, SendReport, Target } from "../target.ts";
import { type Answer, NoAnswer, readAnswer } from "./answer.ts";
import { type Batch, type ExecFormat, encodeBatch } from "./batch.ts";
import { type Ended, ExecRunner, NotStarted } from "./run.ts";

/** The exit code by which a command asks to be called again later (EX_TEMPFAIL of sysexits.h). */
const againCode = 75;

/** How many operations a call has at most. */
export const operationsMax = 1_000;

/** What such a target is made of. */
export interface ExecOptions {
  readonly name: string;
  /** The program (absolute, or a name to search for) and its arguments. */
  readonly argv: readonly string[];
  readonly format: ExecFormat;
  /** The mirror's name; null for one that has none. */
  readonly mirror: string | null;
  /** Absolute path of the source's root, as a byte string. */
  readonly base: string;
  /** False if the command can move nothing. */
  readonly moves: boolean;
  /** How long the command may print nothing. */
  readonly silenceMaxMs: number;
  /** Gets each line that the command prints on standard error. */
  readonly say: (line: string) => void;
}

/** See `Target`. */
export class ExecTarget implements Target {
  readonly isOpaque = true;
  readonly isEmpty = false;
  readonly sendsMax = operationsMax;
  readonly #runner = new ExecRunner();
  #program = "";

  constructor(private readonly options: ExecOptions) {}

  get canMove(): boolean {
    return this.options.moves;
  }

  /** With other arguments it may be about another place. */
  get identity(): string {
    return `exec ${JSON.stringify(this.options.argv)}`;
  }

  async connect(): Promise<Fault | null> {
    const program = findProgram(this.options.argv[0]!);
    if (isFault(program)) return program;
    this.#program = program;
    return null;
  }

  async run(
    steps: readonly Step[],
    report: (index: number, outcome: Outcome) => void,
    replay = false,
  ): Promise<Fault | null> {
    for (let first = 0; first < steps.length; first += operationsMax) {
      const part = steps.slice(first, first + operationsMax);
      const answer = await this.#call(part, replay);
      if (isFault(answer)) return answer;
      for (const [at, step] of part.entries()) report(first + at, outcomeOf(step, answer));
    }
    return null;
  }

  async send(sends: readonly Send[]): Promise<SendReport | Fault> {
    // Owners and times of directories are nobody's concern but those of a file system.
    const operations = sends
      .filter(({ entry }) => entry.kind !== "directory")
      .map((send) => ({ ...send, do: "send" as const }));
    const answer = await this.#call(operations, false);
    if (isFault(answer)) return answer;
    const arrived = operations.filter(({ path, entry }) => entry.kind === "file" && !answer.failed.has(path));
    // How much of it travelled, only the command knows.
    const contentBytes = arrived.reduce((sum, { entry }) => sum + entry.size, 0);
    return { failed: answer.failed, missed: new Set(), contentBytes };
  }

  async compare(): Promise<Comparison | Fault> {
    return opaque(this.options.name);
  }

  async inspect(): Promise<Inspection | Fault> {
    return opaque(this.options.name);
  }

  async list(): Promise<Path[]> {
    return [];
  }

  async temporaries(): Promise<Path[]> {
    return [];
  }

  async close(): Promise<void> {
    await this.#runner.stop();
  }

  /** Has `operations` carried out. If the call failed, all of them did. */
  async #call(operations: Batch["operations"], again: boolean): Promise<Answer | Fault> {
    if (operations.length === 0) return { failed: new Map(), missing: new Set() };
    const { name, argv, format, mirror, base, silenceMaxMs, say } = this.options;
    const batch: Batch = { mirror, target: name, source: base || "/", again, operations };
    const ended = await this.#runner.run({
      program: this.#program,
      args: argv.slice(1),
      directory: toText(base) || "/",
      environment: {
        TSYNC_MIRROR: mirror ?? "",
        TSYNC_TARGET: name,
        TSYNC_SOURCE: toText(base) || "/",
        TSYNC_AGAIN: again ? "1" : "",
      },
      input: encodeBatch(batch, format),
      silenceMaxMs,
      onLine: say,
    });
    const program = basename(this.#program);
    if (ended instanceof NotStarted)
      return new Fault(
        "target",
        `cannot start ${program}: ${ended.reason}`,
        hintOf(ended),
        ended.isPlaceGone,
      );
    return faultOf(ended, program, silenceMaxMs) ?? answerOf(ended, program, format, operations);
  }
}

function hintOf({ isPlaceGone }: NotStarted): string {
  return isPlaceGone ? "it is started in the source: is that there?" : "can it be run by hand?";
}

/** The absolute path of `program`, or why it cannot be run. */
export function findProgram(program: string): string | Fault {
  const found = Bun.which(program);
  // It is started in the source, where a relative path would mean something else.
  if (found !== null) return resolve(found);
  return new Fault(
    "missing-program",
    `the command ${program} is not there, or cannot be run`,
    "check exec in the configuration, and chmod +x",
  );
}

function opaque(name: string): Fault {
  return new Fault("usage", `what ${name} holds cannot be looked at: it is kept by a command`);
}

/** The fault of a call after which nothing is known; null if it has an answer. */
function faultOf({ code, signal, wasSilent, lastLine }: Ended, program: string, silenceMaxMs: number) {
  const said = lastLine === "" ? "" : `: ${lastLine}`;
  const again = (what: string, hint = "") => new Fault("target", `${program} ${what}${said}`, hint, true);
  if (wasSilent)
    return again(
      `printed nothing for ${silenceMaxMs / 1000} s, and was ended`,
      "see timeout; it is called again",
    );
  if (code === againCode) return again(`asks to be called again later (exit code ${againCode})`);
  return code === null ? again(`was ended by ${signal}`) : null;
}

/** What the command says of `operations`. */
function answerOf(
  { code, output, isCut, lastLine }: Ended,
  program: string,
  format: ExecFormat,
  operations: Batch["operations"],
): Answer | Fault {
  const read = readAnswer(output, format);
  if (code !== 0) {
    const said = `${program} ended with exit code ${code}${lastLine === "" ? "" : `: ${lastLine}`}`;
    const named = read instanceof NoAnswer ? new Map<Path, string>() : read.failed;
    return {
      failed: new Map(operations.map(placeOf).map((path) => [path, named.get(path) ?? said])),
      missing: new Set(),
    };
  }
  const wrong = (what: string) =>
    new Fault(
      "target",
      `${program} printed ${what} on its standard output`,
      `only what failed belongs there (format ${format}); let it print all else on standard error`,
    );
  if (isCut) return wrong("too much");
  if (read instanceof NoAnswer) return wrong(JSON.stringify(read.part.slice(0, 100)));
  const paths = new Set(operations.map(placeOf));
  const origins = new Set(operations.map((one) => (one.do === "move" ? one.from : null)));
  for (const path of read.failed.keys())
    if (!paths.has(path)) return wrong(`that ${display(path)} failed, which was not in the batch,`);
  for (const path of read.missing)
    if (!origins.has(path)) return wrong(`that ${display(path)} is missing, which was not to be moved,`);
  return read;
}

function placeOf(operation: Batch["operations"][number]): Path {
  return operation.do === "send" ? operation.path : pathOf(operation);
}

function outcomeOf(step: Step, { failed, missing }: Answer): Outcome {
  const reason = failed.get(pathOf(step));
  if (reason !== undefined) return { is: "failed", reason };
  if (step.do === "move" && missing.has(step.from)) return { is: "missing" };
  // What is still held in it could not be removed: then it is there.
  return { is: step.do === "remove-directory" ? "kept" : "done" };
}
