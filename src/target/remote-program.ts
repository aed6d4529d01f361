/** Runs what the user wants to have run on a target's host. */
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientChannel } from "ssh2";
import { type Fault, isFault } from "../core/fault.ts";
import { fromText } from "../core/path.ts";
import { channelExit } from "../ssh/channel-exit.ts";
import type { Executor, Use } from "../ssh/connection.ts";
import {
  farewellMs,
  freelyMax,
  outputGraceMs,
  type Program,
  type ProgramExit,
  type ProgramInput,
  pauseMs,
} from "../system/program.ts";
import { startScript } from "./remote-command.ts";
import { shellQuote } from "./shell-quote.ts";

/** Starts `run`, a program with its arguments or one line for `/bin/sh`, in the home directory there. */
export async function startRemoteProgram(
  connection: Executor,
  run: readonly string[] | string,
  { text, environment, onOutput }: ProgramInput,
  use: Use,
): Promise<Program | Fault> {
  const command = await startScript(connection, scriptOf(run, environment), use);
  if (isFault(command)) return command;
  const { channel, output, errors } = command;
  const closed = channelExit(channel);
  const exit = Promise.race([closed, exitBeforeClose(channel, closed)]);
  const id = new FirstLine((piece) => onOutput("output", piece));
  follow(output, (piece) => id.take(piece));
  follow(errors, (piece) => onOutput("errors", piece));
  channel.end(text);
  const end = async () => {
    // First, for there may be no further session.
    command.close();
    await kill(connection, id.line, use);
  };
  return { exit, end };
}

/** Gives what comes out of `stream` to `take`; who prints without end is slowed down. */
function follow(stream: Readable, take: (piece: string) => void): void {
  const decoder = new TextDecoder();
  let bytes = 0;
  stream.on("data", (data: Buffer) => {
    take(decoder.decode(data, { stream: true }));
    bytes += data.length;
    if (bytes <= freelyMax) return;
    stream.pause();
    setTimeout(() => stream.resume(), pauseMs);
  });
}

/** How it ended; then the channel is closed, although something that it left behind may hold its output. */
async function exitBeforeClose(channel: ClientChannel, closed: Promise<unknown>): Promise<ProgramExit> {
  const exit = await new Promise<ProgramExit>((resolve) => {
    channel.once("exit", (code: number | null, signal?: string) => resolve({ code, signal: signal ?? null }));
  });
  await Promise.race([closed, sleep(outputGraceMs)]);
  channel.close();
  return exit;
}

/** Takes the first line out of a text that comes in pieces; the rest goes on. */
class FirstLine {
  #head: string | null = "";
  /** The line; empty until it came. */
  line = "";

  constructor(private readonly rest: (piece: string) => void) {}

  take(piece: string): void {
    if (this.#head === null) {
      this.rest(piece);
      return;
    }
    this.#head += piece;
    const end = this.#head.indexOf("\n");
    if (end < 0) return;
    this.line = this.#head.slice(0, end);
    this.rest(this.#head.slice(end + 1));
    this.#head = null;
  }
}

/**
 * A byte string for `/bin/sh`. It tells the number of its process first. (A signal through the connection would not need
 * it, but OpenSSH gives none to processes of root.)
 */
function scriptOf(run: readonly string[] | string, environment: Readonly<Record<string, string>>): string {
  const variables = Object.entries(environment).map(
    ([name, value]) => `${name}=${shellQuote(fromText(value))}`,
  );
  const command =
    typeof run === "string"
      ? fromText(run)
      : `exec ${run.map((word) => shellQuote(fromText(word))).join(" ")}`;
  return `echo $$\nexport ${variables.join(" ")}\n${command}\n`;
}

/** Ends process `id` there with all that it started: sshd gives each command a group of its own, other servers may not. */
async function kill(connection: Executor, id: string, use: Use): Promise<void> {
  if (!/^\d+$/.test(id)) return;
  const send = (signal: string) => `kill -${signal} -${id} 2>/dev/null || kill -${signal} ${id} 2>/dev/null`;
  const killer = await startScript(connection, `${send("TERM")} && sleep 1 && { ${send("KILL")}; }\n`, use);
  if (isFault(killer)) return;
  killer.output.resume();
  killer.errors.resume();
  await Promise.race([channelExit(killer.channel), sleep(2 * farewellMs)]);
  killer.close();
}
