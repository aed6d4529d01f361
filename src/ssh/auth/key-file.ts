/** Reads the files that hold keys: private ones, with a passphrase or without, and public ones. */
import { createPrivateKey } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { type ParsedKey, utils } from "ssh2";
import { printable } from "../../core/printable.ts";
import { isKnownCipher, isOpenSshKey, readSealedKey, type SealedKey, unseal } from "./openssh-key.ts";

/** What a key file holds. */
export type KeyFile =
  | { path: string; state: "private"; key: ParsedKey }
  /** Private, with a passphrase. `publicKey` is null where only the passphrase can tell. */
  | { path: string; state: "sealed"; publicKey: ParsedKey | null; text: string }
  | { path: string; state: "public"; publicKey: ParsedKey }
  /** `publicKey` may still serve to pick a key of the agent. */
  | { path: string; state: "unusable"; publicKey: ParsedKey | null; reason: string };

/** No key is as large as this. */
const bytesMax = 1024 * 1024;

/** What is in the file at `path`; null if it does not exist. */
export async function readKeyFile(path: string): Promise<KeyFile | null> {
  const unusable = (reason: string, publicKey: ParsedKey | null = null): KeyFile => ({
    path,
    state: "unusable",
    publicKey,
    reason,
  });
  try {
    const found = await stat(path);
    if (!found.isFile()) return unusable(found.isDirectory() ? "is a directory" : "is not a file");
    if (found.size === 0) return unusable("is empty");
    if (found.size > bytesMax) return unusable("is too large to be a key");
    const text = await readFile(path, "utf8");
    const file = await readText(path, text);
    const isPrivate = file.state === "private" || file.state === "sealed";
    // As ssh: a private key of ours that group or others may read is not used.
    if (!isPrivate || found.uid !== process.getuid?.() || (found.mode & 0o077) === 0) return file;
    const publicKey = file.state === "private" ? file.key : file.publicKey;
    return unusable("can be read by other users: chmod 600 it", publicKey);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? null : unusable(`cannot be read (${message})`);
  }
}

async function readText(path: string, text: string): Promise<KeyFile> {
  const sealed = readSealedKey(text);
  if (sealed !== null) return sealedFile(path, text, sealed);
  const key = parseAny(text);
  if (key instanceof Error) {
    const isSealed = /no passphrase given|Passphrase required/.test(key.message);
    if (isSealed && isOpenSshKey(text))
      return { path, state: "unusable", publicKey: null, reason: "is damaged" };
    if (isSealed) return { path, state: "sealed", publicKey: await readPublicKey(`${path}.pub`), text };
    return { path, state: "unusable", publicKey: null, reason: whyUnreadable(key.message) };
  }
  return key.isPrivateKey() ? { path, state: "private", key } : { path, state: "public", publicKey: key };
}

function sealedFile(path: string, text: string, sealed: SealedKey): KeyFile {
  const publicKey = utils.parseKey(sealed.publicKey);
  if (publicKey instanceof Error) {
    const type = sealed.publicKey.toString("latin1", 4, 4 + sealed.publicKey.readUInt32BE(0));
    return { path, state: "unusable", publicKey: null, reason: whyUnreadable(type) };
  }
  if (isKnownCipher(sealed)) return { path, state: "sealed", publicKey, text };
  const cipher = printable(sealed.cipher);
  const reason = `is encrypted with ${cipher}, which tsync cannot read: add it to the agent, or change that with ssh-keygen -p -Z aes256-ctr -f ${path}`;
  return { path, state: "unusable", publicKey, reason };
}

/** `message`: what ssh2 says of it, or the type of the key. */
function whyUnreadable(message: string): string {
  if (/\bsk-(ssh|ecdsa)-/.test(message)) return "needs a security key (FIDO), which tsync cannot use";
  if (/\bssh-dss\b/.test(message)) return "is a DSA key, which tsync cannot use";
  return `is of a kind that tsync cannot read (${printable(message)})`;
}

/** What ssh2 reads, and PKCS#8, which it does not know. */
function parseAny(text: string, passphrase?: string): ParsedKey | Error {
  if (!/^\s*-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text)) return utils.parseKey(text, passphrase);
  try {
    const key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
    const type = ({ rsa: "pkcs1", ec: "sec1" } as const)[key.asymmetricKeyType as string];
    if (type === undefined) return new Error(`PKCS#8 with a ${key.asymmetricKeyType} key`);
    return utils.parseKey(key.export({ type, format: "pem" } as { type: "pkcs1"; format: "pem" }));
  } catch (error) {
    return error as Error;
  }
}

/** The private key in the text of a sealed file; null if `passphrase` does not open it. */
export async function openKeyFile(text: string, passphrase: string): Promise<ParsedKey | null> {
  const sealed = readSealedKey(text);
  const opened = sealed === null ? null : await unseal(sealed, passphrase);
  if (sealed !== null && opened === null) return null;
  const key = opened === null ? parseAny(text, passphrase) : utils.parseKey(opened);
  return key instanceof Error || !works(key) ? null : key;
}

/** Old formats have no check sum: with a wrong passphrase, once in a while, they give a key that is none. */
function works(key: ParsedKey): boolean {
  const data = Buffer.from("tsync");
  const signature = key.sign(data);
  return !(signature instanceof Error) && key.verify(data, signature) === true;
}

/** The key in a public key file; null if there is none. */
async function readPublicKey(path: string): Promise<ParsedKey | null> {
  const key = await readFile(path, "utf8").then(
    (text) => utils.parseKey(text),
    () => null,
  );
  return key instanceof Error ? null : key;
}
