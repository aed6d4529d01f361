/** Which keys are known for a host. `ssh-keygen -F` does the look-up: it knows hashed names, patterns and markers. */
import { access } from "node:fs/promises";
import { Fault, isFault } from "../core/fault.ts";
import type { HostConfig } from "./config.ts";
import { runProgram } from "./run-program.ts";

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
 * All entries for the host of `config` in those of its known_hosts files that exist. Faults: "missing-program"
 * (ssh-keygen), "host-key" (a file that cannot be read).
 */
export async function findHostKeys(config: HostConfig): Promise<HostKeyEntry[] | Fault> {
  const lookups = await Promise.all(
    [...config.userKnownHostsFiles, ...config.globalKnownHostsFiles].flatMap((file) =>
      knownHostsNames(config).map(({ name, anyPort }) => lookUp(name, file, anyPort)),
    ),
  );
  return lookups.find(isFault) ?? (lookups as HostKeyEntry[][]).flat();
}

/** The name under which ssh stores the key of this host: the alias, `host`, or `[host]:port`. */
export function knownHostsName(config: HostConfig): string {
  if (config.hostKeyAlias !== "") return config.hostKeyAlias;
  return config.port === 22 ? config.hostname : `[${config.hostname}]:${config.port}`;
}

function knownHostsNames(config: HostConfig): { name: string; anyPort: boolean }[] {
  const name = knownHostsName(config);
  const names = [{ name, anyPort: false }];
  if (name.startsWith("[")) names.push({ name: config.hostname, anyPort: true });
  return names;
}

async function lookUp(name: string, file: string, anyPort: boolean): Promise<HostKeyEntry[] | Fault> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (!exists) return [];
  const result = await runProgram(["ssh-keygen", "-F", name, "-f", file]);
  if (isFault(result)) return result;
  // 1: the name is not in the file.
  if (result.code !== 0 && result.code !== 1) {
    return new Fault(
      "host-key",
      `cannot look up the host key of ${name} in ${file}: ${result.stderr.trim()}`,
    );
  }
  return parseFoundKeys(result.stdout, file, anyPort);
}

/** Reads the output of `ssh-keygen -F`: a comment `# Host NAME found: line N`, then that line. */
function parseFoundKeys(text: string, file: string, anyPort: boolean): HostKeyEntry[] {
  const entries: HostKeyEntry[] = [];
  let line = 0;
  for (const row of text.split("\n")) {
    const found = /^# Host .* found: line (\d+)/.exec(row);
    if (found !== null) {
      line = Number(found[1]);
      continue;
    }
    const match = /^(?:(@revoked|@cert-authority)\s+)?\S+\s+(\S+)\s+(\S+)/.exec(row);
    if (match === null) continue;
    const [, marker = "", keyType = "", keyBase64 = ""] = match;
    entries.push({ keyType, keyBase64, marker: marker as HostKeyEntry["marker"], file, line, anyPort });
  }
  return entries;
}
