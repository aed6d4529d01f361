/** The byte streams that a connection can run over: TCP, a channel through another host, a program of the user's. */
import { type ChildProcess, spawn } from "node:child_process";
import { connect as connectTcp } from "node:net";
import { Duplex } from "node:stream";
import { Fault, isFault } from "../core/fault.ts";
import type { HostConfig } from "./config/config.ts";
import type { Executor } from "./connection.ts";

/** A way to a host. */
export interface Transport {
  /** It may not be open yet; if it cannot be opened it emits `error`. */
  readonly stream: Duplex;
  /** What the program behind it said last on its standard error; empty for none. */
  readonly said: () => string;
}

/** Gives the connection to a host on the way. */
export type Through = (jump: HostConfig) => Promise<Pick<Executor, "forward"> | Fault>;

/**
 * Begins to open the way that `config` says. A fault comes at once only where a host on the way is in the way; it is
 * that host's, with its name in front.
 */
export async function openTransport(config: HostConfig, through: Through): Promise<Transport | Fault> {
  if (config.jump !== null) return await openThrough(config, config.jump, through);
  if (config.proxyCommand !== "") return runProxy(config.proxyCommand);
  const stream = connectTcp({
    host: config.hostname,
    port: config.port,
    family: config.addressFamily,
    noDelay: true,
    ...(config.bindAddress === "" ? {} : { localAddress: config.bindAddress }),
  });
  return { stream, said: () => "" };
}

async function openThrough(
  { hostname, port, connectTimeoutMs }: HostConfig,
  jump: HostConfig,
  through: Through,
): Promise<Transport | Fault> {
  const onTheWay = (fault: Fault) =>
    new Fault(fault.code, `on the way through ${jump.host}: ${fault.message}`, fault.hint, fault.retry);
  const connection = await through(jump);
  if (isFault(connection)) return onTheWay(connection);
  const stream = await connection.forward(hostname, port, connectTimeoutMs);
  return isFault(stream) ? onTheWay(stream) : { stream, said: () => "" };
}

/** How much of what a proxy program says is kept. */
const saidMax = 1_000;

/** How long a proxy program that has closed its output may take to end. */
const lastWordsMs = 500;

/** The programs that run. One that does not end with its input must not outlive tsync. */
const proxies = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of proxies) child.kill("SIGHUP");
});

/** Runs `command` as ssh runs a ProxyCommand: by the user's shell, which it replaces. */
function runProxy(command: string): Transport {
  // A process group of its own: a Ctrl-C is for tsync, which ends it when the connection is of no more use.
  const child = spawn(process.env.SHELL || "/bin/sh", ["-c", `exec ${command}`], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  proxies.add(child);
  let said = "";
  child.stderr.on("data", (data: Buffer) => {
    said = (said + data.toString()).slice(-saidMax);
  });
  const stream = new Duplex({
    read() {
      child.stdout.resume();
    },
    write(chunk, _encoding, done) {
      child.stdin.write(chunk, (error) => done(error));
    },
    final(done) {
      child.stdin.end(done);
    },
    destroy(error, done) {
      child.kill("SIGHUP");
      done(error);
    },
  });
  child.stdin.on("error", () => {});
  child.stdout.on("data", (data: Buffer) => {
    if (!stream.push(data)) child.stdout.pause();
  });
  // A program that fails closes both: what it said is to be read before its end is known.
  child.stdout.on("end", () => {
    const timer = setTimeout(() => stream.push(null), lastWordsMs);
    child.once("close", () => clearTimeout(timer));
  });
  child.on("error", (error) => stream.destroy(error));
  child.on("exit", () => proxies.delete(child));
  child.on("close", () => {
    stream.push(null);
    stream.destroy();
  });
  return { stream, said: () => said.trim() };
}
