/** How a host is reached, as OpenSSH's configuration says. */
import { isIP } from "node:net";
import { Fault, isFault } from "../../core/fault.ts";
import { resolveBindAddress } from "./bind-address.ts";
import { jumpOf } from "./jump.ts";
import { localUser } from "./local-user.ts";
import { askOpenSsh, commandLine } from "./openssh-config.ts";
import { parseHostConfig } from "./parse-config.ts";
import { readPlainConfig } from "./plain-config.ts";
import { readSettings, type Settings } from "./settings.ts";

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

/** A host, and what the command line says about it. */
export interface HostQuery extends HostRequest {
  configFile?: string | undefined;
  identityFiles?: string[] | undefined;
  /** The way to it, as for `ssh -J`, in place of its own ProxyJump and ProxyCommand. */
  jump?: string;
}

/** What the configuration says about a host. */
export interface HostAnswer {
  /** In the form of `ssh -G`. */
  text: string;
  /** What holds where nothing is configured; empty if `text` has only what the user set. */
  defaults: Settings;
  /** Sentences about what could not be read. */
  warnings: string[];
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
  /** Lists of keys that no host may show. A list that cannot be read refuses every host. */
  revokedHostKeysFiles: string[];
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

/** Hosts on the way to a host; more is a mistake. */
const hopsMax = 8;

/**
 * How `request` is reached: what `ssh -G` says where OpenSSH's client is installed (with Include, Match and all the
 * rest), otherwise a plain reading of the same files, and then a warning says so. Each host on the way is resolved
 * as ssh does it: with the same `-F`, without `-p` and `-i`. Faults: "usage" (a bad host, port, key file or
 * configuration, algorithms of which tsync has none, hosts on the way that lead round in a circle), "connection"
 * with retry (ssh does not end: it waits for the name service).
 */
export async function resolveHost(request: HostRequest, options: SshOptions): Promise<HostConfig | Fault> {
  const { configFile, identityFiles } = options;
  const port = request.port ?? options.port;
  const config = await resolve(
    { ...request, configFile, identityFiles, ...(port === undefined ? {} : { port }) },
    [],
  );
  const { passwordFile } = options;
  return isFault(config) || passwordFile === undefined ? config : { ...config, passwordFile };
}

const limits =
  "the ssh client of OpenSSH is not installed: ssh_config is read without Match, CanonicalizeHostname, and tokens in Include";

interface Visit {
  host: string;
  key: string;
}

/** `visited`: the hosts that are reached through this one, the target first. */
async function resolve(query: HostQuery, visited: Visit[]): Promise<HostConfig | Fault> {
  const { host, configFile } = query;
  const bad = badName(query);
  if (bad !== undefined) return bad;
  let answer = await askOpenSsh(query);
  const isPlain = isFault(answer) && answer.code === "missing-program";
  if (isPlain) answer = readPlainConfig(query);
  if (isFault(answer)) return answer;

  const config = parseHostConfig(answer.text, {
    host,
    sshCommand: commandLine(query),
    home: localUser().home,
    env: process.env,
    defaults: answer.defaults,
  });
  if (isFault(config)) return config;
  const bindAddress = await resolveBindAddress(config);
  if (isFault(bindAddress)) return bindAddress;
  const resolved = {
    ...config,
    bindAddress,
    // A name may have addresses of both families; only one of them can be reached from there.
    addressFamily: config.addressFamily || (isIP(bindAddress) as 0 | 4 | 6),
    warnings: [...(isPlain && visited.length === 0 ? [limits] : []), ...answer.warnings, ...config.warnings],
  };

  const way = jumpOf(readSettings(answer.text), host);
  if (way === null || isFault(way)) return way ?? resolved;
  // The way is part of it: `-J a,b,a` is odd, but ends.
  const visit: Visit = { host, key: JSON.stringify([query.user, host, query.port, query.jump]) };
  const circle = wayOfTooMany([...visited, visit]);
  if (circle !== undefined) return circle;
  const jump = await resolve(
    { ...way.request, configFile, ...(way.before === "" ? {} : { jump: way.before }) },
    [...visited, visit],
  );
  return isFault(jump) ? jump : { ...resolved, jump };
}

function wayOfTooMany(visited: Visit[]): Fault | undefined {
  const names = visited.map(({ host }) => host).join(", ");
  if (new Set(visited.map(({ key }) => key)).size < visited.length) {
    return new Fault(
      "usage",
      `ProxyJump leads in a circle: ${names}`,
      "set ProxyJump none for the first host on the way",
    );
  }
  if (visited.length > hopsMax) {
    return new Fault("usage", `ProxyJump leads through more than ${hopsMax} hosts: ${names}`);
  }
  return undefined;
}

/** Names end up in the command line of a ProxyCommand: as ssh, refuse what a shell could take for something else. */
function badName({ host, user = "" }: HostRequest): Fault | undefined {
  if (host === "" || /^-|['`"$\\;&<>|(){}\s\p{Cc}]/u.test(host)) {
    return new Fault("usage", `"${host}" is not a host name`);
  }
  if (/^-|['`";&<>|(){}\p{Cc}]|\s-|\\$/u.test(user)) {
    return new Fault("usage", `"${user}" is not the name of a user`);
  }
  return undefined;
}
