/** Reads the files of ssh_config: Host and Include are followed, Match is not. */
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Fault, isFault } from "../../core/fault.ts";
import type { HostQuery } from "./config.ts";
import { findFiles } from "./config-files.ts";
import { parseConfigLine } from "./config-line.ts";
import { additive, normalize, otherNames, wholeLines } from "./plain-values.ts";
import { isSet, matchesPattern, type Settings } from "./settings.ts";
import { expandHome } from "./tokens.ts";

/** As OpenSSH. */
const includeDepthMax = 16;

/** For everybody on this machine. */
export const systemConfigFile = "/etc/ssh/ssh_config";

/** A file to read. */
interface Place {
  file: string;
  /** Its relative Includes are below ~/.ssh; else below /etc/ssh. */
  isUsers: boolean;
  /** Nobody else may be able to write it. */
  isChecked: boolean;
}

/** Gathers what is set for one host: the first value of each keyword, and all of those that add up. */
export class ConfigReader {
  /** A sentence for each Match. */
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

  get settings(): Settings {
    return this.#settings;
  }

  /** Reads a file, if it is there. `scope`: whether its lines count before the first Host, or none of them. */
  read(place: Place, scope: "always" | "never", depth = 0): Fault | undefined {
    if (depth > includeDepthMax) return new Fault("usage", `${place.file} is included by too many others`);
    const text = load(place);
    if (isFault(text)) return text;
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
    return undefined;
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
        const fault = this.read({ ...place, file, isChecked: true }, scope, depth + 1);
        if (fault !== undefined) return fault;
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
}

/** The text of a file; empty if it is not there, or is a directory. */
function load({ file, isChecked }: Place): string | Fault {
  try {
    const { uid, mode } = statSync(file);
    if (isChecked && ((uid !== 0 && uid !== process.getuid?.()) || (mode & 0o022) !== 0)) {
      return new Fault(
        "usage",
        `Bad owner or permissions on ${file}`,
        "nobody else may be able to write it: chmod go-w",
      );
    }
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EISDIR") return "";
    return new Fault("usage", `cannot read ${file}: ${message}`);
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
