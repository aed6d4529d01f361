/** Reads the configuration file. */
import * as v from "valibot";
import { Fault, Faults, isFault } from "../core/fault.ts";
import { type ExecDestination, parseDestination } from "./destination.ts";
import { commandAt, type ExecTable } from "./exec.ts";
import { absolutePath, type Place, placed } from "./file-paths.ts";
import { problemsOfPlaces } from "./file-places.ts";
import { problemsOf } from "./file-problems.ts";
import { type ModuleDocument, readModuleValue } from "./module-value.ts";
import { type SettingName, settingOptions } from "./options.ts";
import { fileSchema } from "./schema.ts";
import type { Layer, Said } from "./settings.ts";
import {
  type Problem,
  placeText,
  readToml,
  type TomlDocument,
  type TomlPath,
  type TomlTable,
} from "./toml.ts";
import type { RawValue } from "./values.ts";

/** What a configuration file says. */
export interface ConfigFile {
  readonly defaults: Layer;
  /** At least one; no two have the same name. */
  readonly mirrors: readonly FileMirror[];
}

/** A mirror of the file. */
interface FileMirror {
  readonly name: string;
  /** Absolute. */
  readonly source: string;
  /** At least one. A local one is absolute. */
  readonly targets: readonly { readonly to: string | ExecDestination; readonly layer: Layer }[];
  readonly layer: Layer;
}

/** How many problems of a file are told. */
const problemsMax = 20;

/** Reads `text`, the content of the file at `place`. All that is wrong with it is told, up to a limit. */
export function readConfigFile(text: string, place: Place): ConfigFile | Faults {
  const toml = readToml(text);
  return "text" in toml ? faultsOf([toml], place) : readDocument(toml, place);
}

/** The same for what the program at `place` exports. */
export function readConfigModule(exported: unknown, place: Place): ConfigFile | Faults {
  const document = readModuleValue(exported);
  return "text" in document ? faultsOf([document], place) : readDocument(document, place);
}

function readDocument(toml: TomlDocument, place: Place): ConfigFile | Faults {
  const { success, issues } = v.safeParse(fileSchema, toml.root);
  const problems = [...(success ? [] : problemsOf(issues, toml)), ...problemsOfPlaces(toml)];
  if (problems.length > 0) return faultsOf(problems, place);
  const found = toml.root as unknown as { defaults?: TomlTable; mirror: MirrorTable[] };
  return {
    defaults: layerOf(found.defaults ?? {}, ["defaults"], toml, place),
    mirrors: found.mirror.map((mirror, at) => readMirror(mirror, ["mirror", at], toml, place)),
  };
}

/** What the schema has found to be there. */
interface MirrorTable extends TomlTable {
  name: string;
  source: string;
  targets: (string | TargetTable | ExecTable)[];
}

interface TargetTable extends TomlTable {
  to: string;
}

function readMirror(table: MirrorTable, path: TomlPath, toml: TomlDocument, place: Place): FileMirror {
  const targets = table.targets.map((target, at) => ({
    to: destinationOf(target, place),
    layer: typeof target === "string" ? [] : layerOf(target, [...path, "targets", at], toml, place),
  }));
  const { name, source } = table;
  return { name, source: absolutePath(source, place), targets, layer: layerOf(table, path, toml, place) };
}

function destinationOf(target: MirrorTable["targets"][number], place: Place): string | ExecDestination {
  if (typeof target !== "string" && "exec" in target) return commandAt(target as ExecTable, place);
  const to = typeof target === "string" ? target : (target as TargetTable).to;
  const parsed = parseDestination(to);
  const isLocal = !isFault(parsed) && parsed.kind === "local";
  return isLocal ? absolutePath(to, place) : to;
}

/** The options in `table`, in the order in which they stand there. */
function layerOf(table: TomlTable, path: TomlPath, toml: TomlDocument, place: Place): Layer {
  const { filtersOf, hooksOf } = toml as Partial<ModuleDocument>;
  const where = wherePath([...path, "filter"]);
  const filters = (filtersOf?.call(toml, path) ?? []).map(
    (value): Said => ({ name: "filter", value, where }),
  );
  const hooks = [...(hooksOf?.call(toml, path) ?? [])].map(
    ([name, value]): Said => ({ name, value, where: wherePath([...path, name]) }),
  );
  const ofTable = Object.entries(table).flatMap(([key, value]): Said[] => {
    if (!Object.hasOwn(settingOptions, key)) return [];
    const name = key as SettingName;
    const said = (raw: RawValue, at: TomlPath): Said => ({
      name,
      value: placed(name, raw, place),
      where: wherePath(at),
    });
    // Each text of a list with its own line; an empty list replaces one of a weaker place.
    if (settingOptions[name].type === "list" && Array.isArray(value) && value.length > 0)
      return value.map((text, at) => said(text as string, [...path, name, at]));
    return [said(value as RawValue, [...path, name])];
  });
  return [...ofTable, ...filters, ...hooks];

  function wherePath(at: TomlPath): string {
    const position = toml.positionOf(at);
    return position.key === undefined ? `${place.file}:${position.line}` : place.file + placeText(position);
  }
}

function faultsOf(problems: readonly Problem[], { file }: Place): Faults {
  const sorted = problems.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  // A value may break several rules of the schema, all with the same words.
  const texts = new Set(sorted.map(({ at, text }) => `${file}${placeText(at)}: ${text}`));
  const faults = [...texts].slice(0, problemsMax).map((text) => new Fault("usage", text));
  const more = texts.size - faults.length;
  if (more > 0) faults.push(new Fault("usage", `${file}: ${more} more problems`, "correct these first"));
  return new Faults(faults);
}
