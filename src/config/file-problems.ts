/** Says what the schema found wrong with a configuration file, and where. */
import type { BaseIssue } from "valibot";
import { closest } from "../core/closest.ts";
import { mirrorOptions, type OptionDef, settingOptions } from "./options.ts";
import { shown } from "./shown.ts";
import type { Problem, TomlDocument, TomlPath, TomlValue } from "./toml.ts";

type Issue = BaseIssue<unknown>;

/** The keys of each kind of table besides options. */
const ownKeys = {
  file: ["defaults", "mirror"],
  mirror: ["name", "source", "targets"],
  target: ["to"],
  exec: ["exec", "name", "format", "moves"],
};

/** One problem for each of `issues`. */
export function problemsOf(issues: readonly Issue[], toml: TomlDocument): Problem[] {
  return issues
    .flatMap((issue) => expand(issue, []))
    .map(({ issue, path }) => ({ at: toml.positionOf(path), text: explain(issue, path, toml) }));
}

/**
 * Of several forms that a value may have and has not, the one is told that fits in part: what is wrong inside it.
 * If none does, the value as a whole is wrong.
 */
function expand(issue: Issue, above: TomlPath): { issue: Issue; path: TomlPath }[] {
  const path = [...above, ...(issue.path ?? []).map(({ key }) => key as string | number)];
  // A command says itself what is wrong in it.
  const inside = isCommand(path.at(-1)) ? [] : (issue.issues ?? []).filter((one) => one.path !== undefined);
  return inside.length === 0 ? [{ issue, path }] : inside.flatMap((one) => expand(one, path));
}

function isCommand(key: string | number | undefined): boolean {
  const options: Readonly<Record<string, OptionDef>> = settingOptions;
  return typeof key === "string" && Object.hasOwn(options, key) && options[key]!.type === "command";
}

function explain(issue: Issue, path: TomlPath, toml: TomlDocument): string {
  const key = path.at(-1);
  if (key === undefined) return issue.message;
  const table = path.slice(0, -1);
  if (issue.type === "never") return unknownKey(String(key), table, toml);
  if (issue.type === "object_with_rest")
    return table.length === 0 ? `the file has no [[${key}]]` : `${describe(table, toml)} has no "${key}"`;
  if (issue.message.startsWith("is ")) return `${lastName(path)} ${issue.message}`;
  return issue.message;
}

function unknownKey(key: string, table: TomlPath, toml: TomlDocument): string {
  if (table.length === 0) {
    const meant = closest(key, ownKeys.file);
    const isOption = closest(key, Object.keys(settingOptions)) !== null;
    const elsewhere = isOption ? "; options stand in [defaults] or [[mirror]]" : "";
    return `unknown key ${shown(key)}${meant === null ? elsewhere : `; did you mean ${meant}?`}`;
  }
  const where = `in ${describe(table, toml)}`;
  if (Object.hasOwn(mirrorOptions, key))
    return `--${key} belongs to the command line, it cannot stand ${where}`;
  const isExec = valueAt(toml, [...table, "exec"]) !== undefined;
  if (isExec && key === "to") return `${describe(table, toml)} has both "to" and "exec": it is one of them`;
  const ofTarget = isExec ? ownKeys.exec : ownKeys.target;
  const own = table.length === 1 ? [] : table.length === 2 ? ownKeys.mirror : ofTarget;
  const meant = closest(key, [...own, ...Object.keys(settingOptions)]);
  return `unknown key ${shown(key)} ${where}${meant === null ? "" : `; did you mean ${meant}?`}`;
}

/** A table as a person finds it: `[[mirror]] "www"`. */
function describe(path: TomlPath, toml: TomlDocument): string {
  if (path.length === 0) return "the file";
  if (path.length === 1) return `[${path[0]}]`;
  const name = valueAt(toml, [...path.slice(0, 2), "name"]);
  const mirror = `[[mirror]] ${typeof name === "string" ? shown(name) : `number ${Number(path[1]) + 1}`}`;
  return path.length === 2 ? mirror : `a target of ${mirror}`;
}

/** The last key that is a name: `exclude` for the second text of `exclude`. */
function lastName(path: TomlPath): string {
  return String(path.findLast((key) => typeof key === "string") ?? "it");
}

function valueAt(toml: TomlDocument, path: TomlPath): TomlValue | undefined {
  let value: TomlValue | undefined = toml.root;
  for (const key of path) {
    if (typeof value !== "object" || !Object.hasOwn(value, key)) return undefined;
    value = (value as unknown as Record<string | number, TomlValue>)[key];
  }
  return value;
}
