/** What OpenSSH replaces in the values of ssh_config (ssh_config(5), TOKENS and ENVIRONMENT VARIABLES). */
import { hostname as localHostname } from "node:os";
import { Fault } from "../../core/fault.ts";
import { localUser } from "./local-user.ts";
import type { Settings } from "./settings.ts";

type Tokens = Record<string, string>;

/** The tokens of ProxyCommand and ProxyJump. `host` is the host as the user wrote it. */
export function proxyTokens(settings: Settings, host: string): Tokens {
  const first = (keyword: string) => settings.get(keyword)?.[0] ?? "";
  return {
    "%": "%",
    h: first("hostname"),
    k: first("hostkeyalias") || host,
    n: host,
    p: first("port"),
    r: first("user"),
  };
}

/** The tokens of file names. */
export function pathTokens(settings: Settings, host: string, home: string): Tokens & { d: string } {
  return {
    ...proxyTokens(settings, host),
    d: home,
    i: String(process.getuid?.() ?? ""),
    L: localHostname().split(".", 1)[0] ?? "",
    l: localHostname(),
    u: localUser().name,
  };
}

/**
 * Replaces a leading `~`, `%x` and `${VARIABLE}` in a file name. `tokens` maps the letter after `%` to its value
 * and must hold `d`, the home directory. What has no value stays as it is.
 */
export function expandTokens(
  path: string,
  tokens: Tokens & { d: string },
  env: Record<string, string | undefined>,
): string {
  return expandHome(path, tokens.d).replace(
    /%(.)|\$\{([^}]+)\}/g,
    (whole, letter: string | undefined, variable: string | undefined) =>
      (letter === undefined ? env[variable ?? ""] : tokens[letter]) ?? whole,
  );
}

/** Replaces a leading `~`. */
export function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? `${home}${path.slice(1)}` : path;
}

/** Replaces `%x` in the value of `option`. Fault: "usage" (a token that it does not know, as for ssh). */
export function expandStrictly(text: string, tokens: Tokens, option: string): string | Fault {
  const unknown = [...text.matchAll(/%(.?)/g)].find(([, letter = ""]) => tokens[letter] === undefined);
  if (unknown !== undefined) {
    return new Fault(
      "usage",
      `${option} has "${unknown[0]}", which means nothing there`,
      "a percent sign is %%",
    );
  }
  return text.replace(/%(.)/g, (_, letter: string) => tokens[letter] ?? "");
}
