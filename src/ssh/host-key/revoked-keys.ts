/** RevokedHostKeys: lists of keys that no host may show, as public keys in lines or as a KRL of ssh-keygen -k. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Fault } from "../../core/fault.ts";
import type { HostConfig } from "../config/config.ts";
import { fingerprint } from "./host-key.ts";

/** The fault if `key` (a key blob) is on one of the lists, or a list cannot be read: then ssh trusts no key either. */
export async function revokedKeyFault(config: HostConfig, key: Buffer): Promise<Fault | null> {
  const host = `${config.hostname}:${config.port}`;
  for (const file of config.revokedHostKeysFiles) {
    try {
      if (!isRevoked(await readFile(file), key)) continue;
      return new Fault(
        "host-key",
        `the host key of ${host} is REVOKED: ${fingerprint(key)} is in ${file}`,
        "do not connect; ask whoever runs the server for its new key",
      );
    } catch (error) {
      return new Fault(
        "host-key",
        `the host key of ${host} cannot be checked: ${file} (RevokedHostKeys) cannot be read: ${(error as Error).message}`,
      );
    }
  }
  return null;
}

const krlMagic = "SSHKRL\n\0";

/** True if the list has `key`. Throws a RangeError for a KRL that is cut off. */
export function isRevoked(list: Buffer, key: Buffer): boolean {
  if (list.subarray(0, krlMagic.length).toString("latin1") === krlMagic) return isInKrl(list, key);
  const base64 = key.toString("base64");
  return list
    .toString("utf8")
    .split("\n")
    .some((line) => !line.trimStart().startsWith("#") && line.split(/\s+/).includes(base64));
}

/** OpenSSH's PROTOCOL.krl. Sections about certificates say nothing about plain keys. */
function isInKrl(list: Buffer, key: Buffer): boolean {
  const wanted: Record<number, Buffer> = {
    2: key,
    3: createHash("sha1").update(key).digest(),
    5: createHash("sha256").update(key).digest(),
  };
  // Version of the format (4 bytes); number, date and flags of the list (8 each); two strings.
  let at = krlMagic.length + 4 + 3 * 8;
  const nextString = (from: Buffer, start: number): [Buffer, number] => {
    const end = start + 4 + from.readUInt32BE(start);
    if (end > from.length) throw new RangeError("it is cut off");
    return [from.subarray(start + 4, end), end];
  };
  for (const _ of ["reserved", "comment"]) [, at] = nextString(list, at);
  while (at < list.length) {
    const one = wanted[list.readUInt8(at)];
    const [section, end] = nextString(list, at + 1);
    at = end;
    for (let inside = 0; one !== undefined && inside < section.length; ) {
      const [entry, next] = nextString(section, inside);
      inside = next;
      if (entry.equals(one)) return true;
    }
  }
  return false;
}
