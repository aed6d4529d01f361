/** Connects to a host: a way to it, handshake, host key, authentication. */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Client } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import { offeredAlgorithms } from "./algorithms.ts";
import { type Asker, nobody } from "./auth/asker.ts";
import { Authentication } from "./auth/auth.ts";
import { findIdentities } from "./auth/identities.ts";
import type { HostConfig } from "./config/config.ts";
import { Connection, type ConnectionFacts, hangUp } from "./connection.ts";
import { connectionFault, isKeyProblem, type Phase, type SshError } from "./connection-fault.ts";
import { Deadline } from "./deadline.ts";
import { admitHostKey } from "./host-key/admit-host-key.ts";
import { fingerprint, hostKeyType } from "./host-key/host-key.ts";
import { findHostKeys } from "./host-key/known-hosts.ts";
import { revokedKeyFault } from "./host-key/revoked-keys.ts";
import { watchForSilence } from "./keepalive.ts";
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
 * "auth", "interrupted" (by `signal`).
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
  const authentication = new Authentication(config, identities, asker, (work) => deadline.rest(work));
  let phase: Phase = "connecting";
  const startMs = performance.now();
  let agreed: Negotiated | undefined;
  let refusedKey: Fault | undefined;
  let admittedKey: Buffer | undefined;

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
      .on("handshake", (negotiated) => {
        phase = "authentication";
        // Later ones come with new keys for the same connection.
        agreed ??= negotiated as unknown as Negotiated;
      })
      .on("ready", () => {
        phase = "open";
        authentication.succeeded();
        signal?.removeEventListener("abort", giveUp);
        deadline.end();
        const acceptedBy = authentication.acceptedBy;
        const connectMs = performance.now() - startMs;
        const facts = factsOf(client, stream, agreed!, { hostKey: admittedKey!, acceptedBy, connectMs });
        connection = new Connection(client, stream, describe, facts, config.environment);
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
        algorithms: offeredAlgorithms(config, knownKeys),
        hostVerifier: (key: Buffer, verified: (isGood: boolean) => void) => {
          // Both sides may exchange keys again at any time.
          if (admittedKey?.equals(key)) return verified(true);
          const address = stream instanceof Socket ? (stream.remoteAddress ?? null) : null;
          const admit = async () =>
            (await revokedKeyFault(config, key)) ??
            admitHostKey(config, knownKeys, { key, address, isOver: () => over }, asker);
          void deadline.rest(admit()).then((fault) => {
            if (fault === null) admittedKey = key;
            else refusedKey = fault;
            // ssh2 throws where there is no connection any more.
            if (!over) verified(fault === null);
          });
        },
        authHandler: authentication.handler,
      });
  });
}

function goneWhileAsking(host: string): Fault {
  const hint = "a server waits only so long for an answer (LoginGraceTime)";
  return new Fault("connection", `${host} closed the connection while the user was asked`, hint, true);
}

/** What ssh2 tells of a handshake; its types know less. */
interface Negotiated {
  readonly kex: string;
  readonly cs: { readonly cipher: string; readonly mac: string; readonly compress: string };
}

function factsOf(
  client: Client,
  stream: Duplex,
  { kex, cs }: Negotiated,
  { hostKey, ...known }: { hostKey: Buffer; acceptedBy: string; connectMs: number },
): ConnectionFacts {
  const { remoteAddress, remotePort } = stream as Partial<Socket>;
  const address = remoteAddress?.includes(":") ? `[${remoteAddress}]` : remoteAddress;
  return {
    // Not in its types, but its own checks of the server's software read it, too.
    server: (client as unknown as { _remoteVer?: string })._remoteVer ?? "",
    address: address === undefined ? "" : `${address}:${remotePort}`,
    keyExchange: kex,
    cipher: cs.cipher,
    mac: cs.mac,
    compression: cs.compress,
    hostKeyType: hostKeyType(hostKey),
    hostKeyFingerprint: fingerprint(hostKey),
    ...known,
  };
}

function timedOut(): SshError {
  return Object.assign(new Error("timed out"), { level: "client-timeout" });
}
