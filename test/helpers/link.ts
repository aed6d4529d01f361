/**
 * A TCP proxy on loopback that behaves like a long line: bytes arrive half a round trip after they were sent,
 * as many as are sent. It can also fail in the ways lines fail.
 */
import { createServer, Socket } from "node:net";
import { DelayLine } from "./delay-line.ts";

export interface LinkOptions {
  /** The port on 127.0.0.1 that the link leads to. */
  targetPort: number;
  /** Round-trip time in ms. */
  rttMs: number;
  /** What the line carries each way, for all connections together; without it, as much as is sent. */
  bytesPerSecond?: number;
}

export interface Link {
  /** The port on 127.0.0.1 to connect to. */
  readonly port: number;
  /** Bytes from clients to the target, and back, since the start or `reset`; counted when the link gets them. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Connections opened since the start or `reset`; refused ones do not count. */
  readonly connections: number;
  /** Connections open now. */
  readonly open: number;
  /** Sets `bytesUp`, `bytesDown` and `connections` to 0. */
  reset(): void;
  /** Breaks all open connections; bytes under way are lost. */
  cut(): void;
  /** From now on closes new connections at once, or no longer does. */
  refuse(on: boolean): void;
  /** Forwards nothing and takes nothing more, but keeps connections open (also new ones), until `resume`. */
  stall(): void;
  resume(): void;
  /** Sets the round-trip time (ms) for bytes that arrive from now on. */
  setRtt(ms: number): void;
  /** Breaks all connections and ends the link. */
  stop(): Promise<void>;
}

/** A sender whose bytes the receiver does not take is held up at this many bytes under way. */
const underWayMax = 32 * 1024 * 1024;

/** The same on a line that carries only so much a second: what routers keep waiting of one connection. */
const queueMax = 64 * 1024;

/** `connect` opens the connection to the target; `abort` breaks the receiver's as the sender's broke. */
type Item = Buffer | "connect" | "end" | "abort";

interface State {
  rttMs: number;
  readonly bytesPerSecond: number;
  /** When all that was sent so far has left, by direction (ms of `performance.now()`). */
  readonly leftMs: { up: number; down: number };
  stalled: boolean;
  up: number;
  down: number;
}

/** Starts a link; it accepts connections when the promise resolves. */
export async function startLink(options: LinkOptions): Promise<Link> {
  const state: State = {
    rttMs: options.rttMs,
    bytesPerSecond: options.bytesPerSecond ?? Number.POSITIVE_INFINITY,
    leftMs: { up: 0, down: 0 },
    stalled: false,
    up: 0,
    down: 0,
  };
  const connections = new Set<Connection>();
  let opened = 0;
  let refusing = false;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    opened++;
    const connection = new Connection(client, options.targetPort, state, () =>
      connections.delete(connection),
    );
    connections.add(connection);
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const cut = () => {
    for (const connection of [...connections]) connection.cut();
  };
  const setStalled = (on: boolean) => {
    state.stalled = on;
    for (const connection of connections) connection.followStall();
  };

  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get bytesUp() {
      return state.up;
    },
    get bytesDown() {
      return state.down;
    },
    get connections() {
      return opened;
    },
    get open() {
      return connections.size;
    },
    reset() {
      state.up = 0;
      state.down = 0;
      opened = 0;
    },
    cut,
    refuse(on) {
      refusing = on;
    },
    stall: () => setStalled(true),
    resume: () => setStalled(false),
    setRtt(ms) {
      state.rttMs = ms;
    },
    stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      return closed;
    },
  };
}

/** One connection through the link: two sockets and a flow in each direction. */
class Connection {
  readonly #sockets: [client: Socket, target: Socket];
  readonly #flows: [up: Flow, down: Flow];

  constructor(client: Socket, targetPort: number, state: State, onClosed: () => void) {
    const target = new Socket({ allowHalfOpen: true });
    this.#sockets = [client, target];
    // The kernel has accepted the client at once, but over a long line it would have been connected, and so
    // could have begun to send, one round trip later; and its third packet connects the target.
    const established = performance.now() + state.rttMs;
    const up = new Flow(client, target, state, "up", established);
    this.#flows = [up, new Flow(target, client, state, "down", 0)];
    up.connectTo(targetPort);
    let closed = 0;
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on("close", () => {
        if (++closed === 2) onClosed();
      });
    }
    this.followStall();
  }

  followStall(): void {
    for (const flow of this.#flows) flow.followStall();
  }

  cut(): void {
    for (const flow of this.#flows) flow.drop();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Carries what `from` sends to `to`. */
class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #state: State;
  readonly #direction: "up" | "down";
  /** Before this time (ms of `performance.now()`) nothing can have been sent. */
  readonly #notBefore: number;
  readonly #line: DelayLine<Item>;
  #targetPort = 0;
  /** Bytes in the line. */
  #queued = 0;
  #dropped = false;

  constructor(from: Socket, to: Socket, state: State, direction: "up" | "down", notBefore: number) {
    this.#from = from;
    this.#to = to;
    this.#state = state;
    this.#direction = direction;
    this.#notBefore = notBefore;
    this.#line = new DelayLine((item) => this.#deliver(item));
    let ended = false;
    let failed = false;
    from.on("data", (chunk: Buffer) => {
      state[direction] += chunk.length;
      this.#queued += chunk.length;
      this.#send(chunk);
      this.#pace();
    });
    from.on("end", () => {
      ended = true;
      this.#send("end");
    });
    from.on("error", () => {
      failed = true;
    });
    from.on("close", () => {
      if (failed || !ended) this.#send("abort");
    });
    to.on("drain", () => this.#pace());
  }

  connectTo(targetPort: number): void {
    this.#targetPort = targetPort;
    this.#send("connect");
  }

  followStall(): void {
    if (this.#state.stalled) this.#line.stall();
    else this.#line.resume();
    this.#pace();
  }

  /** Loses what is under way and what comes. */
  drop(): void {
    this.#dropped = true;
    this.#line.clear();
  }

  #send(item: Item): void {
    if (this.#dropped) return;
    const { leftMs, bytesPerSecond, rttMs } = this.#state;
    const begun = Math.max(performance.now(), this.#notBefore, leftMs[this.#direction]);
    const sent = begun + (typeof item === "string" ? 0 : (item.length / bytesPerSecond) * 1_000);
    if (Number.isFinite(bytesPerSecond)) leftMs[this.#direction] = sent;
    this.#line.push(item, sent + rttMs / 2);
  }

  #deliver(item: Item): void {
    if (item === "connect") this.#to.connect(this.#targetPort, "127.0.0.1");
    else if (item === "end") this.#to.end();
    else if (item === "abort") this.#to.destroy();
    else {
      this.#queued -= item.length;
      if (!this.#to.destroyed) this.#to.write(item);
      this.#pace();
    }
  }

  /** Holds the sender up while the link is stalled or too much is under way. */
  #pace(): void {
    const underWay = this.#queued + this.#to.writableLength;
    const max = Number.isFinite(this.#state.bytesPerSecond) ? queueMax : underWayMax;
    if (this.#state.stalled || underWay > max) this.#from.pause();
    else if (this.#from.isPaused()) this.#from.resume();
  }
}
