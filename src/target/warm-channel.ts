/**
 * Keeps one `rsync --server` started in advance, waiting for its next transfer. Opening a channel, starting the
 * account's shell and rsync, and rsync's greeting take several round trips that a save need not wait for.
 */
import { type Fault, isFault } from "../core/fault.ts";
import type { RemoteCommand } from "./remote-command.ts";

/** How long a server waits for work before it is let go. */
const idleMaxMs = 300_000;

/** A server that was started in advance. */
interface Waiting {
  readonly command: string;
  readonly server: Promise<RemoteCommand | Fault>;
  readonly timer: Timer;
  closed: boolean;
}

/** See above. The server that waits serves the very command that it was started with, once. */
export class WarmChannel {
  #waiting: Waiting | null = null;

  /** `isSpare`: it is started in advance, if there is room for it. */
  constructor(private readonly open: (command: string, isSpare: boolean) => Promise<RemoteCommand | Fault>) {}

  /** A server by `command`: the one that waits, if it is by this command, else a new one. */
  async take(command: string): Promise<RemoteCommand | Fault> {
    const waiting = this.#waiting;
    if (waiting?.command !== command) return await this.open(command, false);
    this.#waiting = null;
    clearTimeout(waiting.timer);
    const server = await waiting.server;
    // It may not have started, for example because the server allowed no more sessions then.
    return isFault(server) || waiting.closed ? await this.open(command, false) : server;
  }

  /** Starts a server for the next `command`, in place of any other that waits. */
  prepare(command: string): void {
    if (this.#waiting?.command === command && !this.#waiting.closed) return;
    this.close();
    const server = this.open(command, true);
    const waiting: Waiting = {
      command,
      server,
      timer: setTimeout(() => this.close(), idleMaxMs),
      closed: false,
    };
    this.#waiting = waiting;
    void server.then((opened) => {
      if (isFault(opened)) waiting.closed = true;
      else {
        opened.channel.once("close", () => {
          waiting.closed = true;
        });
      }
    });
  }

  /** Lets the waiting server go. */
  close(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) return;
    clearTimeout(waiting.timer);
    void waiting.server.then((server) => {
      if (!isFault(server)) server.close();
    });
  }
}
