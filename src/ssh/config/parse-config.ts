/** Makes the configuration of a host out of what `ssh -G` prints. */
import { Fault, isFault } from "../../core/fault.ts";
import { algorithmsOf } from "../algorithms.ts";
import { interfaceAddress } from "./bind-address.ts";
import type { AuthMethodName, HostConfig } from "./config.ts";
import { warningsOf } from "./config-warnings.ts";
import { environmentOf } from "./environment.ts";
import { isSet, isYes, readSettings, type Settings } from "./settings.ts";
import { expandHome, expandStrictly, expandTokens, pathTokens, proxyTokens } from "./tokens.ts";

/** What the parser needs besides the text. */
export interface ConfigContext {
  host: string;
  sshCommand: string;
  /** The home directory, for `~` and `%d`. */
  home: string;
  env: Record<string, string | undefined>;
  /** What `ssh -G` prints when nothing is configured; without it, all that it prints counts as set by the user. */
  defaults?: Settings;
}

const defaultConnectTimeoutMs = 20_000;
const defaultKeepalive = { intervalMs: 15_000, countMax: 3 };
const defaultPasswordPrompts = 3;

/**
 * Reads the output of `ssh -G`. The hosts on the way (ProxyJump) are up to the caller: `jump` is null. Fault: "usage"
 * (algorithms or methods of which tsync has none, a ProxyCommand with unknown tokens).
 */
export function parseHostConfig(text: string, context: ConfigContext): HostConfig | Fault {
  const { host, home, env, defaults = new Map() } = context;
  const settings = readSettings(text);
  const first = (keyword: string) => settings.get(keyword)?.[0] ?? "";
  const seconds = (keyword: string) => (Number.parseInt(first(keyword), 10) || 0) * 1000;

  const algorithms = algorithmsOf(settings, defaults, host);
  if (isFault(algorithms)) return algorithms;
  const authMethods = authMethodsOf(settings, host);
  if (isFault(authMethods)) return authMethods;
  const proxyCommand = isSet(first("proxycommand"))
    ? expandStrictly(first("proxycommand"), proxyTokens(settings, host), `ProxyCommand of ${host}`)
    : "";
  if (isFault(proxyCommand)) return proxyCommand;

  const tokens = pathTokens(settings, host, home);
  const addressFamily = ({ inet: 4, inet6: 6 } as const)[first("addressfamily")] ?? 0;
  const bindAddress = first("bindaddress") || interfaceAddress(first("bindinterface"), addressFamily);
  const keepaliveIntervalMs = seconds("serveraliveinterval");
  return {
    host,
    hostname: first("hostname"),
    port: Number(first("port")),
    user: first("user"),
    addressFamily,
    identityFiles: (settings.get("identityfile") ?? [])
      .filter(isSet)
      .map((file) => expandTokens(file, tokens, env)),
    identitiesOnly: isYes(first("identitiesonly")),
    agentSocket: agentSocket(first("identityagent"), home, env),
    userKnownHostsFiles: splitPaths(first("userknownhostsfile"), home),
    globalKnownHostsFiles: splitPaths(first("globalknownhostsfile"), home),
    revokedHostKeysFiles: splitPaths(first("revokedhostkeys"), home).map((file) =>
      expandTokens(file, tokens, env),
    ),
    hashKnownHosts: isYes(first("hashknownhosts")),
    hostKeyAlias: first("hostkeyalias"),
    strictHostKeyChecking: strictness[first("stricthostkeychecking")] ?? "ask",
    authMethods,
    passwordPrompts: Number(first("numberofpasswordprompts") || defaultPasswordPrompts),
    batchMode: isYes(first("batchmode")),
    algorithms,
    compression: isYes(first("compression")),
    bindAddress,
    environment: environmentOf(settings, env),
    jump: null,
    proxyCommand,
    warnings: [
      ...warningsOf(settings, defaults, host),
      ...(isSet(first("bindinterface")) && bindAddress === ""
        ? [`BindInterface of ${host} is not followed: ${first("bindinterface")} has no address here`]
        : []),
    ],
    connectTimeoutMs: seconds("connecttimeout") || defaultConnectTimeoutMs,
    keepaliveIntervalMs: keepaliveIntervalMs || defaultKeepalive.intervalMs,
    keepaliveCountMax:
      keepaliveIntervalMs === 0
        ? defaultKeepalive.countMax
        : Math.max(1, Number(first("serveralivecountmax") || defaultKeepalive.countMax)),
    sshCommand: context.sshCommand,
  };
}

/** From the method to the keyword that switches it off, in the order of OpenSSH. */
const methodSwitches: Record<AuthMethodName, string> = {
  publickey: "pubkeyauthentication",
  "keyboard-interactive": "kbdinteractiveauthentication",
  password: "passwordauthentication",
};

function authMethodsOf(settings: Settings, host: string): AuthMethodName[] | Fault {
  const usual = Object.keys(methodSwitches) as AuthMethodName[];
  const preferred = settings.get("preferredauthentications")?.[0] ?? "";
  const wanted = preferred.split(",").flatMap((name) => usual.filter((method) => method === name));
  // "none" is tried in any case.
  if (preferred !== "" && wanted.length === 0 && !preferred.split(",").includes("none")) {
    return new Fault(
      "usage",
      `PreferredAuthentications of ${host} names nothing that tsync has: ${preferred}`,
      `tsync has ${usual.join(", ")}`,
    );
  }
  const isOff = (method: AuthMethodName) =>
    ["no", "false"].includes(settings.get(methodSwitches[method])?.[0] ?? "");
  return [...new Set(preferred === "" ? usual : wanted)].filter((method) => !isOff(method));
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

/** ssh prints a list of paths with blanks between them and no quotes: a piece that starts no path belongs to the one before. */
function splitPaths(value: string, home: string): string[] {
  return isSet(value) ? value.split(/ (?=[/~])/).map((path) => expandHome(path, home)) : [];
}

/** IdentityAgent: a path, `$VARIABLE`, `SSH_AUTH_SOCK` (also the default) or `none`. */
function agentSocket(setting: string, home: string, env: ConfigContext["env"]): string {
  if (setting === "none") return "";
  if (setting === "" || setting === "SSH_AUTH_SOCK") return env.SSH_AUTH_SOCK ?? "";
  return setting.startsWith("$") ? (env[setting.slice(1)] ?? "") : expandHome(setting, home);
}
