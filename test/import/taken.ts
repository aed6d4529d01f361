/** Imports a text as `tsync import` does, and reads what it prints. */
import { settingOptions } from "../../src/config/options.ts";
import { isFault } from "../../src/core/fault.ts";
import { importFile } from "../../src/import/import.ts";
import type { ImportKind } from "../../src/import/imported.ts";

/** The options that tsync.toml may have. */
const knownOptions = new Set(Object.keys(settingOptions));

interface Mirror {
  readonly name: string;
  readonly source: string;
  readonly targets: readonly unknown[];
  readonly [option: string]: unknown;
}

/** What was printed, read. */
export interface Taken {
  readonly toml: string;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly mirrors: readonly Mirror[];
  /** The first mirror without name, source and targets. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  /** The comments, each on one line. */
  readonly comments: string;
}

/** Imports `text`; it must not fail. */
export function take(text: string | Uint8Array, kind: ImportKind | null = null): Taken {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const result = importFile(bytes, kind);
  if (isFault(result)) throw new Error(result.toString());
  const read = Bun.TOML.parse(result.toml) as { defaults?: Record<string, unknown>; mirror: Mirror[] };
  const { name: _, source: __, targets: ___, ...options } = read.mirror[0]!;
  for (const one of [read.defaults ?? {}, ...read.mirror]) {
    const strange = Object.keys(one).filter(
      (key) => !knownOptions.has(key) && !["name", "source", "targets"].includes(key),
    );
    if (strange.length > 0) throw new Error(`tsync has no option ${strange.join(", ")}`);
  }
  const comments = result.toml
    .split("\n")
    .filter((line) => line.startsWith("#"))
    .join("\n")
    .replaceAll("\n#   ", " ");
  const warnings = result.warnings.map(({ text: said, line }) =>
    line === undefined ? said : `${line}: ${said}`,
  );
  return {
    toml: result.toml,
    defaults: read.defaults ?? {},
    mirrors: read.mirror,
    options,
    warnings,
    comments,
  };
}

/** Imports `text`, which must fail; gives message and hint. */
export function refusal(text: string, kind: ImportKind | null = null): string {
  const result = importFile(new TextEncoder().encode(text), kind);
  if (!isFault(result)) throw new Error(`no fault, but: ${result.toml}`);
  if (result.code !== "usage") throw new Error(result.code);
  return result.toString();
}
