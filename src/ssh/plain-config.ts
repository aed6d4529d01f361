/** Reads ssh_config where no ssh client is installed: the plain part of it, in the form of `ssh -G`. */
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Fault, isFault } from "../core/fault.ts";
import type { HostAnswer, HostQuery } from "./config.ts";
import { findFiles } from "./config-files.ts";
import { parseConfigLine } from "./config-line.ts";
import { localUser } from "./local-user.ts";
import { additive, normalize, otherNames, wholeLines } from "./plain-values.ts";
import { isSet, matchesPattern } from "./settings.ts";
import { expandHome, expandStrictly, expandTokens, pathTokens } from "./tokens.ts";

/** As OpenSSH. */
const includeDepthMax = 16;

const systemConfigFile = "/etc/ssh/ssh_config";
const defaultKeys = ["rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk"].map((type) => `~/.ssh/id_${type}`);

/**
 * What the configuration files say, the first value of each keyword: Host and Include are followed, Match is not, and
 * each is told in a warning. Where nothing is set the defaults of OpenSSH hold. `home` is where `.ssh` is looked for.
 * Fault: "usage" (a file that ssh would refuse, too, or a key file that does not exist).
 */
export function readPlainConfig(query: HostQuery, home = localUser().home): HostAnswer | Fault {
  const { configFile, identityFiles = [] } = query;
  for (const file of identityFiles) {
    if (!exists(expandHome(file, home))) return new Fault("usage", `Identity file ${file} not accessible`);
  }
  const reader = new ConfigReader(query, home);
  const files: Place[] =
    configFile === undefined
      ? [
          { file: `${home}/.ssh/config`, isUsers: true, isChecked: true },
          { file: systemConfigFile, isUsers: false, isChecked: false },
        ]
      : [{ file: configFile, isUsers: true, isChecked: false }];
  for (const place of configFile?.toLowerCase() === "none" ? [] : files) {
    const found = reader.read(place, "always");
    if (isFault(found)) return found;
    if (!found && configFile !== undefined) {
      return new Fault("usage", `Can't open user config file ${configFile}: No such file or directory`);
    }
  }
  const text = reader.answer();
  return isFault(text)
    ? text
    : {
        text,
        defaults: new Map(),
        warnings: [
          `the ssh client is not installed, so the configuration of ${query.host} is read without Match, tokens in Include, and CanonicalizeHostname`,
          ...reader.warnings,
        ],
      };
}

/** A file to read. */
interface Place {
  file: string;
  /** Its relative Includes are below ~/.ssh; else below /etc/ssh. */
  isUsers: boolean;
  /** Nobody else may be able to write it. */
  isChecked: boolean;
}

class ConfigReader {
  readonly warnings: string[] = [];
  readonly #query: HostQuery;
  readonly #home: string;
  readonly #settings = new Map<string, string[]>();

  constructor(query: HostQuery, home: string) {
    this.#query = query;
    this.#home = home;
    // What the command line says comes first, and so wins.
    for (const [keyword, value] of [
      ["port", query.port],
      ["user", query.user],
      ["proxyjump", query.jump],
    ] as const) {
      if (value !== undefined) this.#settings.set(keyword, [String(value)]);
    }
    if (query.identityFiles !== undefined) this.#settings.set("identityfile", [...query.identityFiles]);
  }

  /** Reads a file; false if it is not there. `scope`: whether its lines count before the first Host, or never. */
  read(place: Place, scope: "always" | "never", depth = 0): boolean | Fault {
    if (depth > includeDepthMax) return new Fault("usage", `${place.file} is included by too many others`);
    let text: string;
    try {
      const { uid, mode } = statSync(place.file);
      if (place.isChecked && ((uid !== 0 && uid !== process.getuid?.()) || (mode & 0o022) !== 0)) {
        return new Fault(
          "usage",
          `Bad owner or permissions on ${place.file}`,
          "others must not be able to write it: chmod go-w",
        );
      }
      text = readFileSync(place.file, "utf8");
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === "ENOENT" ? false : new Fault("usage", `cannot read ${place.file}: ${message}`);
    }

    let isActive = scope === "always";
    for (const [index, raw] of text.split("\n").entries()) {
      const line = parseConfigLine(raw);
      if (line === null) continue;
      const where = `${place.file} line ${index + 1}`;
      const { keyword, rest, words } = line;
      if (words === null) return new Fault("usage", `${where}: a quote is not closed`);
      if (words.length === 0) return new Fault("usage", `${where}: nothing follows ${keyword}`);
      if (keyword === "host") {
        isActive = scope === "always" && this.#isMeant(words);
      } else if (keyword === "match") {
        isActive = scope === "always" && words.join(" ").toLowerCase() === "all";
        if (scope === "always" && !isActive) this.warnings.push(`Match ${rest} is skipped (${where})`);
      } else if (keyword === "include") {
        const fault = this.#include(words, place, isActive ? "always" : "never", depth);
        if (fault !== undefined) return fault;
      } else {
        const fault = this.#take(otherNames[keyword] ?? keyword, words, rest, isActive);
        if (fault !== undefined) return new Fault("usage", `${where}: ${fault}`);
      }
    }
    return true;
  }

