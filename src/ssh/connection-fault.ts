/** Turns what ssh2 and the socket report into faults that say what happened. */

import { Fault } from "../core/fault.ts";
import type { Authentication } from "./auth/auth.ts";
import type { HostConfig } from "./config/config.ts";

/** How far the connection has come. */
export type Phase = "connecting" | "handshake" | "authentication" | "open";

/** What ssh2 emits as an error: `level` says which part failed; `code` is an errno name or an SSH disconnect reason. */
export type SshError = Error & { level?: string; code?: string | number };

/** True for an error after which ssh2 goes on by itself with the next key. */
export function isKeyProblem(error: SshError): boolean {
  return error.level === "agent" || (error.level === "client-authentication" && !isLastRefusal(error));
}

/** The fault for the error that ended a connection, or for its end without any (`undefined`). */
export function connectionFault(
  reported: SshError | undefined,
  phase: Phase,
  config: HostConfig,
  authentication: Authentication,
): Fault {
  const host = `${config.hostname}:${config.port}`;
  const error = reported !== undefined && isEnd(reported) ? undefined : reported;
  if (phase === "open") return lost(`the connection to ${host} was lost`, error);
  if (error === undefined) {
    const when = phase === "connecting" ? "at once" : `during the ${phase}`;
    return lost(`${host} closed the connection ${when}`);
  }
  if (isLastRefusal(error)) return authentication.fault();
  // A number is the reason of an SSH disconnect message; sshd sends one after too many keys.
  if (phase === "authentication" && typeof error.code === "number")
    return authentication.fault(error.message);
  if (error.level === "client-timeout") {
    const what = phase === "connecting" ? "did not answer" : `did not finish the ${phase}`;
    return lost(`${host} ${what} within ${config.connectTimeoutMs / 1000} s`);
  }
  if (error.level === "handshake") return handshakeFault(error, host);
  return phase === "connecting"
    ? connectFault(error, config)
    : lost(`the ${phase} with ${host} failed`, error);
}

/** True for an error that says no more than that the other side is gone. */
function isEnd({ code, message }: SshError): boolean {
  return code === "EPIPE" || code === "ECONNRESET" || message === "Connection lost before handshake";
}

function isLastRefusal(error: SshError): boolean {
  return error.level === "client-authentication" && error.message.startsWith("All configured");
}

function connectFault(error: SshError, config: HostConfig): Fault {
  const host = `${config.hostname}:${config.port}`;
  switch (error.code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
    case "EAI_NONAME":
      return new Fault(
        "connection",
        `the address of ${config.hostname} (port ${config.port}) was not found: ${error.code}`,
        "check the name, and whether the network is up",
        true,
      );
    case "ECONNREFUSED":
      return new Fault(
        "connection",
        `${host} refused the connection`,
        "check the port, and whether sshd runs there",
        true,
      );
    case "ETIMEDOUT":
      return lost(`${host} did not answer`, error);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return lost(`${host} is unreachable`, error);
    default:
      return lost(`cannot connect to ${host}`, error);
  }
}

function handshakeFault(error: SshError, host: string): Fault {
  const missing = /no matching (.+)$/.exec(error.message);
  return missing === null
    ? new Fault("connection", `the SSH handshake with ${host} failed: ${error.message}`)
    : new Fault(
        "connection",
        `${host} and tsync have no ${missing[1]} in common`,
        "tsync has curve25519, NIST and Diffie-Hellman key exchange, aes-gcm and aes-ctr ciphers; allow one in the server's sshd_config",
      );
}

function lost(message: string, error?: Error): Fault {
  return new Fault("connection", error === undefined ? message : `${message}: ${error.message}`, "", true);
}
