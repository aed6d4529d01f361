/** What ssh_config says where no ssh client is installed: the plain part of it, in the form of `ssh -G`. */
import { statSync } from "node:fs";
import { Fault, isFault } from "../../core/fault.ts";
import type { HostAnswer, HostQuery } from "./config.ts";
import { ConfigReader, systemConfigFile } from "./config-reader.ts";
import { localUser } from "./local-user.ts";
import type { Settings } from "./settings.ts";
import { expandHome, expandStrictly, expandTokens, pathTokens } from "./tokens.ts";

const defaultKeys = ["rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk"].map((type) => `~/.ssh/id_${type}`);

/**
 * What the configuration files say, with OpenSSH's defaults; each Match that is skipped is told in a warning. `home`
 * is where `.ssh` is looked for. Fault: "usage" (a file that ssh would refuse, too, or a key file that is not there).
 */
export function readPlainConfig(query: HostQuery, home = localUser().home): HostAnswer | Fault {
  const { configFile, identityFiles = [] } = query;
  const missingKey = identityFiles.find((file) => !exists(expandHome(file, home)));
  if (missingKey !== undefined) return new Fault("usage", `Identity file ${missingKey} not accessible`);
  if (configFile !== undefined && configFile !== "none" && !exists(configFile)) {
    return new Fault("usage", `Can't open user config file ${configFile}: No such file or directory`);
  }
  const reader = new ConfigReader(query, home);
  const files =
    configFile === undefined
      ? [
          { file: `${home}/.ssh/config`, isUsers: true, isChecked: true },
          { file: systemConfigFile, isUsers: false, isChecked: false },
        ]
      : [{ file: configFile, isUsers: true, isChecked: false }];
  for (const place of configFile === "none" ? [] : files) {
    const fault = reader.read(place, "always");
    if (fault !== undefined) return fault;
  }
  const settings = withDefaults(reader.settings, query.host, home);
  if (isFault(settings)) return settings;
  const lines = [...settings].flatMap(([keyword, values]) => values.map((value) => `${keyword} ${value}\n`));
  return { text: lines.join(""), defaults: new Map(), warnings: reader.warnings };
}

/** Adds what OpenSSH takes for granted, and replaces the tokens that `ssh -G` replaces. */
function withDefaults(read: Settings, host: string, home: string): Settings | Fault {
  const settings = new Map(read);
  const first = (keyword: string, usual = "") => settings.get(keyword)?.[0] ?? usual;
  const hostname = expandStrictly(first("hostname", host), { "%": "%", h: host }, `HostName of ${host}`);
  if (isFault(hostname)) return hostname;
  settings.set("hostname", [hostname.toLowerCase()]);
  settings.set("port", [first("port", "22")]);
  settings.set("user", [first("user", localUser().name)]);
  settings.set("hostkeyalias", [first("hostkeyalias").toLowerCase()]);
  settings.set("identityfile", settings.get("identityfile") ?? defaultKeys);
  settings.set("globalknownhostsfile", [
    first("globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"),
  ]);

  const tokens = pathTokens(settings, host, home);
  const expand = (text: string) => expandTokens(text, tokens, process.env);
  const known = first("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2");
  settings.set("userknownhostsfile", [
    known
      .split(/ (?=[/~])/)
      .map(expand)
      .join(" "),
  ]);
  settings.set("identityagent", [expand(first("identityagent"))]);
  return settings;
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
