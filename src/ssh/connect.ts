/** Connects to a host: a way to it, handshake, host key, authentication. */
import { Client } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import { ciphers, hostKeyAlgorithms } from "./algorithms.ts";
import { type Asker, nobody } from "./asker.ts";
import { Authentication } from "./auth.ts";
import type { HostConfig } from "./config.ts";
import { Connection, hangUp } from "./connection.ts";
import { connectionFault, isKeyProblem, type Phase, type SshError } from "./connection-fault.ts";
import { Deadline } from "./deadline.ts";
import { admitHostKey } from "./host-key.ts";
import { findIdentities } from "./identities.ts";
import { watchForSilence } from "./keepalive.ts";
import { findHostKeys } from "./known-hosts.ts";
import { openTransport, type Through } from "./transport.ts";

/** What connecting needs besides the configuration. */
export interface Connecting {
  /** Gives up the attempt. */
  readonly signal?: AbortSignal;
  readonly asker?: Asker;
  /** Without it, each host on the way gets a connection of its own. */
  readonly through?: Through;
}

/**
 * Opens a connection. Faults: "connection" (retry, unless the two sides have no algorithm in common), "host-key",
 * "auth", "missing-program" (ssh-keygen), "interrupted" (by `signal`).
 */
export async function connect(config: HostConfig, connecting: Connecting = {}): Promise<Connection | Fault> {
  const { signal, through = (jump) => connect(jump, connecting) } = connecting;
  const [knownKeys, identities] = await Promise.all([findHostKeys(config), findIdentities(config)]);
  if (isFault(knownKeys)) return knownKeys;
  const describe = `${config.user}@${config.hostname}:${config.port}`;
  const givenUp = () => new Fault("interrupted", `connecting to ${describe} was given up`);
  if (signal?.aborted) return givenUp();
  const transport = await openTransport(config, through);
  if (isFault(transport)) return transport;
  const { stream, said } = transport;
  if (signal?.aborted) {
    hangUp(stream);
    return givenUp();
  }

  const client = new Client();
  const deadline = new Deadline(config.connectTimeoutMs);
  const asker = deadline.resting(connecting.asker ?? nobody);
  const authentication = new Authentication(config, identities, asker);
  let phase: Phase = "connecting";
  let refusedKey: Fault | undefined;

  return new Promise((resolve) => {
    let connection: Connection | undefined;
    let over = false;
    const end = (reason: Fault) => {
      if (over) return;
      over = true;
      signal?.removeEventListener("abort", giveUp);
      deadline.end();
      authentication.stop();
      if (connection === undefined) hangUp(stream);
      else connection.lose(reason);
      resolve(reason);
    };
    const giveUp = () => end(givenUp());
    const fail = (error?: SshError) => {
      const fault =
        refusedKey ??
        (deadline.isResting
          ? goneWhileAsking(describe)
          : connectionFault(error, phase, config, authentication));
      end(
        said() === ""
          ? fault
          : new Fault(fault.code, `${fault.message} (${said()})`, fault.hint, fault.retry),
      );
    };
    signal?.addEventListener("abort", giveUp);
    deadline.begin(() => fail(timedOut()));

    // A socket says when it is open; a channel or a program is open from the start.
    if (config.jump !== null || config.proxyCommand !== "") phase = "handshake";
    client
      .on("connect", () => {
        phase = "handshake";
      })
      .on("handshake", () => {
        phase = "authentication";
      })
      .on("ready", () => {
        phase = "open";
        authentication.succeeded();
        signal?.removeEventListener("abort", giveUp);
        deadline.end();
        connection = new Connection(client, stream, describe);
        const { keepaliveIntervalMs: intervalMs, keepaliveCountMax: countMax } = config;
        watchForSilence(stream, { intervalMs, countMax }, () => {
          const silentS = (intervalMs * (countMax + 1)) / 1000;
          end(new Fault("connection", `${describe} has not answered for ${silentS} s`, "", true));
          stream.destroy();
        });
        resolve(connection);
      })
      .on("error", (error: SshError) => {
        if (isKeyProblem(error)) authentication.keyFailed(error.message);
        else fail(error);
      })
      .on("close", () => fail())
      .on("change password", () => end(authentication.passwordExpired()))
      .connect({
        sock: stream,
        username: config.user,
        readyTimeout: 0,
        // Only asks; watchForSilence judges.
        keepaliveInterval: config.keepaliveIntervalMs,
        keepaliveCountMax: Number.POSITIVE_INFINITY,
        algorithms: { cipher: ciphers, serverHostKey: hostKeyAlgorithms(knownKeys), compress: ["none"] },
        hostVerifier: (key: Buffer, verified: (isGood: boolean) => void) => {
          void admitHostKey(config, knownKeys, key, asker).then((fault) => {
            refusedKey = fault ?? undefined;
            verified(fault === null);
          });
        },
        authHandler: authentication.handler,
      });
  });
}

function goneWhileAsking(host: string): Fault {
  const hint = "a server waits only so long for an answer (LoginGraceTime)";
  return new Fault("connection", `${host} closed the connection while a question was open`, hint, true);
}

function timedOut(): SshError {
  return Object.assign(new Error("timed out"), { level: "client-timeout" });
}
