/** Takes what a configuration that is a program exports for what a file would say. Pure, but for what that program does. */
import type { CommandFunction, RawCommand } from "./command.ts";
import { type FilterFunction, isFilterFunction } from "./filter-function.ts";
import { type SettingName, settingOptions } from "./options.ts";
import type { Problem, TomlDocument, TomlPath, TomlTable, TomlValue } from "./toml.ts";

/** A document of values, and the functions that were among them. */
export interface ModuleDocument extends TomlDocument {
  /** The functions in `filter` of the table at `path`. */
  filtersOf(path: TomlPath): readonly FilterFunction[];
  /** The hooks of the table at `path` that are functions, by their names. */
  hooksOf(path: TomlPath): ReadonlyMap<SettingName, RawCommand>;
}

/** How deep values may be nested, and how many there may be. */
const depthMax = 20;
const valuesMax = 1_000_000;

/** These mean something else to JavaScript objects, and nothing to tsync. */
const refusedKeys = ["__proto__", "prototype", "constructor"];

/** The document that `exported` is, or what in it is no value of a configuration. */
export function readModuleValue(exported: unknown): ModuleDocument | Problem {
  try {
    return new Copy(exported);
  } catch (error) {
    // A getter of the program's may throw whatever it likes.
    return error instanceof Wrong
      ? { at: positionAt(error.path), text: error.what }
      : { at: positionAt([]), text: `cannot be read: ${error}` };
  }
}

/** Keys as they are written in the program: `mirror[0].targets`. */
function keyText(path: TomlPath): string {
  return path
    .map((key, at) =>
      typeof key === "number"
        ? `[${key}]`
        : /^\w+$/.test(key)
          ? `${at === 0 ? "" : "."}${key}`
          : `[${JSON.stringify(key)}]`,
    )
    .join("");
}

function positionAt(path: TomlPath) {
  return { line: 1, column: 1, key: keyText(path) };
}

class Wrong extends Error {
  constructor(
    readonly path: TomlPath,
    readonly what: string,
  ) {
    super(what);
  }
}

/** A copy that nobody changes any more. */
class Copy implements ModuleDocument {
  readonly root: TomlTable;
  readonly #filters = new Map<string, FilterFunction[]>();
  readonly #hooks = new Map<string, Map<SettingName, RawCommand>>();
  #count = 0;

  constructor(exported: unknown) {
    if (!isPlain(exported))
      throw new Wrong([], `the export is ${describe(exported)}, not an object like { mirror: [...] }`);
    this.root = this.#copy(exported, []) as TomlTable;
  }

  positionOf(path: TomlPath) {
    return positionAt(path);
  }

  filtersOf(path: TomlPath): readonly FilterFunction[] {
    return this.#filters.get(keyText(path)) ?? [];
  }

  hooksOf(path: TomlPath): ReadonlyMap<SettingName, RawCommand> {
    return this.#hooks.get(keyText(path)) ?? new Map();
  }

  #copy(value: unknown, path: TomlPath): TomlValue {
    if (path.length > depthMax) throw new Wrong(path, "values are nested too deeply");
    if (++this.#count > valuesMax) throw new Wrong(path, "there are too many values");
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    if (Array.isArray(value)) return this.#copyList(value, path);
    if (!isPlain(value))
      throw new Wrong(path, `${path.at(-1)} is ${describe(value)}, which is no value of a configuration`);
    const table: TomlTable = {};
    for (const [key, member] of Object.entries(value)) {
      const below = [...path, key];
      if (refusedKeys.includes(key)) throw new Wrong(below, `unknown key "${key}"`);
      if (member === undefined || this.#takeFilter(key, member, path) || this.#takeHook(key, member, path))
        continue;
      table[key] = this.#copy(member, below);
    }
    return table;
  }

  #copyList(list: readonly unknown[], path: TomlPath): TomlValue[] {
    const [key] = path.slice(-1);
    const rest = list.filter((element) => !this.#takeFilter(key, element, path.slice(0, -1)));
    return rest.map((element, at) => this.#copy(element, [...path, at]));
  }

  /** Takes out `value`, if it is a function and stands where one may; true if it does. */
  #takeFilter(key: unknown, value: unknown, table: TomlPath): boolean {
    if (key !== "filter" || !isFilterFunction(value)) return false;
    if (value.constructor.name === "AsyncFunction")
      throw new Wrong([...table, "filter"], "filter is an async function: it must answer at once");
    const text = keyText(table);
    this.#filters.set(text, [...(this.#filters.get(text) ?? []), value]);
    return true;
  }

  /** Takes out `value`, if it is a hook with a function; true if it does. */
  #takeHook(key: string, value: unknown, table: TomlPath): boolean {
    if (!Object.hasOwn(settingOptions, key)) return false;
    const name = key as SettingName;
    const hook = settingOptions[name].type === "command" ? hookIn(value) : null;
    if (hook === null) return false;
    const text = keyText(table);
    this.#hooks.set(text, new Map([...(this.#hooks.get(text) ?? []), [name, hook]]));
    return true;
  }
}

/** The hook that is a function, or a table with one; null if `value` is neither. */
function hookIn(value: unknown): RawCommand | null {
  if (typeof value === "function") return { run: value as CommandFunction };
  const run = isPlain(value) ? (value as Partial<RawCommand>).run : undefined;
  return typeof run === "function" ? { ...(value as RawCommand), run } : null;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object") return `a ${typeof value}`;
  return `an object of the class ${value.constructor?.name ?? "?"}`;
}
