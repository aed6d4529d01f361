/** `tsync config`: shows what is in force, and the schema and the types of the configuration. */
import { formatValue } from "../config/format-value.ts";
import { type OptionDef, type SettingName, settingOptions } from "../config/options.ts";
import { isRuleName, type Resolved } from "../config/settings.ts";
import { configTypes } from "../config/types.ts";
import { readValue, type Value } from "../config/values.ts";
import { Fault, Faults } from "../core/fault.ts";
import { type Arguments, hasFlag } from "./arguments.ts";
import { exitOk } from "./exit-codes.ts";
import { type MirrorSpec, mirrorSpecs, type TargetSpec } from "./mirror-spec.ts";
import { Printer } from "./printer.ts";

/** What `tsync config` can do. */
export const configActions = ["show", "schema", "types"] as const;

/** Runs `tsync config`; returns the exit code. */
export async function configCommand(args: Arguments): Promise<number> {
  const json = hasFlag(args, "json");
  const printer = new Printer({ verbose: false, quiet: false, json });
  const [action, ...positionals] = args.positionals;
  const isAlone = positionals.length === 0 && args.options.length === 0;
  if (action === "schema" && isAlone) {
    // It takes as long to load as the rest of the start.
    const { jsonSchema } = await import("../config/json-schema.ts");
    return print(jsonSchema());
  }
  if (action === "types" && isAlone) return print(configTypes());
  if (action !== "show") {
    const usage = "tsync config schema, tsync config types, or tsync config show [SRC DEST…]";
    return printer.faults(new Faults([new Fault("usage", "show what of the configuration?", usage)]));
  }
  const specs = await mirrorSpecs({ ...args, positionals }, process.env);
  if (specs instanceof Faults) return printer.faults(specs);
  const lines = specs.flatMap((spec) => (json ? jsonLines(spec) : textLines(spec)));
  return print(`${lines.join("\n")}\n`);
}

/** An option, its value in force, and where that comes from. */
interface Row {
  readonly option: string;
  readonly value: ReturnType<typeof formatValue> | null;
  readonly from: string;
}

/** Everything in force: the rules in their order, then each other option. */
function rowsOf({ settings, origins, rules, filters }: Resolved): Row[] {
  const ofRules = rules.map(({ option, text, where }): Row => ({ option, value: text, from: where }));
  const names = (Object.keys(settingOptions) as SettingName[]).filter((name) => !isRuleName(name));
  const ofSettings = names.map((name): Row => {
    const def: OptionDef = settingOptions[name];
    const value = settings[name] ?? defaultOf(def);
    return {
      option: name,
      value: value === null ? null : formatValue(def, value),
      from: origins.get(name) ?? "default",
    };
  });
  const ofFunctions = filters.map(
    ({ where }): Row => ({ option: "filter", value: "a function", from: where }),
  );
  return [...ofRules, ...ofFunctions, ...ofSettings];
}

/** What holds if nothing is said; null if that is nothing at all. */
function defaultOf(def: OptionDef): Value | null {
  if (def.type === "flag") return "default" in def;
  if (!("default" in def) || def.default === undefined) return null;
  const read = readValue(def, def.default);
  return "value" in read ? read.value : null;
}

function jsonLines({ name, source, targets }: MirrorSpec): string[] {
  return targets.map(({ to, resolved }) =>
    JSON.stringify({ mirror: name, source, target: written(to), options: rowsOf(resolved) }),
  );
}

function textLines({ name, source, targets }: MirrorSpec): string[] {
  return targets.flatMap(({ to, resolved }) => {
    const rows = rowsOf(resolved).map((row) => ({ ...row, value: asText(row.value) }));
    const [options, values] = [rows.map(({ option }) => option), rows.map(({ value }) => value)].map(widest);
    return [
      `${name === null ? "" : `mirror ${name}: `}${source} -> ${typeof to === "string" ? to : JSON.stringify(written(to))}`,
      ...rows.map(
        ({ option, value, from }) => `  ${option.padEnd(options!)}  ${value.padEnd(values!)}  ${from}`,
      ),
    ];
  });
}

/** A destination as it may stand in the configuration file. */
function written(to: TargetSpec["to"]) {
  if (typeof to === "string") return to;
  const { argv: exec, name, format, moves } = to;
  return { exec, name, format, moves };
}

function asText(value: Row["value"]): string {
  if (value === null) return "-";
  return typeof value === "object" || typeof value === "string" ? JSON.stringify(value) : `${value}`;
}

/** The width of a column; a text that is very long stands out of it. */
function widest(texts: readonly string[]): number {
  return Math.min(50, Math.max(...texts.map(({ length }) => length)));
}

function print(text: string): number {
  process.stdout.write(text);
  return exitOk;
}
