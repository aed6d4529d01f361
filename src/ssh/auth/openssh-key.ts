/** Private key files in OpenSSH's own format, as far as a passphrase is concerned (PROTOCOL.key of OpenSSH). */
import { createDecipheriv, createHash } from "node:crypto";
import { hash as bcryptHash, HASHSIZE as bcryptSize } from "bcrypt-pbkdf";
import { breathe } from "../../system/breathe.ts";

/** A private key that a passphrase protects. */
export interface SealedKey {
  readonly cipher: string;
  readonly salt: Buffer;
  readonly rounds: number;
  /** The public key, as it is sent over the wire. */
  readonly publicKey: Buffer;
  readonly sealed: Buffer;
  /** Behind the sealed part, for ciphers that have it. */
  readonly tag: Buffer;
}

/** What OpenSSH can encrypt a key with, as OpenSSL calls it. chacha20-poly1305@openssh.com is not there. */
const ciphers: Readonly<Record<string, { name: string; keyBytes: number; ivBytes: number }>> = {
  "aes128-cbc": { name: "aes-128-cbc", keyBytes: 16, ivBytes: 16 },
  "aes192-cbc": { name: "aes-192-cbc", keyBytes: 24, ivBytes: 16 },
  "aes256-cbc": { name: "aes-256-cbc", keyBytes: 32, ivBytes: 16 },
  "aes128-ctr": { name: "aes-128-ctr", keyBytes: 16, ivBytes: 16 },
  "aes192-ctr": { name: "aes-192-ctr", keyBytes: 24, ivBytes: 16 },
  "aes256-ctr": { name: "aes-256-ctr", keyBytes: 32, ivBytes: 16 },
  "aes128-gcm@openssh.com": { name: "aes-128-gcm", keyBytes: 16, ivBytes: 12 },
  "aes256-gcm@openssh.com": { name: "aes-256-gcm", keyBytes: 32, ivBytes: 12 },
  "3des-cbc": { name: "des-ede3-cbc", keyBytes: 24, ivBytes: 8 },
};

const magic = "openssh-key-v1\0";
const [begin, end] = ["-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"];

/** True if `text` is meant to be a private key in this format. */
export function isOpenSshKey(text: string): boolean {
  return text.includes(begin);
}

/** What is in the key file `text`; null if it is not in this format, malformed, or has no passphrase. */
export function readSealedKey(text: string): SealedKey | null {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) return null;
  const data = Buffer.from(text.slice(from + begin.length, to), "base64");
  if (data.toString("latin1", 0, magic.length) !== magic) return null;
  try {
    const fields = new Fields(data, magic.length);
    const cipher = fields.string().toString("latin1");
    const kdf = fields.string().toString("latin1");
    const kdfOptions = new Fields(fields.string());
    if (kdf !== "bcrypt") return null;
    const salt = kdfOptions.string();
    const rounds = kdfOptions.uint32();
    if (fields.uint32() !== 1) return null;
    return { cipher, salt, rounds, publicKey: fields.string(), sealed: fields.string(), tag: fields.rest() };
  } catch {
    // It ends too early.
    return null;
  }
}

/** True if the key can be unsealed. */
export function isKnownCipher({ cipher }: SealedKey): boolean {
  return Object.hasOwn(ciphers, cipher);
}

/** The same key file without a passphrase; null if `passphrase` is wrong. The cipher must be known. */
export async function unseal(key: SealedKey, passphrase: string): Promise<string | null> {
  const { name, keyBytes, ivBytes } = ciphers[key.cipher]!;
  const secret = await deriveKey(Buffer.from(passphrase), key.salt, keyBytes + ivBytes, key.rounds);
  const opened = decrypt(name, secret.subarray(0, keyBytes), secret.subarray(keyBytes), key);
  // Two random numbers in front are equal.
  if (opened === null || opened.length < 8 || opened.readUInt32BE(0) !== opened.readUInt32BE(4)) return null;
  const data = Buffer.concat([
    Buffer.from(magic, "latin1"),
    ...["none", "none", ""].map((text) => field(Buffer.from(text))),
    Buffer.from([0, 0, 0, 1]),
    field(key.publicKey),
    field(opened),
  ]);
  return `${begin}\n${data.toString("base64")}\n${end}\n`;
}

function decrypt(name: string, key: Buffer, iv: Buffer, { sealed, tag }: SealedKey): Buffer | null {
  try {
    const decipher = createDecipheriv(name, key, iv);
    decipher.setAutoPadding(false);
    if ("setAuthTag" in decipher && name.endsWith("gcm"))
      (decipher as unknown as { setAuthTag(tag: Buffer): void }).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    return null;
  }
}

/**
 * bcrypt_pbkdf of OpenBSD, as in the package bcrypt-pbkdf, but with a pause between the rounds: a hundred of them
 * take seconds, in which nothing else could happen.
 */
async function deriveKey(passphrase: Buffer, salt: Buffer, bytes: number, rounds: number): Promise<Buffer> {
  const blocks = Math.ceil(bytes / bcryptSize);
  const key = Buffer.alloc(bytes);
  const passphraseHash = sha512(passphrase);
  for (let block = 0; block < blocks; block++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(block + 1);
    let input: Uint8Array = Buffer.concat([salt, number]);
    const sum = Buffer.alloc(bcryptSize);
    for (let round = 0; round < rounds; round++) {
      const output = new Uint8Array(bcryptSize);
      bcryptHash(passphraseHash, sha512(input), output);
      for (let at = 0; at < bcryptSize; at++) sum[at]! ^= output[at]!;
      input = output;
      await breathe();
    }
    // The blocks are interleaved.
    for (let at = block; at < bytes; at += blocks) key[at] = sum[(at - block) / blocks]!;
  }
  return key;
}

function sha512(data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha512").update(data).digest());
}

function field(data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
}

/** Reads the fields of an SSH message in turn. Throws where there are no more. */
export class Fields {
  constructor(
    private readonly data: Buffer,
    private at = 0,
  ) {}

  uint32(): number {
    this.at += 4;
    return this.data.readUInt32BE(this.at - 4);
  }

  string(): Buffer {
    const length = this.uint32();
    if (this.at + length > this.data.length) throw new RangeError("the data ends in the middle of a field");
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }

  rest(): Buffer {
    return this.data.subarray(this.at);
  }
}
