/** A small SSH server for the demo: on loopback, inside this process, with fresh keys and one account. */
import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type AuthContext, type Connection, type ParsedKey, Server, utils } from "ssh2";
import { shellArguments, watchCommands } from "./command-bytes.ts";
import { type RunningCommand, runCommand } from "./run-command.ts";

export interface DemoServer {
  readonly port: number;
  /** The only account. */
  readonly user: string;
  /** The account's private key, as OpenSSH writes it. */
  readonly clientKey: string;
  /** The server's public key: type and base64. */
  readonly hostKey: string;
  /** Bytes that the clients sent, encrypted, as they are on the wire. */
  readonly bytesUp: number;
  /** Bytes that the clients received. */
  readonly bytesDown: number;
  resetBytes(): void;
  /** Cuts all connections. */
  hangUp(): void;
  /** Ends all connections and commands. */
  stop(): Promise<void>;
}

/** Decides about one attempt to log in. */
export type Authenticate = (context: AuthContext) => void;

/**
 * Starts a server whose account lives in `home`: commands start there. Without `authenticate`, the account's key is
 * what it takes to log in.
 */
export async function startDemoServer(home: string, authenticate?: Authenticate): Promise<DemoServer> {
  const user = "demo";
  const hostKeys = utils.generateKeyPairSync("ed25519");
  const clientKeys = utils.generateKeyPairSync("ed25519");
  const allowedKey = publicKey(clientKeys.public);
  const env = { HOME: home, USER: user, LOGNAME: user, PATH: process.env.PATH ?? "", SHELL: "/bin/sh" };
  const commands = new Set<RunningCommand>();

  // Without compression, watchCommands sees the packets' content.
  const ssh = new Server({ hostKeys: [hostKeys.private], algorithms: { compress: ["none"] } });
  ssh.on("connection", (connection) => {
    connection.on("error", () => {}); // the client is gone; "close" follows
    connection.on("authentication", (context) => {
      if (authenticate !== undefined) authenticate(context);
      else if (context.username === user && holdsKey(context, allowedKey)) context.accept();
      else context.reject(["publickey"]);
    });
    serveCommands(connection, (start) => {
      const command = start({ cwd: home, env });
      commands.add(command);
      void command.ended.then(() => commands.delete(command));
      return command;
    });
  });

  const traffic = new Traffic();
  const listener = createServer({ noDelay: true }, (socket) => {
    ssh.injectSocket(socket);
    traffic.add(socket);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");

  return {
    port: (listener.address() as AddressInfo).port,
    user,
    clientKey: clientKeys.private,
    hostKey: hostKeys.public,
    get bytesUp() {
      return traffic.up;
    },
    get bytesDown() {
      return traffic.down;
    },
    resetBytes: () => traffic.reset(),
    hangUp: () => traffic.hangUp(),
    async stop() {
      listener.close();
      traffic.hangUp();
      await Promise.all([...commands].map((command) => command.kill()));
    },
  };
}

function publicKey(line: string): ParsedKey {
  const key = utils.parseKey(line);
  if (key instanceof Error) throw key;
  return key;
}

/** True if the client names `key` and, once it signs, proves to hold its private half. */
function holdsKey(context: AuthContext, key: ParsedKey): boolean {
  if (context.method !== "publickey" || context.key.algo !== key.type) return false;
  const [given, wanted] = [context.key.data, key.getPublicSSH()];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return false;
  if (context.signature === undefined || context.blob === undefined) return true; // only asks: no login yet
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

type Start = (options: { cwd: string; env: Record<string, string> }) => RunningCommand;

/** Runs each command that is asked for over `connection`, until its channel or the connection closes. */
function serveCommands(connection: Connection, run: (start: Start) => RunningCommand): void {
  const commandBytes = watchCommands(connection);
  const running = new Set<RunningCommand>();
  connection.on("close", () => {
    for (const command of running) void command.kill();
  });
  connection.on("session", (acceptSession) => {
    const session = acceptSession();
    session.on("exec", (accept, _reject, info) => {
      const args = shellArguments(commandBytes() ?? Buffer.from(info.command));
      const command = run((options) => runCommand(accept(), args, options));
      running.add(command);
      let over = false;
      void command.ended.then(() => {
        over = true;
        running.delete(command);
      });
      session.on("close", () => {
        if (!over) void command.kill();
      });
    });
  });
}

/** Counts the bytes of all connections. */
class Traffic {
  readonly #sockets = new Set<Socket>();
  #closedUp = 0;
  #closedDown = 0;
  #upBefore = 0;
  #downBefore = 0;

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#closedUp += socket.bytesRead;
      this.#closedDown += socket.bytesWritten;
    });
  }

  get up(): number {
    return this.#totalUp - this.#upBefore;
  }

  get down(): number {
    return this.#totalDown - this.#downBefore;
  }

  reset(): void {
    this.#upBefore = this.#totalUp;
    this.#downBefore = this.#totalDown;
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  get #totalUp(): number {
    return [...this.#sockets].reduce((sum, socket) => sum + socket.bytesRead, this.#closedUp);
  }

  get #totalDown(): number {
    return [...this.#sockets].reduce((sum, socket) => sum + socket.bytesWritten, this.#closedDown);
  }
}
