/**
 * The connections to one host, used as one. All commands run over the first of them while the server allows it; more
 * are opened only where that is not enough: for a session beyond the server's limit (MaxSessions), and for transfers
 * that are large, which would hold up what is sent behind them on the same stream.
 */
import type { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import type { Connection, ConnectionFacts, Use } from "./connection.ts";

/** How many connections one host gets at most. */
const connectionsMax = 4;

/** How long a command waits for a free session, where no further connection can be had: others may send for long. */
const waitMaxMs = 900_000;

/** How often those are asked that can spare a session meanwhile. */
const askMs = 250;

/** How long a connection that is not the first one stays open without work. */
const usualIdleMaxMs = 60_000;

/** How soon another connection is tried after one that failed. */
const retryMs = 30_000;

/** A session that was closed is free for the server only a moment later. */
const releaseMs = 50;
const releasesMax = 20;

/** What is learned about a server, and outlives its connections. */
export interface Learned {
  /** How many sessions it allows on one connection. */
  sessionsMax: number;
  /** How many there have been on one connection. */
  sessionsSeen: number;
}

/** For a server that nothing is known of. */
export const nothingLearned: Readonly<Learned> = { sessionsMax: Number.POSITIVE_INFINITY, sessionsSeen: 0 };

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
  /** What runs now, and over which connection. */
  readonly #running = new Map<ClientChannel, { use: Use; connection: Connection }>();
  /** Closes a connection some time after it was used last. */
  readonly #idle = new WeakMap<Connection, Timer>();

  /** `openAnother` opens one more connection, without asking anybody. */
  constructor(
    first: Connection,
    private readonly openAnother: () => Promise<Connection | Fault>,
    private readonly learned: Learned,
    private readonly idleMaxMs = usualIdleMaxMs,
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

  /** True if somebody else than `owner` uses the first connection. */
  isShared(owner: object | undefined): boolean {
    return [...this.#running.values()].some(
      ({ use, connection }) => connection === this.#first && (owner === undefined || use.owner !== owner),
    );
  }

  /** As `Connection.exec`, over a connection that has room for it. */
  async exec(command: string | Uint8Array, use: Use = {}): Promise<ClientChannel | Fault> {
    const endMs = performance.now() + waitMaxMs;
    for (let releases = 0; ; ) {
      const connection = await this.#withRoom(use, endMs);
      if (isFault(connection)) return connection;
      const channel = await connection.tryExec(command);
      if (channel !== null) {
        if (!isFault(channel)) this.#note(channel, use, connection);
        return channel;
      }
      const { sessions } = connection;
      // There were more before: some that have ended are not free yet.
      const isMomentary = sessions < Math.max(1, this.learned.sessionsSeen);
      if (isMomentary && ++releases <= releasesMax) await Bun.sleep(releaseMs);
      else if (sessions > 0) this.learned.sessionsMax = sessions;
      else return this.#noRoom("the server allows no session (MaxSessions)");
    }
  }

  /** As `Connection.forward`; `isLarge`: much may be sent through it. */
  async forward(host: string, port: number, maxMs: number, isLarge = false): Promise<Duplex | Fault> {
    if (isLarge && this.#others.length === 0 && this.#mayOpen) await this.#open();
    const connection = isLarge ? (this.#others.find(({ alive }) => alive) ?? this.#first) : this.#first;
    const stream = await connection.forward(host, port, maxMs);
    if (!isFault(stream)) stream.once("close", () => this.#release(connection));
    return stream;
  }

  /** Closes all connections. */
  close(): void {
    this.#first.close();
  }

  async #withRoom(use: Use, endMs: number): Promise<Connection | Fault> {
    while (this.alive) {
      const free = [this.#first, ...this.#others].filter(
        (one) => one.alive && one.sessions < this.learned.sessionsMax,
      );
      const isApart = use.isLarge === true && this.isShared(use.owner);
      const found = isApart ? free.find((one) => one !== this.#first) : free[0];
      if (found !== undefined) return found;
      if (use.isSpare) return this.#noRoom("there is no room for another session");
      if (this.#mayOpen) {
        await this.#open();
        continue;
      }
      // What is large shares the way with the rest rather than wait.
      if (free[0] !== undefined) return free[0];
      if (performance.now() > endMs) return this.#noRoom(`no session was free within ${waitMaxMs / 1000} s`);
      for (const { use } of [...this.#running.values()]) use.onWanted?.();
      await this.#someFree(askMs);
    }
    return this.closed;
  }

  #note(channel: ClientChannel, use: Use, connection: Connection): void {
    this.#running.set(channel, { use, connection });
    const count = [...this.#running.values()].filter((one) => one.connection === connection).length;
    this.learned.sessionsSeen = Math.max(this.learned.sessionsSeen, count);
    channel.once("close", () => {
      this.#running.delete(channel);
      this.#release(connection);
    });
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
    clearTimeout(this.#idle.get(connection));
    const closeIfIdle = () => {
      if (connection.isIdle) connection.close();
    };
    this.#idle.set(connection, setTimeout(closeIfIdle, this.idleMaxMs).unref());
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
