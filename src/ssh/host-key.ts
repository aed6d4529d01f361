/** Judges the key that a server offers. Pure; see known-hosts.ts for where the known keys come from. */
import { createHash } from "node:crypto";
import { Fault } from "../core/fault.ts";
import type { Asker } from "./asker.ts";
import type { HostConfig } from "./config.ts";
import { type HostKeyEntry, knownHostsName } from "./known-hosts.ts";

/** What the known_hosts entries say about an offered key. Only "known" lets the connection go on. */
export type HostKeyVerdict = "known" | "unknown" | { changed: HostKeyEntry } | { revoked: HostKeyEntry };

/**
 * Judges `offered` (a key blob, RFC 4253 6.6). A revocation wins over everything. "Changed" means that another
 * key of the same type is known for the host; when only other types are known, the key is "unknown", as in ssh.
 */
export function judgeHostKey(entries: HostKeyEntry[], offered: Buffer): HostKeyVerdict {
  const keyBase64 = offered.toString("base64");
  const same = entries.filter((entry) => entry.keyBase64 === keyBase64);
  const revoked = same.find((entry) => entry.marker === "@revoked");
  if (revoked !== undefined) return { revoked };
  if (same.some((entry) => entry.marker === "")) return "known";
  const keyType = hostKeyType(offered);
  const changed = entries.find((entry) => entry.marker === "" && !entry.anyPort && entry.keyType === keyType);
  return changed === undefined ? "unknown" : { changed };
}

/** The type that is written in front of a key blob, for example "ssh-ed25519". */
export function hostKeyType(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString("latin1");
}

/** The fingerprint as OpenSSH prints it: `SHA256:` and unpadded base64. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** Decides about the key that a server offers, asking the user where the configuration wants that; null lets it in. */
export async function admitHostKey(
  config: HostConfig,
  known: HostKeyEntry[],
  offered: Buffer,
  _asker: Asker,
): Promise<Fault | null> {
  return hostKeyFault(judgeHostKey(known, offered), offered, config) ?? null;
}

/** Why a host key is refused, and what to do; `undefined` for a known key. */
export function hostKeyFault(
  verdict: HostKeyVerdict,
  offered: Buffer,
  config: HostConfig,
): Fault | undefined {
  if (verdict === "known") return undefined;
  const host = `${config.hostname}:${config.port}`;
  const key = `${hostKeyType(offered)} key ${fingerprint(offered)}`;
  if (verdict === "unknown") {
    return new Fault(
      "host-key",
      `the host key of ${host} is not known: it offers the ${key}`,
      `compare the fingerprint with the server's own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there), then connect once with: ${config.sshCommand}`,
    );
  }
  if ("revoked" in verdict) {
    return new Fault(
      "host-key",
      `the host key of ${host} is REVOKED: the ${key} is marked so in ${place(verdict.revoked)}`,
      "do not connect; ask whoever runs the server for its new key",
    );
  }
  return new Fault(
    "host-key",
    `the host key of ${host} has CHANGED: it offers the ${key}, but another one is in ${place(verdict.changed)}`,
    `someone may be listening in; only if the change is expected, remove the old key with: ssh-keygen -R '${knownHostsName(config)}' -f '${verdict.changed.file}'`,
  );
}

function place(entry: HostKeyEntry): string {
  return `${entry.file} line ${entry.line}`;
}