  /** True if one of the patterns of a Host line matches, and none of those with `!` does. */
  #isMeant(patterns: string[]): boolean {
    const { host } = this.#query;
    return (
      patterns.some((pattern) => matchesPattern(host, pattern)) &&
      !patterns.some((pattern) => pattern.startsWith("!") && matchesPattern(host, pattern.slice(1)))
    );
  }

  #include(patterns: string[], place: Place, scope: "always" | "never", depth: number): Fault | undefined {
    const folder = place.isUsers ? `${this.#home}/.ssh` : dirname(systemConfigFile);
    for (const written of patterns) {
      const pattern = place.isUsers ? expandHome(written, this.#home) : written;
      for (const file of findFiles(pattern.startsWith("/") ? pattern : `${folder}/${pattern}`)) {
        const found = this.read({ ...place, file, isChecked: true }, scope, depth + 1);
        if (isFault(found)) return found;
      }
    }
    return undefined;
  }

  /** Takes in a setting, if the lines of its block count; what is wrong with it otherwise. */
  #take(keyword: string, words: string[], rest: string, isActive: boolean): string | undefined {
    const value = normalize(keyword, wholeLines.has(keyword) ? rest.replace(/^=*\s*/, "") : words.join(" "));
    if (value === undefined) return `${words.join(" ")} is no value for ${keyword}`;
    if (!isActive) return undefined;
    const held = this.#settings.get(keyword);
    if (keyword === "sendenv") this.#settings.set(keyword, sendEnv(held ?? [], words));
    else if (additive.has(keyword)) this.#settings.set(keyword, [...new Set([...(held ?? []), value])]);
    else if (held === undefined && !this.#isOtherWay(keyword)) {
      this.#settings.set(keyword, keyword === "setenv" ? setEnv(words) : [value]);
    }
    return undefined;
  }

  /** True for ProxyCommand and ProxyJump if the other one was first: then that one counts. */
  #isOtherWay(keyword: string): boolean {
    const jump = this.#settings.get("proxyjump")?.[0] ?? "";
    if (keyword === "proxycommand") return isSet(jump);
    return keyword === "proxyjump" && this.#settings.has("proxycommand");
  }

  /** All that was read, with OpenSSH's defaults for what it takes for granted. */
  answer(): string | Fault {
    const settings = new Map(this.#settings);
    const { host } = this.#query;
    const first = (keyword: string, usual: string) => settings.get(keyword)?.[0] ?? usual;
    const hostname = expandStrictly(first("hostname", host), { "%": "%", h: host }, `HostName of ${host}`);
    if (isFault(hostname)) return hostname;
    settings.set("hostname", [hostname.toLowerCase()]);
    settings.set("port", [first("port", "22")]);
    settings.set("user", [first("user", localUser().name)]);
    if (settings.has("hostkeyalias")) settings.set("hostkeyalias", [first("hostkeyalias", "").toLowerCase()]);
    if (!settings.has("identityfile")) settings.set("identityfile", defaultKeys);

    const tokens = pathTokens(settings, host, this.#home);
    const expand = (text: string) => expandTokens(text, tokens, process.env);
    const known = first("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2");
    settings.set("userknownhostsfile", [
      known
        .split(/ (?=[/~])/)
        .map(expand)
        .join(" "),
    ]);
    settings.set("globalknownhostsfile", [
      first("globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"),
    ]);
    if (settings.has("identityagent")) settings.set("identityagent", [expand(first("identityagent", ""))]);
    return [...settings]
      .flatMap(([keyword, values]) => values.map((value) => `${keyword} ${value}\n`))
      .join("");
  }
}

/** A name with `-` in front takes away the names that it matches, of those before it. */
function sendEnv(held: string[], words: string[]): string[] {
  let names = held;
  for (const word of words) {
    names = word.startsWith("-")
      ? names.filter((name) => !matchesPattern(name, word.slice(1)))
      : names.concat(word);
  }
  return names;
}

/** The first of several with the same name counts. */
function setEnv(words: string[]): string[] {
  const name = (word: string) => word.split("=", 1)[0];
  return words.filter((word, index) => words.findIndex((other) => name(other) === name(word)) === index);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
