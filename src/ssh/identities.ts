/** Finds the keys that can be offered: those of the agent and the private key files. */
import { readFile, stat } from "node:fs/promises";
import { OpenSSHAgent, type ParsedKey, utils } from "ssh2";
import type { HostConfig } from "./config.ts";
import { fingerprint } from "./host-key.ts";

/** One thing to authenticate with. `label` names it in messages. */
type Identity =
  | { kind: "agent"; label: string; agent: OpenSSHAgent }
  | { kind: "file"; label: string; key: ParsedKey };

/** What can be offered, in order, and why other keys cannot. */
export interface Identities {
  offers: Identity[];
  /** Sentences for the user about keys (or an agent) that were left out. */
  leftOut: string[];
}

/** What an identity file holds. */
type IdentityFile =
  | { path: string; state: "private"; key: ParsedKey }
  /** Only its public half can be read: it serves to pick a key of the agent. */
  | { path: string; state: "encrypted" | "public"; key: ParsedKey | undefined }
  | { path: string; state: "unusable"; reason: string };

const agentTimeoutMs = 5_000;

/**
 * Keys in OpenSSH's order: those of the agent that the configuration names, the agent's other keys (unless
 * IdentitiesOnly), then key files that the agent does not hold. Files that do not exist are no news: the
 * configuration lists defaults.
 */
export async function findIdentities(config: HostConfig): Promise<Identities> {
  const leftOut: string[] = [];
  const [files, agentKeys] = await Promise.all([
    Promise.all(config.identityFiles.map(readIdentityFile)),
    readAgent(config.agentSocket, leftOut),
  ]);

  const inAgent = new Set(agentKeys.map(identify));
  const offers: Identity[] = [];
  const named: string[] = [];
  for (const file of files) {
    if (file === undefined) continue;
    if (file.state === "unusable") {
      leftOut.push(`${file.path} ${file.reason}`);
      continue;
    }
    const id = file.key === undefined ? "" : identify(file.key);
    named.push(id);
    if (inAgent.has(id)) continue;
    if (file.state === "private") offers.push({ kind: "file", label: file.path, key: file.key });
    if (file.state === "encrypted") {
      leftOut.push(`${file.path} has a passphrase: add it to the agent with ssh-add ${file.path}`);
    }
  }

  const place = (key: ParsedKey) => (named.includes(identify(key)) ? named.indexOf(identify(key)) : Infinity);
  const usable = agentKeys
    .filter((key) => !config.identitiesOnly || place(key) < Infinity)
    // Infinity - Infinity is not a number: those keep the agent's order.
    .sort((a, b) => place(a) - place(b) || 0);
  const fromAgent = usable.map(
    (key): Identity => ({
      kind: "agent",
      label: `${key.comment || key.type} ${fingerprint(key.getPublicSSH())} of the agent`,
      agent: new OneKeyAgent(config.agentSocket, key),
    }),
  );
  return { offers: [...fromAgent, ...offers], leftOut };
}

/** The agent, narrowed to one of its keys: so each key is an offer of its own, with its own place and label. */
class OneKeyAgent extends OpenSSHAgent {
  constructor(
    socket: string,
    readonly key: ParsedKey,
  ) {
    super(socket);
  }

  override getIdentities(callback: (error: undefined, keys: ParsedKey[]) => void): void {
    callback(undefined, [this.key]);
  }
}

function identify(key: ParsedKey): string {
  return key.getPublicSSH().toString("base64");
}

async function readAgent(socket: string, leftOut: string[]): Promise<ParsedKey[]> {
  if (socket === "") return [];
  return new Promise((resolve) => {
    const giveUp = () => {
      leftOut.push(`the agent at ${socket} does not answer`);
      resolve([]);
    };
    const timer = setTimeout(giveUp, agentTimeoutMs);
    new OpenSSHAgent(socket).getIdentities((error, keys) => {
      clearTimeout(timer);
      if (error) giveUp();
      // OpenSSHAgent parses them all; the types allow for agents that do not.
      else resolve((keys ?? []) as ParsedKey[]);
    });
  });
}

/** `undefined` for a file that does not exist. */
async function readIdentityFile(path: string): Promise<IdentityFile | undefined> {
  try {
    const key = utils.parseKey(await readFile(path));
    if (key instanceof Error) {
      const encrypted = key.message.includes("no passphrase given");
      if (encrypted) return { path, state: "encrypted", key: await readPublicKey(`${path}.pub`) };
      return { path, state: "unusable", reason: `is of a kind that tsync cannot read (${key.message})` };
    }
    if (!key.isPrivateKey()) return { path, state: "public", key };
    if (await isExposed(path)) {
      return { path, state: "unusable", reason: "can be read by other users: chmod 600 it" };
    }
    return { path, state: "private", key };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? undefined : { path, state: "unusable", reason: `cannot be read (${message})` };
  }
}

async function readPublicKey(path: string): Promise<ParsedKey | undefined> {
  const key = await readFile(path).then(utils.parseKey, () => undefined);
  return key instanceof Error ? undefined : key;
}

/** As ssh: a private key of ours that group or others may read is not used. */
async function isExposed(path: string): Promise<boolean> {
  const { mode, uid } = await stat(path);
  return uid === process.getuid?.() && (mode & 0o077) !== 0;
}
