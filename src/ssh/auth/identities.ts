/** Finds the keys that can be offered: those of the agent and the private key files. */
import type { ParsedKey } from "ssh2";
import { printable } from "../../core/printable.ts";
import type { HostConfig } from "../config/config.ts";
import { fingerprint } from "../host-key/host-key.ts";
import { readAgent, signByAgent } from "./agent.ts";
import { type KeyFile, readKeyFile } from "./key-file.ts";
import type { Sign } from "./signer.ts";

/** One thing to authenticate with. `label` names it in messages. */
export type Identity =
  | { kind: "agent"; label: string; key: ParsedKey; sign: Sign }
  | { kind: "file"; label: string; key: ParsedKey }
  /** A passphrase is needed; without a `publicKey` before it can even be offered. */
  | { kind: "sealed"; label: string; publicKey: ParsedKey | null; text: string };

/** What can be offered, in order, and why other keys cannot. */
export interface Identities {
  offers: Identity[];
  /** Sentences for the user about keys (or an agent) that were left out. */
  leftOut: string[];
}

/**
 * Keys in OpenSSH's order: those of the agent that the configuration names, the agent's other keys (unless
 * IdentitiesOnly), then key files that the agent does not hold. Files that do not exist are no news: the
 * configuration lists defaults.
 */
export async function findIdentities(config: HostConfig): Promise<Identities> {
  const { agentSocket, identitiesOnly, identityFiles } = config;
  const [files, agent] = await Promise.all([
    Promise.all(identityFiles.map(readKeyFile)),
    agentSocket === "" ? { keys: [], leftOut: [] } : readAgent(agentSocket),
  ]);
  const leftOut = agent === null ? [`the agent at ${agentSocket} does not answer`] : [...agent.leftOut];
  const agentKeys = agent?.keys ?? [];

  const inAgent = new Set(agentKeys.map(identify));
  const fromFiles: Identity[] = [];
  const named: string[] = [];
  for (const file of files) {
    if (file === null) continue;
    const publicKey = file.state === "private" ? file.key : file.publicKey;
    const id = publicKey === null ? "" : identify(publicKey);
    named.push(id);
    if (inAgent.has(id)) continue;
    const offer = offerOf(file);
    if (offer !== null) fromFiles.push(offer);
    if (file.state === "unusable") leftOut.push(`${file.path} ${file.reason}`);
  }

  const place = (key: ParsedKey) => (named.includes(identify(key)) ? named.indexOf(identify(key)) : Infinity);
  const usable = agentKeys
    .filter((key) => !identitiesOnly || place(key) < Infinity)
    // Infinity - Infinity is not a number: those keep the agent's order.
    .sort((a, b) => place(a) - place(b) || 0);
  const fromAgent = usable.map(
    (key): Identity => ({
      kind: "agent",
      label: `${printable(key.comment) || key.type} ${fingerprint(key.getPublicSSH())} of the agent`,
      key,
      sign: (data, options) => signByAgent(agentSocket, key, data, options),
    }),
  );
  return { offers: [...fromAgent, ...fromFiles], leftOut };
}

function offerOf(file: KeyFile): Identity | null {
  const { path: label, state } = file;
  if (state === "private") return { kind: "file", label, key: file.key };
  return state === "sealed" ? { kind: "sealed", label, publicKey: file.publicKey, text: file.text } : null;
}

function identify(key: ParsedKey): string {
  return key.getPublicSSH().toString("base64");
}
