/** Connects to a host: TCP, handshake, host key, authentication. */
import { connect as connectSocket } from "node:net";
import { Client } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import { ciphers, hostKeyAlgorithms } from "./algorithms.ts";
import { Authentication } from "./auth.ts";
import type { HostConfig } from "./config.ts";
import { Connection, hangUp } from "./connection.ts";
import { connectionFault, isKeyProblem, type Phase, type SshError } from "./connection-fault.ts";
import { hostKeyFault, judgeHostKey } from "./host-key.ts";
import { findIdentities } from "./identities.ts";
import { watchForSilence } from "./keepalive.ts";
import { findHostKeys } from "./known-hosts.ts";

/**
 * Opens a connection; `signal` gives up the attempt. Faults: "connection" (retry, unless the two sides have no
 * algorithm in common), "host-key", "auth", "missing-program" (ssh-keygen), "interrupted" (by `signal`).
 */
export async function connect(config: HostConfig, signal?: AbortSignal): Promise<Connection | Fault> {
  const [knownKeys, identities] = await Promise.all([findHostKeys(config), findIdentities(config)]);
  if (isFault(knownKeys)) return knownKeys;
  const describe = `${config.user}@${config.hostname}:${config.port}`;
  const givenUp = () => new Fault("interrupted", `connecting to ${describe} was given up`);
  if (signal?.aborted) return givenUp();

  const authentication = new Authentication(config, identities);
  const socket = connectSocket({
    host: config.hostname,
    port: config.port,
    family: config.addressFamily,
    noDelay: true,
  });
  const client = new Client();
  let phase: Phase = "connecting";
  let refusedKey: Fault | undefined;

  return new Promise((resolve) => {
    let connection: Connection | undefined;
    let over = false;
    const end = (reason: Fault) => {
      if (over) return;
      over = true;
      signal?.removeEventListener("abort", giveUp);
      if (connection === undefined) hangUp(socket);
      else connection.lose(reason);
      resolve(reason);
    };
    const giveUp = () => end(givenUp());
    const fail = (error?: SshError) =>
      end(refusedKey ?? connectionFault(error, phase, config, authentication));
    signal?.addEventListener("abort", giveUp);

    client
      .on("connect", () => {
        phase = "handshake";
      })
      .on("handshake", () => {
        if (phase === "handshake") phase = "authentication";
      })
      .on("ready", () => {
        phase = "open";
        signal?.removeEventListener("abort", giveUp);
        connection = new Connection(client, socket, describe);
        const { keepaliveIntervalMs: intervalMs, keepaliveCountMax: countMax } = config;
        watchForSilence(socket, { intervalMs, countMax }, () => {
          const silentS = (intervalMs * (countMax + 1)) / 1000;
          end(new Fault("connection", `${describe} has not answered for ${silentS} s`, "", true));
          socket.destroy();
        });
        resolve(connection);
      })
      .on("error", (error: SshError) => {
        if (isKeyProblem(error)) authentication.keyFailed(error.message);
        else fail(error);
      })
      .on("close", () => fail())
      .connect({
        sock: socket,
        username: config.user,
        readyTimeout: config.connectTimeoutMs,
        // Only asks; watchForSilence judges.
        keepaliveInterval: config.keepaliveIntervalMs,
        keepaliveCountMax: Number.POSITIVE_INFINITY,
        algorithms: { cipher: ciphers, serverHostKey: hostKeyAlgorithms(knownKeys), compress: ["none"] },
        hostVerifier: (key: Buffer) => {
          refusedKey = hostKeyFault(judgeHostKey(knownKeys, key), key, config);
          return refusedKey === undefined;
        },
        authHandler: authentication.handler,
      });
  });
}
