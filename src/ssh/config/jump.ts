/** Reads ProxyJump: the hosts on the way, as `[user@]host[:port]` or `ssh://[user@]host[:port]`. */
import { Fault, isFault } from "../../core/fault.ts";
import type { HostRequest } from "./config.ts";
import { isSet, type Settings } from "./settings.ts";
import { expandStrictly, proxyTokens } from "./tokens.ts";

/** The last host on the way, and the way to it. */
export interface Jump {
  request: HostRequest;
  /** The hosts before it, as for `ssh -J`; empty when its own configuration says how to reach it. */
  before: string;
}

/**
 * The host through which `settings` lead to `host`; null for none. As in ssh, `a,b` connects to b through a, and
 * ProxyJump and ProxyCommand of the configuration count for a alone. Fault: "usage".
 */
export function jumpOf(settings: Settings, host: string): Jump | null | Fault {
  const value = settings.get("proxyjump")?.[0] ?? "";
  if (!isSet(value)) return null;
  const hops = value.split(",");
  const last = parseHop(hops.at(-1) ?? "");
  if (last === undefined || hops.some((hop) => parseHop(hop) === undefined)) {
    return new Fault(
      "usage",
      `ProxyJump of ${host} cannot be understood: ${value}`,
      "write user@host:port, separated by commas",
    );
  }
  // As ssh does: what is written is compared, before tokens are replaced.
  const first = (keyword: string) => settings.get(keyword)?.[0];
  const isItself =
    last.host === first("hostname") &&
    (last.port ?? 22) === Number(first("port")) &&
    (last.user ?? first("user")) === first("user");
  if (isItself) {
    return new Fault("usage", `ProxyJump of ${host} leads to itself: ${value}`, "set ProxyJump none for it");
  }
  const expanded: string[] = [];
  for (const text of [last.host, last.user ?? "", hops.slice(0, -1).join(",")]) {
    const part = expandStrictly(text, proxyTokens(settings, host), `ProxyJump of ${host}`);
    if (isFault(part)) return part;
    expanded.push(part);
  }
  const [name = "", user = "", before = ""] = expanded;
  return { request: { ...last, host: name, ...(user === "" ? {} : { user }) }, before };
}

function parseHop(text: string): HostRequest | undefined {
  const [, scheme, user, name, digits] =
    /^(ssh:\/\/)?(?:(.+)@)?(\[[^\]]+\]|[^:/[\]]+)(?::(\d+))?\/?$/.exec(text.trim()) ?? [];
  if (name === undefined || (scheme === undefined && text.endsWith("/"))) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  return {
    host: name.replace(/^\[|\]$/g, ""),
    ...(user === undefined ? {} : { user: scheme === undefined ? user : decodeUser(user) }),
    ...(port === undefined ? {} : { port }),
  };
}

/** In a URI a user may be escaped, and may have parameters, which ssh ignores. */
function decodeUser(user: string): string {
  const name = user.split(";", 1)[0] ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
