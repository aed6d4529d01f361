/** Names of hosts that somebody may mean: those that OpenSSH's configuration and known_hosts files tell openly. */
import { readFileSync, statSync } from "node:fs";
import { findFiles } from "./config/config-files.ts";
import { parseConfigLine } from "./config/config-line.ts";
import { systemConfigFile } from "./config/config-reader.ts";
import { localUser } from "./config/local-user.ts";
import { expandHome } from "./config/tokens.ts";
import { readKnownHosts } from "./host-key/known-hosts-file.ts";

/** As OpenSSH. */
const includeDepthMax = 16;
const fileBytesMax = 1024 * 1024;
const namesMax = 10_000;

/** Where known_hosts files are if the configuration does not say more. */
const usualKnownHosts = [
  "~/.ssh/known_hosts",
  "~/.ssh/known_hosts2",
  "/etc/ssh/ssh_known_hosts",
  "/etc/ssh/ssh_known_hosts2",
];

/**
 * The names, each once, sorted, at most 10,000. `configFile` is read in place of the user's and the system's
 * configuration. Files that cannot be read say nothing; patterns and hashed names are no names.
 */
export async function hostNames(configFile?: string): Promise<string[]> {
  const names = new Set<string>();
  const home = localUser().home;
  const knownHosts = new Set(usualKnownHosts.map((file) => expandHome(file, home)));
  const add = (name: string) => {
    if (names.size < namesMax && isPlain(name)) names.add(name);
  };

  const read = (file: string, folder: string, depth: number) => {
    for (const raw of textOf(file).split("\n")) {
      const line = parseConfigLine(raw);
      const words = line?.words ?? [];
      if (line?.keyword === "host") words.forEach(add);
      else if (line?.keyword === "userknownhostsfile" || line?.keyword === "globalknownhostsfile")
        for (const word of words) knownHosts.add(expandHome(word, home));
      else if (line?.keyword === "include" && depth < includeDepthMax) {
        for (const word of words) {
          const pattern = expandHome(word, home);
          const included = findFiles(pattern.startsWith("/") ? pattern : `${folder}/${pattern}`);
          for (const each of included) read(each, folder, depth + 1);
        }
      }
    }
  };
  if (configFile !== undefined) read(configFile, `${home}/.ssh`, 0);
  else {
    read(`${home}/.ssh/config`, `${home}/.ssh`, 0);
    read(systemConfigFile, "/etc/ssh", 0);
  }
  for (const file of knownHosts) {
    await readKnownHosts(file, (line) => {
      if (line.marker === "@revoked") return;
      for (const name of line.names.split(",")) add(/^\[(.*)\]:\d+$/.exec(name)?.[1] ?? name);
    });
  }
  return [...names].sort();
}

/** True for a name without wildcards, negation and hash, and with nothing that a destination would read otherwise. */
function isPlain(name: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name);
}

function textOf(file: string): string {
  try {
    const stats = statSync(file);
    return stats.isFile() && stats.size <= fileBytesMax ? readFileSync(file, "utf8") : "";
  } catch {
    return "";
  }
}
