/** Puts the key of a host into the list of known ones. */
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { reasonOf } from "../../system/file-error.ts";
import type { HostConfig } from "../config/config.ts";
import { hostKeyType } from "./host-key.ts";
import { knownHostsName } from "./known-hosts.ts";
import { asWritten, hashName } from "./known-hosts-line.ts";

/**
 * Adds `key` to the end of `file`, which is made if need be, with the folder that it is in, for the user alone.
 * Returns why it cannot; null if it could.
 */
export async function addHostKey(config: HostConfig, file: string, key: Buffer): Promise<string | null> {
  const plainName = asWritten(knownHostsName(config));
  const name = config.hashKnownHosts ? hashName(plainName) : plainName;
  const line = `${name} ${hostKeyType(key)} ${key.toString("base64")}\n`;
  try {
    await makeFolder(dirname(file));
    const handle = await open(file, "a+", 0o600);
    try {
      // In one piece to wherever the end is: others may add keys at the same time.
      const text = Buffer.from(`${await missingLineEnd(handle)}${line}`, "latin1");
      const { bytesWritten } = await handle.write(text);
      return bytesWritten === text.length ? null : "only a part of the line could be written";
    } finally {
      await handle.close();
    }
  } catch (error) {
    return reasonOf(error);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, 0o700);
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
  }
}

/** What the last line needs before another one can follow. */
async function missingLineEnd(handle: Awaited<ReturnType<typeof open>>): Promise<string> {
  const { size } = await handle.stat();
  if (size === 0) return "";
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString("latin1") === "\n" ? "" : "\n";
}
