/** An open SSH connection. See connect.ts for how one is made. */
import type { Socket } from "node:net";
import type { Client, ClientChannel } from "ssh2";
import { Fault } from "../core/fault.ts";

/** How long the farewell may take before the socket is torn down. */
const farewellMs = 1_000;

/** A connection to one host, shared by everything that talks to it: each command has a channel of its own. */
export class Connection {
  /** `user@host:port`. */
  readonly describe: string;
  /** Resolves once, never rejects: with the reason, when the connection is lost (retry) or was closed by us. */
  readonly closed: Promise<Fault>;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #end: (reason: Fault) => void;
  #alive = true;

  /** `client` must be ready and use `socket`. Whoever makes the connection reports its loss with `lose`. */
  constructor(client: Client, socket: Socket, describe: string) {
    const { promise, resolve } = Promise.withResolvers<Fault>();
    this.#client = client;
    this.#socket = socket;
    this.#end = resolve;
    this.describe = describe;
    this.closed = promise;
  }

  /** False from the moment the connection is known to be lost, or was closed. */
  get alive(): boolean {
    return this.#alive;
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
    if (!this.#alive) return this.closed;
    return new Promise((resolve) => {
      // Protocol.exec sends a Buffer as it is; the types only know strings.
      const bytes = Buffer.from(command as Uint8Array) as unknown as string;
      try {
        this.#client.exec(bytes, (error, channel) => {
          if (error === undefined) resolve(channel);
          else resolve(this.#alive ? this.#refused(error) : this.closed);
        });
      } catch (error) {
        // Thrown while the socket is half closed.
        resolve(this.#refused(error as Error));
      }
    });
  }

  /** Says goodbye and closes. Channels that are still open break off. */
  close(): void {
    if (!this.#alive) return;
    this.lose(new Fault("interrupted", `the connection to ${this.describe} was closed`));
  }

  /** Marks the connection as lost for `reason` and lets go of the socket. Only the first reason counts. */
  lose(reason: Fault): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#client.end();
    hangUp(this.#socket);
    this.#end(reason);
  }

  #refused(error: Error): Fault {
    return new Fault(
      "connection",
      `${this.describe} opened no channel: ${error.message}`,
      "MaxSessions in the server's sshd_config limits how many there can be",
      true,
    );
  }
}

/** Closes `socket` after what was written has left, and in any case soon. */
export function hangUp(socket: Socket): void {
  socket.destroySoon();
  const timer = setTimeout(() => socket.destroy(), farewellMs).unref();
  socket.once("close", () => clearTimeout(timer));
}
