/** Asks OpenSSH itself (`ssh -G`) how a host is reached, so that Include, Match and Host work as they do for ssh. */
import { homedir } from "node:os";
import { Fault, isFault } from "../core/fault.ts";
import { parseHostConfig } from "./parse-config.ts";
import { runProgram } from "./run-program.ts";

/** Where to connect to, as the user wrote it. `host` may be an alias from ssh_config. */
export interface HostRequest {
  host: string;
  user?: string;
  port?: number;
}

/** Options that hold for every host, named after the flags of ssh. */
export interface SshOptions {
  /** `-F`: read this file instead of ~/.ssh/config and /etc/ssh/ssh_config. */
  configFile?: string;
  /** `-p`: for requests that name no port. */
  port?: number;
  /** `-i`: private keys, before those of the configuration and instead of the default ones. */
  identityFiles?: string[];
  /** A file whose first line is the password, in place of asking for it. */
  passwordFile?: string;
}

/** A method of authentication. */
export type AuthMethodName = "publickey" | "keyboard-interactive" | "password";

/** How to reach a host: the part of OpenSSH's resolved configuration that tsync uses. Paths are absolute. */
export interface HostConfig {
  /** The host as the user wrote it. */
  host: string;
  /** The name or address to connect to. */
  hostname: string;
  port: number;
  user: string;
  /** 0: IPv4 or IPv6. */
  addressFamily: 0 | 4 | 6;
  /** Private (or public) key files, in the order of offering; they need not exist. */
  identityFiles: string[];
  /** Offer no key of the agent that is not among the identity files. */
  identitiesOnly: boolean;
  /** The agent's Unix socket; empty for none. */
  agentSocket: string;
  /** They need not exist; a new key is added to the first. */
  userKnownHostsFiles: string[];
  globalKnownHostsFiles: string[];
  /** True if the names of hosts are hashed in known_hosts when a key is added. */
  hashKnownHosts: boolean;
  /** The name to look up in the known hosts instead of the host name; empty for none. */
  hostKeyAlias: string;
  /** What happens to an unknown host key: it is asked about, refused ("yes"), or added ("accept-new", "no"). */
  strictHostKeyChecking: "ask" | "yes" | "no" | "accept-new";
  /** Methods of authentication that may be used, the first one first, as OpenSSH names them. */
  authMethods: AuthMethodName[];
  /** How often a password is asked for. */
  passwordPrompts: number;
  /** A file whose first line is the password, in place of asking for it; not for hosts on the way. */
  passwordFile?: string;
  /** True if nobody may be asked anything (BatchMode). */
  batchMode: boolean;
  /** Algorithms in the order of preference, narrowed to what ssh2 has; empty for tsync's own choice. */
  algorithms: { ciphers: string[]; kex: string[]; macs: string[]; hostKeys: string[] };
  compression: boolean;
  /** Local address to connect from; empty for any. */
  bindAddress: string;
  /** Variables that are set for what runs there, as far as the server accepts them. */
  environment: Record<string, string>;
  /** The host to connect through (ProxyJump), which may have one to connect through itself; null for none. */
  jump: HostConfig | null;
  /** Command line, ready for a shell, whose input and output lead to the host (ProxyCommand); empty for none. */
  proxyCommand: string;
  /** Sentences about what is set for this host and cannot be honoured. */
  warnings: string[];
  /** For the TCP connection, the handshake and the authentication together. */
  connectTimeoutMs: number;
  keepaliveIntervalMs: number;
  /** Silent intervals after which the connection counts as lost; at least 1. */
  keepaliveCountMax: number;
  /** The command line that connects to the same place, for hints. */
  sshCommand: string;
}

/**
 * Resolves `request` through `ssh -G`. Faults: "usage" (a bad host, port, key file or ssh_config; also a proxy,
 * which tsync cannot use yet), "missing-program".
 */
export async function resolveHost(request: HostRequest, options: SshOptions): Promise<HostConfig | Fault> {
  const { host, user } = request;
  if (host === "" || host.startsWith("-")) return new Fault("usage", `"${host}" is not a host name`);
  const port = request.port ?? options.port;
  const flags = [
    ...(options.configFile === undefined ? [] : ["-F", options.configFile]),
    ...(options.identityFiles ?? []).flatMap((file) => ["-i", file]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
  ];
  const result = await runProgram(["ssh", "-G", ...flags, "--", host]);
  if (isFault(result)) return result;
  const complaint = result.stderr.trim();
  if (result.code !== 0) return new Fault("usage", `ssh cannot resolve the host "${host}": ${complaint}`);
  const missingKey = /Identity file .* not accessible.*/.exec(complaint);
  if (missingKey !== null) return new Fault("usage", missingKey[0].replace(/\.$/, ""));
  const config = parseHostConfig(result.stdout, {
    host,
    sshCommand: ["ssh", ...flags, host].map(quoteForShell).join(" "),
    home: homedir(),
    env: process.env,
  });
  const { passwordFile } = options;
  return isFault(config) || passwordFile === undefined ? config : { ...config, passwordFile };
}

function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
