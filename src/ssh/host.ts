/**
 * The connections to one host, used as one. All commands run over the first of them while the server allows it; more
 * are opened only where that is not enough: for a session beyond the server's limit (MaxSessions), and for transfers
 * that are large, which would hold up what is sent behind them on the same stream.
 */
import type { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import type { Connection, ConnectionFacts } from "./connection.ts";

/** How many connections one host gets at most. */
const connectionsMax = 4;

/** How long a command waits for a free session, where no further connection can be had. */
const waitMaxMs = 60_000;

/** How long a connection that is not the first one stays open without work. */
const idleMaxMs = 60_000;

/** How soon another connection is tried after one that failed. */
const retryMs = 30_000;

/** A session that was closed is free for the server only a moment later. */
const releaseMs = 50;
const releasesMax = 20;

/** What is learned about a server, and outlives its connections. */
export interface Learned {
  /** How many sessions it allows on one connection. */
  sessionsMax: number;
}

/** See above. */
export class Host {
  readonly describe: string;
  readonly facts: ConnectionFacts;
  /** As `Connection.closed`, of the first connection. */
  readonly closed: Promise<Fault>;
  readonly #first: Connection;
  readonly #others: Connection[] = [];
  #opening: Promise<Connection | Fault> | null = null;
  #openedMs = Number.NEGATIVE_INFINITY;
  #onFree: (() => void)[] = [];

  /** `openAnother` opens one more connection, without asking anybody. */
  constructor(
    first: Connection,
    private readonly openAnother: () => Promise<Connection | Fault>,
    private readonly learned: Learned,
  ) {
    this.#first = first;
    this.describe = first.describe;
    this.facts = first.facts;
    this.closed = first.closed;
    void this.closed.then(() => this.#end());
  }

  /** False from the moment the first connection is known to be lost, or all were closed. */
  get alive(): boolean {
    return this.#first.alive;
  }

  /** How many connections are open now. */
  get size(): number {
    return this.#others.length + (this.alive ? 1 : 0);
  }

  /**
   * As `Connection.exec`, over a connection that has room for it. `isLarge`: much will be sent, and nothing else is to
   * wait for it.
   */
  async exec(command: string | Uint8Array, isLarge = false): Promise<ClientChannel | Fault> {
    const endMs = performance.now() + waitMaxMs;
    for (let releases = 0; ; ) {
      const connection = await this.#withRoom(isLarge, endMs);
      if (isFault(connection)) return connection;
      const channel = await connection.tryExec(command);
      if (channel !== null) {
        if (!isFault(channel)) channel.once("close", () => this.#release(connection));
        return channel;
      }
      if (connection.sessions > 0) this.learned.sessionsMax = connection.sessions;
      else if (++releases > releasesMax) return this.#noRoom("the server allows no session (MaxSessions)");
      else await Bun.sleep(releaseMs);
    }
  }

  /** As `Connection.forward`. */
  forward(host: string, port: number): Promise<Duplex | Fault> {
    return this.#first.forward(host, port);
  }

  /** Closes all connections. */
  close(): void {
    this.#first.close();
  }

  async #withRoom(isLarge: boolean, endMs: number): Promise<Connection | Fault> {
    while (this.alive) {
      const free = [this.#first, ...this.#others].filter(
        (one) => one.alive && one.sessions < this.learned.sessionsMax,
      );
      const found = isLarge ? free.find((one) => one !== this.#first) : free[0];
      if (found !== undefined) return found;
      if (this.#mayOpen) {
        await this.#open();
        continue;
      }
      // What is large shares the way with the rest rather than wait.
      if (free[0] !== undefined) return free[0];
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return this.#noRoom(`no session was free within ${waitMaxMs / 1000} s`);
      await this.#someFree(leftMs);
    }
    return this.closed;
  }

  get #mayOpen(): boolean {
    if (this.#opening !== null) return true;
    return this.size < connectionsMax && performance.now() - this.#openedMs > retryMs;
  }

  /** One at a time: servers limit how many may be in the middle of it (MaxStartups). */
  async #open(): Promise<void> {
    this.#opening ??= this.openAnother().then((connection) => {
      this.#opening = null;
      if (isFault(connection)) this.#openedMs = performance.now();
      else if (this.alive) this.#take(connection);
      else connection.close();
      return connection;
    });
    await this.#opening;
  }

  #take(connection: Connection): void {
    this.#others.push(connection);
    void connection.closed.then(() => {
      this.#others.splice(this.#others.indexOf(connection), 1);
      this.#wake();
    });
  }

  #release(connection: Connection): void {
    this.#wake();
    if (connection === this.#first) return;
    setTimeout(() => {
      if (connection.sessions === 0) connection.close();
    }, idleMaxMs).unref();
  }

  #someFree(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onFree.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const wake of this.#onFree.splice(0)) wake();
  }

  #end(): void {
    for (const connection of [...this.#others]) connection.close();
    this.#wake();
  }

  #noRoom(why: string): Fault {
    return new Fault(
      "connection",
      `${this.describe}: ${why}`,
      "raise MaxSessions in the server's sshd_config",
      true,
    );
  }
}
