/** One host for each (user, host, port, way to it, way to log in), shared by everything in the process. */
import { type Fault, isFault } from "../core/fault.ts";
import { type Asker, nobody } from "./auth/asker.ts";
import { type HostConfig, type HostRequest, resolveHost, type SshOptions } from "./config/config.ts";
import { connect } from "./connect.ts";
import { Host, type Learned, nothingLearned } from "./host.ts";
import type { Through } from "./transport.ts";

type Attempt = Promise<Host | Fault>;

/** The hosts of a process, whatever options they are reached with. */
export class Hosts {
  readonly #byAddress = new Map<string, Attempt>();
  readonly #learned = new Map<string, Learned>();
  readonly #told = new Set<string>();
  readonly #shutdown = new AbortController();
  readonly #onReachable = new Set<() => void>();

  constructor(private readonly asker: Asker = nobody) {}

  /** The host that `config` leads to; hosts on the way are shared as well. */
  open(config: HostConfig): Attempt {
    const { signal } = this.#shutdown;
    const address = addressOf(config);
    return share(this.#byAddress, address, async () => {
      this.#tellWarnings(config);
      const first = await connect(config, { signal, asker: this.asker, through: (jump) => this.open(jump) });
      if (isFault(first)) return first;
      const learned = this.#learned.get(address) ?? { ...nothingLearned };
      this.#learned.set(address, learned);
      // What was typed for the first one is known; nobody is asked once more in the middle of the work.
      const { secrets } = this.asker;
      const asker = secrets === undefined ? nobody : { ...nobody, secrets };
      return new Host(first, () => connect(config, { signal, asker, through: this.#apart }), learned);
    });
  }

  /** The way through a host apart from what else goes through it. */
  readonly #apart: Through = async (jump) => {
    const host = await this.open(jump);
    if (isFault(host)) return host;
    return { forward: (name, port, maxMs) => host.forward(name, port, maxMs, true) };
  };

  /** Tells those who wait for hosts that one was reached, and worked. */
  tellReachable(): void {
    for (const listener of [...this.#onReachable]) listener();
  }

  /** Calls `listener` when a host was reached, whichever: the network is back then. Returns what ends that. */
  onReachable(listener: () => void): () => void {
    this.#onReachable.add(listener);
    return () => this.#onReachable.delete(listener);
  }

  /** Closes every connection, gives up those being made, and refuses new ones. */
  async closeAll(): Promise<void> {
    this.#shutdown.abort();
    const hosts = await Promise.all(this.#byAddress.values());
    for (const host of hosts) {
      if (!isFault(host)) host.close();
    }
  }

  /** Each once in the life of the process. */
  #tellWarnings({ warnings }: HostConfig): void {
    for (const warning of warnings) {
      if (!this.#told.has(warning)) this.asker.tell(`warning: ${warning}`);
      this.#told.add(warning);
    }
  }
}

/** Hands out hosts by name and keeps them. It never waits before it tries again: that is up to the caller. */
export class ConnectionPool {
  /** By what was asked for, so that `ssh -G` runs once for a connection, not once for a call. */
  readonly #byRequest = new Map<string, Attempt>();

  constructor(
    readonly options: SshOptions,
    readonly hosts = new Hosts(),
  ) {}

  /**
   * The host that is called `host`: one that is connected or being connected, or a new one when there is none or the
   * connection was lost. Faults are not kept. They are those of `resolveHost` and `connect`; after `closeAll`,
   * "interrupted".
   */
  connection(host: HostRequest): Attempt {
    return share(this.#byRequest, requestKey(host), async () => {
      const config = await resolveHost(host, this.options);
      return isFault(config) ? config : this.hosts.open(config);
    });
  }

  /** The host that is called `host`, if it is connected now; never connects, never waits. */
  async connected(host: HostRequest): Promise<Host | null> {
    const held = this.#byRequest.get(requestKey(host));
    const found = held === undefined ? null : await Promise.race([held, Promise.resolve(null)]);
    return found !== null && !isFault(found) && found.alive ? found : null;
  }

  /** Closes the connections to all hosts; see `Hosts.closeAll`. */
  closeAll(): Promise<void> {
    return this.hosts.closeAll();
  }
}

function requestKey({ user, host, port }: HostRequest): string {
  return JSON.stringify([user, host, port]);
}

/** All of a configuration that a connection depends on, and so not what the user called the host. */
function addressOf(config: HostConfig): string {
  const { jump, host: _host, sshCommand: _command, warnings: _warnings, ...rest } = config;
  return JSON.stringify([rest, jump === null ? null : addressOf(jump)]);
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
      // A held one that turns out dead is replaced; an attempt of our own is the answer, whatever it is.
      if (alive || isFault(result) || held === undefined) return result;
    } finally {
      if (!alive && attempts.get(key) === attempt) attempts.delete(key);
    }
  }
}
