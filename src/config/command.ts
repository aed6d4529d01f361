/**
 * Reads a command that tsync runs: an array of the program and its arguments, or a table that also says how it is
 * run. A text is one line for a shell, where that is asked for.
 */
import { closest } from "../core/closest.ts";
import { parseDurationMs } from "./duration.ts";
import { shown } from "./shown.ts";

/** A function in place of a program, in a configuration that is one itself. */
export type CommandFunction = (facts: object, signal: AbortSignal) => unknown;

/** A command. */
export interface Command {
  /** The program and its arguments (none at all: there is no command), one line for a shell, or a function. */
  readonly run: readonly string[] | string | CommandFunction;
  readonly timeoutMs: number;
  /** True if the next batch of the target waits for its end. */
  readonly waits: boolean;
}

/** A command as it is written in the file, in the form of a table. */
export interface RawCommand {
  readonly run: readonly string[] | string | CommandFunction;
  readonly shell?: boolean;
  readonly timeout?: string | number;
  readonly wait?: boolean;
}

/** How long a command may take if nothing else is said. */
const commandTimeout = "60s";

/** The command that `raw` means, or what is wrong with it, to be put behind "NAME ". `there`: it is run on the target's host. */
export function readCommand(raw: unknown, there: boolean): { value: Command } | { problem: string } {
  const structured = typeof raw === "string" ? parsed(raw) : raw;
  if (Array.isArray(structured))
    return isArguments(structured) ? plain(structured) : badArguments(structured);
  if (typeof structured === "string" && there && isLine(structured)) return plain(structured);
  if (!isTable(structured)) return notACommand(raw, there);
  return readTable(structured, there);
}

/** `command` as it may be written. */
export function formatCommand(
  { run, timeoutMs, waits }: Command,
  there: boolean,
): readonly string[] | RawCommand {
  const timeout = timeoutMs === defaultTimeoutMs ? {} : { timeout: `${timeoutMs}ms` };
  const how = { ...timeout, ...(waits ? { wait: true } : {}) };
  if (typeof run === "function") return { run: "(a function)", ...how };
  const table = { run, ...how };
  if (typeof run === "string") return there ? table : { ...table, shell: true };
  return Object.keys(table).length === 1 ? run : table;
}

const defaultTimeoutMs = parseDurationMs(commandTimeout)!;

function plain(run: Command["run"]): { value: Command } {
  return { value: { run, timeoutMs: defaultTimeoutMs, waits: false } };
}

function readTable(table: Readonly<Record<string, unknown>>, there: boolean): ReturnType<typeof readCommand> {
  const keys = ["run", ...(there ? [] : ["shell"]), "timeout", "wait"];
  const unknown = Object.keys(table).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const meant = closest(unknown, keys);
    return {
      problem: `is a table with the unknown key ${shown(unknown)}; ${meant === null ? `there are ${keys.join(", ")}` : `did you mean ${meant}?`}`,
    };
  }
  const { run, shell = there, timeout = commandTimeout, wait = false } = table;
  if (run === undefined) return { problem: 'is a table without run = ["program", "argument"]' };
  for (const [key, flag] of Object.entries({ shell, wait }))
    if (typeof flag !== "boolean")
      return { problem: `is a table whose ${key} is ${shown(flag)}, not true or false` };
  const timeoutMs =
    typeof timeout === "string" || typeof timeout === "number" ? parseDurationMs(`${timeout}`) : null;
  if (timeoutMs === null || timeoutMs === 0)
    return { problem: `is a table whose timeout is ${shown(timeout)}, not a time like 500ms, 10s or 5m` };
  const how = { timeoutMs, waits: wait === true };
  if (typeof run === "function") {
    if (there) return { problem: "is a function, which cannot be run on the target's host" };
    return { value: { run: run as CommandFunction, ...how } };
  }
  if (typeof run === "string") {
    if (shell !== true) return notACommand(run, there);
    return isLine(run) ? { value: { run, ...how } } : badArguments(run);
  }
  if (!isArguments(run)) return badArguments(run);
  if (!there && shell === true)
    return {
      problem: 'is a table with shell = true, for which run must be a text: run = "one line for the shell"',
    };
  return { value: { run, ...how } };
}

/** Where there are only texts (command line, environment) an array or a table is written as in the file. */
function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    const { command, ...more } = Bun.TOML.parse(`command = ${text}`) as Record<string, unknown>;
    return Object.keys(more).length === 0 ? command : text;
  } catch {
    return text;
  }
}

function notACommand(raw: unknown, there: boolean): { problem: string } {
  const words = typeof raw === "string" ? raw.trim().split(/\s+/) : ["program", "argument"];
  const line = typeof raw === "string" ? raw : "one line";
  const array = `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
  const shell = there ? "" : `, or { run = ${JSON.stringify(line)}, shell = true } to have a shell run it`;
  return {
    problem: `is ${shown(raw)}, which is not an array of a program and its arguments: write ${array}${shell}`,
  };
}

function badArguments(raw: unknown): { problem: string } {
  return {
    problem: `is ${shown(raw)}, which is not a program and its arguments (texts without NUL, the first not empty)`,
  };
}

function isArguments(raw: unknown): raw is readonly string[] {
  return (
    Array.isArray(raw) &&
    raw.every((text) => typeof text === "string" && !text.includes("\0")) &&
    raw[0] !== ""
  );
}

function isLine(text: string): boolean {
  return text.trim() !== "" && !text.includes("\0");
}

function isTable(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}
