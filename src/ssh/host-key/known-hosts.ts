/** Which keys are known for a host. */
import { homedir } from "node:os";
import { type Fault, isFault } from "../../core/fault.ts";
import type { HostConfig } from "../config/config.ts";
import { readKnownHosts } from "./known-hosts-file.ts";
import {
  asWritten,
  isHashed,
  type KnownHostsLine,
  keyOf,
  lowerCase,
  namesMatch,
} from "./known-hosts-line.ts";

/** One line of a known_hosts file that matches the host. */
export interface HostKeyEntry {
  /** For example "ssh-ed25519". */
  keyType: string;
  keyBase64: string;
  marker: "" | "@revoked" | "@cert-authority";
  file: string;
  /** Counted from 1. */
  line: number;
  /**
   * True if the line names the host without its (unusual) port. As in ssh, such a line can vouch for a key but
   * says nothing against another one: another server may listen on that port.
   */
  anyPort: boolean;
}

/**
 * All entries for the host of `config`, those of the user's files first, those that do not name its port last. The
 * fault ("host-key") tells of a file that exists and cannot be read.
 */
export async function findHostKeys(config: HostConfig): Promise<HostKeyEntry[] | Fault> {
  const name = asWritten(knownHostsName(config));
  const bareName = asWritten(config.hostname);
  const entries: HostKeyEntry[] = [];
  const fault = await readAll(config, (line, file, number) => {
    const isExact = namesMatch(line.names, name);
    if (!isExact && (hasOneName(config) || !namesMatch(line.names, bareName))) return;
    const key = keyOf(line);
    if (key === null) return;
    const { keyType, marker } = line;
    const keyBase64 = key.toString("base64");
    entries.push({ keyType, keyBase64, marker, file, line: number, anyPort: !isExact });
  });
  if (isFault(fault)) return fault;
  return [...entries.filter((entry) => !entry.anyPort), ...entries.filter((entry) => entry.anyPort)];
}

/** How much of a list of names is shown. */
const namesMax = 200;

/** Where `key` is known for other hosts, in the words of ssh: `FILE:LINE: NAMES`. */
export async function findOtherNames(config: HostConfig, key: Buffer): Promise<string[] | Fault> {
  const name = asWritten(knownHostsName(config));
  const found: string[] = [];
  const fault = await readAll(config, (line, file, number) => {
    if (line.marker !== "" || keyOf(line)?.equals(key) !== true || namesMatch(line.names, name)) return;
    const names = isHashed(line.names) ? "[hashed name]" : Buffer.from(line.names, "latin1").toString();
    const shown = names.length > namesMax ? `${names.slice(0, namesMax)}…` : names;
    found.push(`${fromHome(file)}:${number}: ${shown}`);
  });
  return fault ?? found;
}

/** The name under which ssh stores the key of this host: the alias, `host`, or `[host]:port`, in lower case. */
export function knownHostsName(config: HostConfig): string {
  const { hostKeyAlias, hostname, port } = config;
  return lowerCase(hostKeyAlias || (port === 22 ? hostname : `[${hostname}]:${port}`));
}

/**
 * True if a key can be added for the host: there is a file for it, and its name has no characters that mean more in
 * such files. (ssh does not write the characters of patterns and quotes either.)
 */
export function canBeListed({ userKnownHostsFiles, hostKeyAlias, hostname }: HostConfig): boolean {
  return userKnownHostsFiles.length > 0 && !/[\x00-\x20\x7f@?*#[\]|'"\\,!]/.test(hostKeyAlias || hostname);
}

function hasOneName({ hostKeyAlias, port }: HostConfig): boolean {
  return hostKeyAlias !== "" || port === 22;
}

/** Reads the files one after the other. */
async function readAll(
  { userKnownHostsFiles, globalKnownHostsFiles }: HostConfig,
  take: (line: KnownHostsLine, file: string, number: number) => void,
): Promise<Fault | null> {
  for (const file of [...userKnownHostsFiles, ...globalKnownHostsFiles]) {
    const fault = await readKnownHosts(file, (line, number) => take(line, file, number));
    if (fault !== null) return fault;
  }
  return null;
}

function fromHome(file: string): string {
  const home = homedir();
  return file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
}
