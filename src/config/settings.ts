/** Joins what the command line, the environment and the configuration file say about one target. */
import { Fault } from "../core/fault.ts";
import { type FilterFunction, isFilterFunction } from "./filter-function.ts";
import { type SettingName, type Settings, settingOptions } from "./options.ts";
import { type RawValue, readValue } from "./values.ts";

/** One thing that was said. */
export interface Said {
  readonly name: SettingName;
  /** A function only for `filter`. */
  readonly value: RawValue | FilterFunction;
  /** Where it was said, for messages: `--delete`, `TSYNC_DELETE`, `tsync.toml:3`. */
  readonly where: string;
}

/** What one place says, in its order. */
export type Layer = readonly Said[];

/** What chooses what is mirrored; the order in which it is said matters. */
const ruleNames = ["exclude", "include", "filter", "exclude-from", "include-from", "filter-from"] as const;

/** A selection rule, or the file that has some. */
interface RuleText {
  readonly option: (typeof ruleNames)[number];
  readonly text: string;
  readonly where: string;
}

/** What is in force. */
export interface Resolved {
  readonly settings: Settings;
  /** Where each setting was said. */
  readonly origins: ReadonlyMap<SettingName, string>;
  /** The first that matches decides. */
  readonly rules: readonly RuleText[];
  /** Functions that have to say yes as well, and where each was said. */
  readonly filters: readonly { readonly call: FilterFunction; readonly where: string }[];
}

/**
 * What is in force of `layers`, the strongest first. A stronger layer's value replaces a weaker one's; selection
 * rules add up, the stronger layer's first.
 */
export function resolveSettings(layers: readonly Layer[]): Resolved | Fault {
  const settings: Record<string, unknown> = {};
  const origins = new Map<SettingName, string>();
  const rules: RuleText[] = [];
  const filters: { call: FilterFunction; where: string }[] = [];
  for (const layer of layers) {
    const own: Record<string, unknown> = {};
    for (const { name, value: raw, where } of layer) {
      if (isFilterFunction(raw)) {
        filters.push({ call: raw, where });
        continue;
      }
      const read = readValue(settingOptions[name], raw);
      if ("problem" in read) return new Fault("usage", `${mention(name, where)} ${read.problem}`);
      if (isRuleName(name)) {
        for (const text of read.value as readonly string[]) rules.push({ option: name, text, where });
        continue;
      }
      if (origins.has(name) && !Object.hasOwn(own, name)) continue;
      const before = own[name];
      own[name] = Array.isArray(before) ? [...before, ...(read.value as readonly string[])] : read.value;
      settings[name] = own[name];
      // Of a list that adds up, where it begins.
      if (before === undefined) origins.set(name, where);
    }
  }
  return { settings: settings as Settings, origins, rules, filters };
}

/** How a message speaks of what was said of option `name`: `--delete`, `TSYNC_DELETE`, `delete (tsync.toml:3)`. */
export function mention(name: SettingName, where: string): string {
  return where.startsWith("-") || where.startsWith(prefix) ? where : `${name} (${where})`;
}

/** The prefix of environment variables that set options: `TSYNC_MAX_DELAY=5s`. */
const prefix = "TSYNC_";

/** What the environment says. Variables that name no option are left to others. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const said: Said[] = [];
  for (const name of Object.keys(settingOptions) as SettingName[]) {
    const where = prefix + name.toUpperCase().replaceAll("-", "_");
    const value = env[where];
    if (value !== undefined && value !== "") said.push({ name, value, where });
  }
  return said;
}

/** True for an option that adds to the rules. */
export function isRuleName(name: SettingName): name is RuleText["option"] {
  return (ruleNames as readonly string[]).includes(name);
}
