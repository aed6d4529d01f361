/** One line of a known_hosts file, read as ssh reads it (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Pure. */
import { createHmac, randomBytes } from "node:crypto";

/** What a line says. All text is as in the file: a character a byte. */
export interface KnownHostsLine {
  readonly marker: "" | "@revoked" | "@cert-authority";
  /** Patterns with commas between them, or one hashed name. */
  readonly names: string;
  /** For example "ssh-ed25519". */
  readonly keyType: string;
  /** As in the file; see `keyOf`. */
  readonly keyText: string;
}

/**
 * Marker, names, type of key, key. A marker may also end with a tab here: ssh skips such a line, and would miss a
 * revocation.
 */
const parts =
  /^[ \t]*(?:(@revoked|@cert-authority)[ \t]+)?([^@# \t][^ \t]*)[ \t]+([^# \t][^ \t]*)[ \t]+([^ \t]+)/;

/** Takes a line apart; null for a comment, an empty line, and one that is not complete. */
export function parseLine(line: string): KnownHostsLine | null {
  // To ssh a zero byte is the end.
  const match = parts.exec(line.split("\0", 1)[0]!);
  if (match === null) return null;
  const [, marker = "", names = "", keyType = "", keyText = ""] = match;
  return { marker: marker as KnownHostsLine["marker"], names, keyType, keyText };
}

/** The key of a line; null if it is damaged or of another type than the line says, so that the line does not count. */
export function keyOf({ keyType, keyText }: KnownHostsLine): Buffer | null {
  const key = fromBase64(keyText.replace(/[\r\v\f]/g, ""));
  if (key === null) return null;
  const fields = fieldsOf(key);
  return fields !== null && fields.length > 1 && fields[0] === keyType ? key : null;
}

/** Bytes from base64 that is as it should be; null for anything else. */
function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : null;
}

/** The parts of a key blob, each with its length in front; null if that does not come out even. */
function fieldsOf(key: Buffer): string[] | null {
  const fields: string[] = [];
  let offset = 0;
  while (offset < key.length) {
    if (offset + 4 > key.length) return null;
    const end = offset + 4 + key.readUInt32BE(offset);
    if (end > key.length) return null;
    fields.push(key.toString("latin1", offset + 4, end));
    offset = end;
  }
  return fields;
}

/** In lower case as ssh has it: nothing but the letters of ASCII change. */
export function lowerCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A name as known_hosts files have it: in lower case, a character a byte. */
export function asWritten(name: string): string {
  return Buffer.from(lowerCase(name)).toString("latin1");
}

/** True if `names` of a line mean `name` (as written). */
export function namesMatch(names: string, name: string): boolean {
  return names.startsWith("|") ? hashMatches(names, name) : listMatches(names, name);
}

/** True if a name of a line is hidden. */
export function isHashed(names: string): boolean {
  return names.startsWith("|1|");
}

/** `name` (as written) in the form that does not tell it. */
export function hashName(name: string, salt: Buffer = randomBytes(saltBytes)): string {
  const hash = createHmac("sha1", salt).update(name, "latin1").digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
}

/** What HMAC-SHA1 puts out; ssh wants salts of that length. */
const saltBytes = 20;

function hashMatches(names: string, name: string): boolean {
  const salt = fromBase64(/^\|1\|([^|]+)\|/.exec(names)?.[1] ?? "");
  return salt?.length === saltBytes && hashName(name, salt) === names;
}

/** ssh gives up on a list in which a pattern is as long as this, even if another one matches. */
const patternMax = 1_023;

/** A pattern with `!` in front that matches rules the line out, whatever else matches. */
function listMatches(list: string, name: string): boolean {
  let found = false;
  for (const item of list.split(",")) {
    const isNegated = item.startsWith("!");
    const pattern = isNegated ? item.slice(1) : item;
    if (pattern.length >= patternMax) return false;
    if (!patternMatches(lowerCase(pattern), name)) continue;
    if (isNegated) return false;
    found = true;
  }
  return found;
}

/** `*` is any text, `?` any character. Goes back to the last star only, so it never takes long. */
function patternMatches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let position = 0;
  while (position < text.length) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = at++;
      resume = position;
    } else if (wanted === "?" || wanted === text[position]) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
