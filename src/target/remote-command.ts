/** The one place from which anything is run on a target's host. */
import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { ClientChannel } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import { display, toBytes } from "../core/path.ts";
import type { Executor, Use } from "../ssh/connection.ts";
import { AfterMark } from "./after-mark.ts";
import { loginCommand, markScript, shellCommand } from "./login-command.ts";

/** What a command prints first: nothing else can print it before. */
const mark = `tsync-${randomBytes(12).toString("hex")}`;

/** How long a command may take to end once it has nothing to read. */
const dismissMaxMs = 5_000;

/** Dropbear closes, now and then, a channel that is opened while another one ends. */
const attemptsMax = 3;
const attemptPauseMs = 50;

/** A command that runs there. */
export class RemoteCommand {
  /** What it prints, without what the account's start-up files print before; both must be read. */
  readonly output: Readable;
  readonly errors: Readable;
  /** Resolves when it has ended. */
  readonly closed: Promise<void>;
  readonly #sides: readonly AfterMark[];

  /** `channel` is its input, and tells its end. */
  constructor(
    readonly channel: ClientChannel,
    ownMark: string,
  ) {
    const [output, errors] = [new AfterMark(ownMark), new AfterMark(ownMark)];
    this.output = channel.pipe(output);
    this.errors = channel.stderr.pipe(errors);
    this.#sides = [errors, output];
    channel.on("error", () => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    // A channel that breaks off does not end.
    channel.once("close", () => {
      output.end();
      errors.end();
      resolve();
    });
  }

  /** What was printed in place of what the command would print, in one line, if it was not run (yet). */
  get said(): string {
    return oneLine(this.#sides.map(({ said }) => said).join(" "));
  }

  /** Ends it, in whatever it does. */
  close(): void {
    this.channel.close();
  }

  /**
   * Lets it end by itself, as it does when there is nothing more to read. (Dropbear breaks the whole connection off if a
   * command has something to say when its channel is closed, and rsync complains of a sender that says nothing.)
   */
  dismiss(): void {
    this.output.resume();
    this.errors.resume();
    this.channel.end();
    const timer = setTimeout(() => this.close(), dismissMaxMs).unref();
    void this.closed.then(() => clearTimeout(timer));
  }
}

/** Runs `script` (a byte string) in `/bin/sh`, whatever the login shell is. Fault: see `Connection.exec`. */
export async function startScript(
  connection: Executor,
  script: string,
  use: Use = {},
): Promise<RemoteCommand | Fault> {
  const channel = await execute(connection, loginCommand(markScript(mark) + script), use);
  return isFault(channel) ? channel : new RemoteCommand(channel, mark);
}

/** Runs `command` (a byte string) as it is: for an account where something else than a shell takes it. */
export async function startRestricted(
  connection: Executor,
  command: string,
  use: Use = {},
): Promise<RemoteCommand | Fault> {
  const channel = await execute(connection, command, use);
  return isFault(channel) ? channel : new RemoteCommand(channel, "");
}

/** Starts a `/bin/sh` that reads what it is to do. */
export function startShell(connection: Executor, use: Use = {}): Promise<ClientChannel | Fault> {
  return execute(connection, shellCommand, use);
}

async function execute(connection: Executor, command: string, use: Use): Promise<ClientChannel | Fault> {
  for (let attempt = 1; ; attempt++) {
    const channel = await connection.exec(toBytes(command), use);
    // The server has opened a channel, but runs nothing in it.
    if (!isFault(channel) || !channel.message.endsWith("Unable to exec")) return channel;
    if (attempt === attemptsMax) return runsNothing(connection);
    await Bun.sleep(attemptPauseMs);
  }
}

/** How much of it goes into a message. */
const lineMax = 300;

/** What was printed there last, for a message; empty if nothing was. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim().slice(-lineMax);
  return line === "" ? "" : display(line);
}

function runsNothing(connection: Executor): Fault {
  return new Fault(
    "target",
    `${connection.describe} runs no commands`,
    "tsync needs a shell or rsync there; an account for sftp only will not do",
  );
}
