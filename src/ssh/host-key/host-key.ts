/** Judges the key that a server offers. Pure; see known-hosts.ts for where the known keys come from. */
import { createHash } from "node:crypto";
import { Fault } from "../../core/fault.ts";
import type { HostConfig } from "../config/config.ts";
import { canBeListed, type HostKeyEntry, knownHostsName } from "./known-hosts.ts";

/** What the known_hosts entries say about an offered key. Only "known" lets the connection go on. */
export type HostKeyVerdict = "known" | "unknown" | { changed: HostKeyEntry } | { revoked: HostKeyEntry };

/**
 * Judges `offered` (a key blob, RFC 4253 6.6). A revocation wins over everything. "Changed" means that other keys
 * are known for the host, of whatever type, as in ssh: a server cannot slip in as new with a key of another type.
 */
export function judgeHostKey(entries: HostKeyEntry[], offered: Buffer): HostKeyVerdict {
  const keyBase64 = offered.toString("base64");
  const revoked = entries.find((entry) => entry.marker === "@revoked" && entry.keyBase64 === keyBase64);
  if (revoked !== undefined) return { revoked };
  const plain = entries.filter((entry) => entry.marker === "");
  const exact = plain.filter((entry) => !entry.anyPort);
  // What is known of the very port is all that counts, if there is anything.
  if ((exact.length > 0 ? exact : plain).some((entry) => entry.keyBase64 === keyBase64)) return "known";
  const keyType = hostKeyType(offered);
  const changed = exact.find((entry) => entry.keyType === keyType) ?? exact[0];
  return changed === undefined ? "unknown" : { changed };
}

/** The type that is written in front of a key blob, for example "ssh-ed25519". */
export function hostKeyType(key: Buffer): string {
  return key.toString("latin1", 4, 4 + key.readUInt32BE(0));
}

const shortTypes: Record<string, string> = { "ssh-ed25519": "ED25519", "ssh-rsa": "RSA", "ssh-dss": "DSA" };

/** The type as OpenSSH calls it in its messages, for example "ED25519" or "ECDSA". */
export function shortKeyType(key: Buffer): string {
  const type = hostKeyType(key);
  return shortTypes[type] ?? (type.startsWith("ecdsa-sha2-") ? "ECDSA" : type);
}

/** The fingerprint as OpenSSH prints it: `SHA256:` and unpadded base64. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/**
 * Why a host key is refused, and what to do; null for a known key. Changed and revoked keys are refused even with
 * StrictHostKeyChecking no, where OpenSSH goes on without passwords.
 */
export function hostKeyFault(
  verdict: HostKeyVerdict,
  known: HostKeyEntry[],
  offered: Buffer,
  config: HostConfig,
): Fault | null {
  if (verdict === "known") return null;
  const host = `${config.hostname}:${config.port}`;
  const key = `${hostKeyType(offered)} key ${fingerprint(offered)}`;
  if (verdict === "unknown") {
    const authority = certificateAuthority(known);
    return new Fault(
      "host-key",
      `the host key of ${host} is not known: it offers the ${key}${authority === "" ? "" : ` (${authority})`}`,
      `compare the fingerprint with the server's own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there), then ${wayIn(config)}`,
    );
  }
  if ("revoked" in verdict) {
    return new Fault(
      "host-key",
      `the host key of ${host} is REVOKED: the ${key} is marked so in ${place(verdict.revoked)}`,
      "do not connect; ask whoever runs the server for its new key",
    );
  }
  const { changed } = verdict;
  return new Fault(
    "host-key",
    `the host key of ${host} has CHANGED: it offers the ${key}, but the ${changed.keyType} key in ${place(changed)} is another one`,
    `someone may be listening in; only if the change is expected, remove the old key with: ssh-keygen -R ${quote(knownHostsName(config))} -f ${quote(changed.file)}`,
  );
}

/** Says that certificates are of no use here, if the host is to show one; empty if not. */
export function certificateAuthority(known: HostKeyEntry[]): string {
  const entry = known.find(({ marker }) => marker === "@cert-authority");
  if (entry === undefined) return "";
  return `${place(entry)} trusts a certificate authority for it, but tsync cannot check certificates of hosts`;
}

/** How an unknown key becomes a known one. */
function wayIn(config: HostConfig): string {
  if (config.userKnownHostsFiles.length === 0) return "name a file with UserKnownHostsFile for it";
  if (!canBeListed(config))
    return "give the host a plain name with HostKeyAlias: known_hosts cannot hold this one";
  if (config.strictHostKeyChecking !== "yes") return `connect once with: ${config.sshCommand}`;
  return `add the key to ${config.userKnownHostsFiles[0]} (StrictHostKeyChecking is set to yes)`;
}

function place(entry: HostKeyEntry): string {
  return `${entry.file} line ${entry.line}`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
