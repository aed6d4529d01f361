/** One connection for each (user, host, port, way to it), shared by everything in the process. */
import { type Fault, isFault } from "../core/fault.ts";
import { type Asker, nobody } from "./asker.ts";
import { type HostConfig, type HostRequest, resolveHost, type SshOptions } from "./config.ts";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";

type Attempt = Promise<Connection | Fault>;

/** Hands out connections and keeps them. It never waits before it tries again: that is up to the caller. */
export class ConnectionPool {
  readonly #options: SshOptions;
  /** By what was asked for, so that `ssh -G` runs once for a connection, not once for a call. */
  readonly #byRequest = new Map<string, Attempt>();
  /** By what it resolves to, so that two names of one host share a connection. */
  readonly #byAddress = new Map<string, Attempt>();
  readonly #shutdown = new AbortController();

  constructor(
    options: SshOptions,
    private readonly asker: Asker = nobody,
  ) {
    this.#options = options;
  }

  /**
   * The connection to `host`: the open one, the one being made, or a new one when there is none or it was lost.
   * Faults are not kept. They are those of `resolveHost` and `connect`; after `closeAll`, "interrupted".
   */
  connection(host: HostRequest): Attempt {
    const request = JSON.stringify([host.user, host.host, host.port]);
    return share(this.#byRequest, request, async () => {
      const config = await resolveHost(host, this.#options);
      if (isFault(config)) return config;
      return this.#open(config);
    });
  }

  /** The connection that `config` leads to; hosts on the way are shared as well. */
  #open(config: HostConfig): Attempt {
    const { signal } = this.#shutdown;
    return share(this.#byAddress, JSON.stringify(addressOf(config)), () =>
      connect(config, { signal, asker: this.asker, through: (jump) => this.#open(jump) }),
    );
  }

  /** Closes every connection, gives up those being made, and refuses new ones. */
  async closeAll(): Promise<void> {
    this.#shutdown.abort();
    const connections = await Promise.all(this.#byAddress.values());
    for (const connection of connections) {
      if (!isFault(connection)) connection.close();
    }
  }
}

/** What tells one connection from another: who, where, and by which way. */
function addressOf({ user, hostname, port, jump, proxyCommand }: HostConfig): unknown[] {
  return [user, hostname, port, proxyCommand, jump === null ? null : addressOf(jump)];
}

/** The living or pending attempt under `key`, or else the one that `start` begins. */
async function share(attempts: Map<string, Attempt>, key: string, start: () => Attempt): Attempt {
  for (;;) {
    const held = attempts.get(key);
    const attempt = held ?? start();
    attempts.set(key, attempt);
    let alive = false;
    try {
      const result = await attempt;
      alive = !isFault(result) && result.alive;
      // A held connection that turns out dead is replaced; an attempt of our own is the answer, whatever it is.
      if (alive || isFault(result) || held === undefined) return result;
    } finally {
      if (!alive && attempts.get(key) === attempt) attempts.delete(key);
    }
  }
}
