/** An open SSH connection. See connect.ts for how one is made. */
import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { Fault } from "../core/fault.ts";

/** How long the farewell may take before the stream is torn down. */
const farewellMs = 1_000;

/** How long a server may take to open a channel and start a command in it. */
const openMaxMs = 60_000;

/** What ssh2 says of a channel that was not opened; without a reason, of one in which nothing was started. */
type SessionError = Error & { reason?: number | string };

/** What was agreed on when a connection was made; for people. */
export interface ConnectionFacts {
  /** The server's software, as it calls itself. */
  readonly server: string;
  /** Numeric address and port; empty if the way leads through another host or a program. */
  readonly address: string;
  /** Algorithms as OpenSSH names them. `mac` is empty where the cipher needs none. */
  readonly keyExchange: string;
  readonly cipher: string;
  readonly mac: string;
  readonly compression: string;
  /** The server's key: its type, and its fingerprint as OpenSSH prints it. */
  readonly hostKeyType: string;
  readonly hostKeyFingerprint: string;
  /** What the server accepted, for example a key's file. */
  readonly acceptedBy: string;
  /** How long it took until commands could be run, in milliseconds. */
  readonly connectMs: number;
}

/** What is known of a command before it runs; it decides over which of several connections. */
export interface Use {
  /** Whose it is: nobody is held up by what is his own. */
  readonly owner?: object;
  /** Much will be sent. */
  readonly isLarge?: boolean;
  /** It is run only if there is room for it: no connection is opened for it, and it waits for nothing. */
  readonly isSpare?: boolean;
  /** Called, perhaps often, while somebody waits for a session and none can be had: whoever can spare this one ends it. */
  readonly onWanted?: () => void;
}

/** What runs commands on a host: a connection, or several that are used as one (see `Host`). */
export interface Executor extends Pick<Connection, "describe" | "facts" | "alive" | "closed" | "forward"> {
  /** See `Connection.exec`. */
  exec(command: string | Uint8Array, use?: Use): Promise<ClientChannel | Fault>;
}

/** A connection to one host, shared by everything that talks to it: each command has a channel of its own. */
export class Connection {
  /** `user@host:port`. */
  readonly describe: string;
  /** Resolves once, never rejects: with the reason, when the connection is lost (retry) or was closed by us. */
  readonly closed: Promise<Fault>;
  readonly #client: Client;
  readonly #stream: Duplex;
  readonly #end: (reason: Fault) => void;
  readonly #environment: Record<string, string>;
  #alive = true;
  #sessions = 0;
  #forwards = 0;

  /**
   * `client` must be ready and use `stream`. Whoever makes the connection reports its loss with `lose`.
   * `environment`: variables for each command, as far as the server accepts them.
   */
  constructor(
    client: Client,
    stream: Duplex,
    describe: string,
    readonly facts: ConnectionFacts,
    environment: Readonly<Record<string, string>> = {},
  ) {
    const { promise, resolve } = Promise.withResolvers<Fault>();
    this.#client = client;
    this.#stream = stream;
    this.#end = resolve;
    this.#environment = environment;
    this.describe = describe;
    this.closed = promise;
  }

  /** False from the moment the connection is known to be lost, or was closed. */
  get alive(): boolean {
    return this.#alive;
  }

  /** How many sessions are open, or about to be. */
  get sessions(): number {
    return this.#sessions;
  }

  /** True if nothing runs over it. */
  get isIdle(): boolean {
    return this.#sessions + this.#forwards === 0;
  }

