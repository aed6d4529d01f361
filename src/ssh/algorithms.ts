/** Which algorithms are offered to a server. */
import type { Algorithms, ServerHostKeyAlgorithm } from "ssh2";
import { Fault } from "../core/fault.ts";
import type { HostConfig } from "./config/config.ts";
import { matchesPattern, type Settings } from "./config/settings.ts";
import type { HostKeyEntry } from "./host-key/known-hosts.ts";

interface Choice {
  /** What is offered when the configuration says nothing, the best first. */
  readonly usual: readonly string[];
  /** What is there as well, for a configuration that asks for it: old servers have nothing else. */
  readonly onRequest: readonly string[];
}

/** What works of ssh2 in this runtime, by the keyword of ssh_config. */
const choices = {
  ciphers: {
    // Fastest first: AES-GCM needs no separate MAC, and processors have instructions for it.
    usual: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"],
    onRequest: ["aes256-cbc", "aes192-cbc", "aes128-cbc", "3des-cbc"],
  },
  kexalgorithms: {
    // Groups 17 and 18 are left out: they take half a minute, in which the whole program stands still.
    usual: [
      "curve25519-sha256",
      "curve25519-sha256@libssh.org",
      "ecdh-sha2-nistp256",
      "ecdh-sha2-nistp384",
      "ecdh-sha2-nistp521",
      "diffie-hellman-group-exchange-sha256",
      "diffie-hellman-group14-sha256",
      "diffie-hellman-group15-sha512",
      "diffie-hellman-group16-sha512",
    ],
    onRequest: ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1"],
  },
  macs: {
    usual: [
      "hmac-sha2-256-etm@openssh.com",
      "hmac-sha2-512-etm@openssh.com",
      "hmac-sha1-etm@openssh.com",
      "hmac-sha2-256",
      "hmac-sha2-512",
      "hmac-sha1",
    ],
    onRequest: ["hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
  },
  hostkeyalgorithms: {
    // RSA keys sign with SHA-2 only: SHA-1 is broken, and OpenSSH refuses it since 8.8.
    usual: [
      "ssh-ed25519",
      "ecdsa-sha2-nistp256",
      "ecdsa-sha2-nistp384",
      "ecdsa-sha2-nistp521",
      "rsa-sha2-512",
      "rsa-sha2-256",
    ],
    onRequest: ["ssh-rsa"],
  },
} satisfies Record<string, Choice>;

type Keyword = keyof typeof choices;

const optionNames: Record<Keyword, string> = {
  ciphers: "Ciphers",
  kexalgorithms: "KexAlgorithms",
  macs: "MACs",
  hostkeyalgorithms: "HostKeyAlgorithms",
};

/**
 * The algorithms that the user set for `host`, in that order, as far as they are there; a list is empty where
 * nothing was set. `ssh -G` always prints whole lists, so what equals `defaults` was not set. Fault: "usage" (a
 * list of which nothing is there).
 */
export function algorithmsOf(
  settings: Settings,
  defaults: Settings,
  host: string,
): HostConfig["algorithms"] | Fault {
  const faults: Fault[] = [];
  const chosen = (keyword: Keyword): string[] => {
    const value = settings.get(keyword)?.[0] ?? "";
    if (value === "" || value === defaults.get(keyword)?.[0]) return [];
    const list = narrow(value, choices[keyword]);
    if (list.length === 0) {
      const { usual, onRequest } = choices[keyword];
      faults.push(
        new Fault(
          "usage",
          `${optionNames[keyword]} of ${host} names nothing that tsync has: ${value}`,
          `tsync has ${[...usual, ...onRequest].join(", ")}`,
        ),
      );
    }
    return list;
  };
  const algorithms = {
    ciphers: chosen("ciphers"),
    kex: chosen("kexalgorithms"),
    macs: chosen("macs"),
    hostKeys: chosen("hostkeyalgorithms"),
  };
  return faults[0] ?? algorithms;
}

/** The list that `value` means: patterns; with `+`, `-` or `^` in front added to, taken from, or put before the usual ones. */
function narrow(value: string, { usual, onRequest }: Choice): string[] {
  const [, sign = "", patterns = ""] = /^([-+^]?)(.*)$/.exec(value) ?? [];
  const all = [...usual, ...onRequest];
  const named = patterns.split(",").flatMap((pattern) => all.filter((name) => matchesPattern(name, pattern)));
  const lists: Record<string, readonly string[]> = {
    "": named,
    "+": [...usual, ...named],
    "-": usual.filter((name) => !named.includes(name)),
    "^": [...named, ...usual],
  };
  return [...new Set(lists[sign])];
}

/** What is offered to the host of `config`, of which the keys `known` are known. */
export function offeredAlgorithms(config: HostConfig, known: HostKeyEntry[]): Algorithms {
  const { ciphers, kex, macs, hostKeys } = config.algorithms;
  const orUsual = (list: string[], keyword: Keyword) => (list.length > 0 ? list : choices[keyword].usual);
  return {
    cipher: orUsual(ciphers, "ciphers"),
    kex: orUsual(kex, "kexalgorithms"),
    hmac: orUsual(macs, "macs"),
    serverHostKey: hostKeyAlgorithms(known, orUsual(hostKeys, "hostkeyalgorithms")),
    compress: config.compression ? ["zlib@openssh.com", "none"] : ["none"],
    // ssh2's types lag behind its lists.
  } as Algorithms;
}

/**
 * `allowed`, those of keys that are already known first, so that the server shows a key we can check. That holds
 * for a list of the user's as well: all of it is good enough, and a key that is known is better than one that is not.
 */
export function hostKeyAlgorithms(
  known: HostKeyEntry[],
  allowed: readonly string[] = choices.hostkeyalgorithms.usual,
): ServerHostKeyAlgorithm[] {
  const keyType = (algorithm: string) => (algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm);
  const knownTypes = known.filter((entry) => entry.marker === "").map((entry) => entry.keyType);
  const types = new Set([...knownTypes, ...allowed.map(keyType)]);
  return [...types].flatMap((type) =>
    allowed.filter((algorithm) => keyType(algorithm) === type),
  ) as ServerHostKeyAlgorithm[];
}
