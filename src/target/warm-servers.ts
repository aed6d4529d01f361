/**
 * Keeps servers started in advance, waiting for their next transfer. Opening a channel, starting the account's shell
 * and rsync, and rsync's greeting take several round trips that a save need not wait for.
 */
import { backoffMs } from "../core/backoff.ts";
import { type Fault, isFault } from "../core/fault.ts";

/** What can be kept. */
export interface WarmServer {
  /** Resolves when it has ended. */
  readonly closed: Promise<unknown>;
  /** Lets it end: it has nothing to do. */
  dismiss(): void;
}

/** How those that end while they wait are replaced. */
const deadBackoff = { firstMs: 1_000, lastMs: 300_000 };

/** A server that was started in advance. */
interface Waiting<T> {
  readonly server: Promise<T | Fault>;
  isOver: boolean;
}

/** See above. A server that waits serves the very command that it was started with, once. */
export class WarmServers<T extends WarmServer> {
  readonly #waiting: Waiting<T>[] = [];
  #command: string | null = null;
  #idle: Timer | null = null;
  #refill: Timer | null = null;
  #deaths = 0;

  constructor(
    /** `isSpare`: it is started in advance, if there is room for it. */
    private readonly open: (command: string, isSpare: boolean) => Promise<T | Fault>,
    private readonly options: {
      readonly countMax: number;
      /** How long servers wait for work before they are let go; none are kept if it is 0. */
      readonly idleMaxMs: number;
    },
  ) {}

  /** A server by `command`: one that waits, if it is by this command, else a new one. */
  async take(command: string): Promise<T | Fault> {
    while (command === this.#command) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) break;
      const server = await waiting.server;
      // It may not have started, for example because the server allowed no more sessions then.
      if (isFault(server) || waiting.isOver) continue;
      this.#deaths = 0;
      return server;
    }
    return await this.open(command, false);
  }

  /** Starts servers for the next transfers by `command`, in place of any others that wait. */
  prepare(command: string): void {
    if (this.options.idleMaxMs === 0) return;
    if (command !== this.#command) this.close();
    this.#command = command;
    clearTimeout(this.#idle ?? undefined);
    this.#idle = setTimeout(() => this.close(), this.options.idleMaxMs);
    this.#fill();
  }

  /** Lets all go that wait. */
  close(): void {
    clearTimeout(this.#idle ?? undefined);
    clearTimeout(this.#refill ?? undefined);
    this.#refill = null;
    this.#command = null;
    for (const waiting of this.#waiting.splice(0)) {
      void waiting.server.then((server) => {
        if (!isFault(server)) server.dismiss();
      });
    }
  }

  #fill(): void {
    if (this.#command === null || this.#refill !== null) return;
    while (this.#waiting.length < this.options.countMax) {
      const waiting: Waiting<T> = { server: this.open(this.#command, true), isOver: false };
      this.#waiting.push(waiting);
      void this.#watch(waiting);
    }
  }

  /** Replaces `waiting` if it ends before it was taken, though not at once. */
  async #watch(waiting: Waiting<T>): Promise<void> {
    const server = await waiting.server;
    if (!isFault(server)) await server.closed;
    waiting.isOver = true;
    const at = this.#waiting.indexOf(waiting);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    // There was no room for it: the next transfer asks again.
    if (isFault(server)) return;
    this.#deaths++;
    this.#refill ??= setTimeout(
      () => {
        this.#refill = null;
        this.#fill();
      },
      backoffMs(this.#deaths, deadBackoff, Math.random()),
    );
  }
}