  /**
   * Runs `command` in the user's login shell there. The bytes arrive as they are (a string as UTF-8), except NUL,
   * which the server refuses. The channel is stdin and stdout, `channel.stderr` is stderr, and both must be read:
   * `close` comes after the last of the output (see `channelExit`). When the connection is lost, writes that are
   * under way never call back and there is no `drain` or `error`, only `end` and `close`: whoever waits to write
   * must watch `close`, too. Fault: "connection" with retry, when the connection is lost or the server allows no
   * further channel (MaxSessions; it frees one a moment after the channel has closed).
   */
  async exec(command: string | Uint8Array): Promise<ClientChannel | Fault> {
    const channel = await this.tryExec(command);
    if (channel !== null) return channel;
    return new Fault(
      "connection",
      `${this.describe} opened no further session`,
      "MaxSessions in the server's sshd_config limits how many there can be",
      true,
    );
  }

  /** As `exec`, but null where the server allows no further session. */
  async tryExec(command: string | Uint8Array): Promise<ClientChannel | Fault | null> {
    if (!this.#alive) return this.closed;
    const { promise, resolve } = Promise.withResolvers<ClientChannel | Fault | null>();
    this.#sessions++;
    // One that does not do that will not do anything else either.
    const timer = setTimeout(() => {
      const what = `${this.describe} did not start a command for ${openMaxMs / 1000} s`;
      this.lose(new Fault("connection", what, "", true));
      resolve(this.closed);
    }, openMaxMs);
    const fail = (error: SessionError) => {
      this.#sessions--;
      if (!this.#alive) resolve(this.closed);
      // Only a channel that the server did not open has one.
      else if (typeof error.reason === "number") resolve(null);
      else resolve(this.#refused(error));
    };
    // Protocol.exec sends a Buffer as it is; the types only know strings.
    const bytes = Buffer.from(command as Uint8Array) as unknown as string;
    try {
      this.#client.exec(bytes, { env: this.#environment }, (error, channel) => {
        clearTimeout(timer);
        if (error !== undefined) return fail(error as SessionError);
        channel.once("close", () => {
          this.#sessions--;
        });
        resolve(channel);
      });
    } catch (error) {
      // Thrown while the socket is half closed.
      clearTimeout(timer);
      fail(error as Error);
    }
    return promise;
  }

  /** Opens a TCP connection from there to `port` of `host`, within `maxMs`. Fault: "connection" with retry. */
  async forward(host: string, port: number, maxMs: number): Promise<Duplex | Fault> {
    if (!this.#alive) return this.closed;
    const { promise, resolve } = Promise.withResolvers<Duplex | Fault>();
    const refused = (reason: string) =>
      new Fault(
        "connection",
        `${this.describe} opened no connection to ${host}:${port}${reason}`,
        "check the address as seen from there, and AllowTcpForwarding in its sshd_config",
        true,
      );
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      resolve(refused(` within ${maxMs / 1000} s`));
    }, maxMs);
    this.#forwards++;
    const fail = (error: Error) => {
      this.#forwards--;
      resolve(this.#alive ? refused(`: ${error.message}`) : this.closed);
    };
    try {
      this.#client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
        clearTimeout(timer);
        if (error !== undefined) return fail(error);
        channel.once("close", () => {
          this.#forwards--;
        });
        if (isLate) channel.destroy();
        resolve(channel);
      });
    } catch (error) {
      // Thrown while the stream is half closed.
      clearTimeout(timer);
      fail(error as Error);
    }
    return promise;
  }

  /** Says goodbye and closes. Channels that are still open break off. */
  close(): void {
    if (!this.#alive) return;
    this.lose(new Fault("interrupted", `the connection to ${this.describe} was closed`));
  }

  /** Marks the connection as lost for `reason` and lets go of the stream. Only the first reason counts. */
  lose(reason: Fault): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#client.end();
    hangUp(this.#stream);
    this.#end(reason);
  }

  #refused(error: Error): Fault {
    return new Fault("connection", `${this.describe} opened no channel: ${error.message}`, "", true);
  }
}

/** Closes `stream` after what was written has left, and in any case soon. */
export function hangUp(stream: Duplex): void {
  const timer = setTimeout(() => stream.destroy(), farewellMs).unref();
  stream.once("close", () => clearTimeout(timer));
  stream.end(() => stream.destroy());
}
