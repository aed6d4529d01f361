/** Which algorithms are offered to a server. */
import type { CipherAlgorithm, ServerHostKeyAlgorithm } from "ssh2";
import type { HostKeyEntry } from "./known-hosts.ts";

/** Fastest first: AES-GCM needs no separate MAC, and processors have instructions for it. */
export const ciphers: CipherAlgorithm[] = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
];

/** RSA keys sign with SHA-2 only: SHA-1 is broken, and OpenSSH refuses it since 8.8. */
const signatures: Record<string, ServerHostKeyAlgorithm[]> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** Host key algorithms, those of keys that are already known first, so that the server shows a key we can check. */
export function hostKeyAlgorithms(known: HostKeyEntry[]): ServerHostKeyAlgorithm[] {
  const knownTypes = known.filter((entry) => entry.marker === "").map((entry) => entry.keyType);
  const types = new Set([...knownTypes, ...Object.keys(signatures)]);
  return [...types].flatMap((type) => signatures[type] ?? []);
}
