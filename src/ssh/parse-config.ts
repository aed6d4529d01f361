/** Reads what `ssh -G` prints. */
import { hostname as localHostname } from "node:os";
import { Fault } from "../core/fault.ts";
import type { HostConfig } from "./config.ts";
import { expandTokens } from "./tokens.ts";

/** What the parser needs besides the text. */
export interface ConfigContext {
  host: string;
  sshCommand: string;
  /** The home directory, for `~` and `%d`. */
  home: string;
  env: Record<string, string | undefined>;
}

const defaultConnectTimeoutMs = 20_000;
const defaultKeepalive = { intervalMs: 15_000, countMax: 3 };

/** Reads the output of `ssh -G` (one `keyword value` a line, keywords in lower case). */
export function parseHostConfig(text: string, context: ConfigContext): HostConfig | Fault {
  const settings = readSettings(text);
  const first = (keyword: string) => settings.get(keyword)?.[0] ?? "";
  const seconds = (keyword: string) => (Number.parseInt(first(keyword), 10) || 0) * 1000;

  for (const [keyword, name] of [
    ["proxyjump", "ProxyJump"],
    ["proxycommand", "ProxyCommand"],
  ] as const) {
    if (isSet(first(keyword))) {
      return new Fault(
        "usage",
        `${name} is set for ${context.host} (${first(keyword)}); tsync does not support it yet`,
      );
    }
  }

  const hostname = first("hostname");
  const user = first("user");
  const hostKeyAlias = first("hostkeyalias");
  const tokens = {
    "%": "%",
    d: context.home,
    h: hostname,
    i: String(process.getuid?.() ?? ""),
    k: hostKeyAlias || context.host,
    L: localHostname().split(".", 1)[0] ?? "",
    l: localHostname(),
    n: context.host,
    p: first("port"),
    r: user,
    // Bun's userInfo() knows no more than this.
    u: context.env.USER ?? context.env.LOGNAME ?? "",
  };
  const keepaliveIntervalMs = seconds("serveraliveinterval");
  return {
    host: context.host,
    hostname,
    port: Number(first("port")),
    user,
    addressFamily: ({ inet: 4, inet6: 6 } as const)[first("addressfamily")] ?? 0,
    identityFiles: (settings.get("identityfile") ?? [])
      .filter(isSet)
      .map((file) => expandTokens(file, tokens, context.env)),
    identitiesOnly: first("identitiesonly") === "yes",
    agentSocket: agentSocket(first("identityagent"), context.env),
    userKnownHostsFiles: splitPaths(first("userknownhostsfile")).map((file) =>
      expandTokens(file, tokens, context.env),
    ),
    globalKnownHostsFiles: splitPaths(first("globalknownhostsfile")).map((file) =>
      expandTokens(file, tokens, context.env),
    ),
    hashKnownHosts: first("hashknownhosts") === "yes",
    hostKeyAlias,
    strictHostKeyChecking: strictness[first("stricthostkeychecking")] ?? "ask",
    authMethods: ["publickey", "keyboard-interactive", "password"],
    passwordPrompts: 3,
    batchMode: first("batchmode") === "yes",
    algorithms: { ciphers: [], kex: [], macs: [], hostKeys: [] },
    compression: false,
    bindAddress: "",
    environment: {},
    jump: null,
    proxyCommand: "",
    warnings: [],
    connectTimeoutMs: seconds("connecttimeout") || defaultConnectTimeoutMs,
    keepaliveIntervalMs: keepaliveIntervalMs || defaultKeepalive.intervalMs,
    keepaliveCountMax:
      keepaliveIntervalMs === 0
        ? defaultKeepalive.countMax
        : Math.max(1, Number.parseInt(first("serveralivecountmax"), 10) || 0),
    sshCommand: context.sshCommand,
  };
}

function readSettings(text: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const blank = line.indexOf(" ");
    if (blank < 0) continue;
    const keyword = line.slice(0, blank);
    settings.set(keyword, [...(settings.get(keyword) ?? []), line.slice(blank + 1)]);
  }
  return settings;
}

/** `ssh -G` prints "true" and "false" for "yes" and "no". */
const strictness: Record<string, HostConfig["strictHostKeyChecking"]> = {
  ask: "ask",
  yes: "yes",
  true: "yes",
  no: "no",
  off: "no",
  false: "no",
  "accept-new": "accept-new",
};

function isSet(value: string): boolean {
  return value !== "" && value !== "none";
}

/** ssh prints a list of paths with blanks between them and no quotes: a piece that starts no path belongs to the one before. */
function splitPaths(value: string): string[] {
  return isSet(value) ? value.split(/ (?=[/~])/) : [];
}

/** IdentityAgent: a path, `$VARIABLE`, `SSH_AUTH_SOCK` (also the default) or `none`. */
function agentSocket(setting: string, env: ConfigContext["env"]): string {
  if (setting === "none") return "";
  if (setting === "" || setting === "SSH_AUTH_SOCK") return env.SSH_AUTH_SOCK ?? "";
  return setting.startsWith("$") ? (env[setting.slice(1)] ?? "") : setting;
}
