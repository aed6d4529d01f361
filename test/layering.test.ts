/** The shape of the source itself: who imports whom, and how long files are. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const source = resolve(import.meta.dir, "../src");
const linesMax = 420;

/** Tables may be longer. */
const tables = ["config/options.ts"];

/** What each folder may import of the others; `main` stands for the program's start. */
const mayImport: Record<string, readonly string[]> = {
  main: ["cli"],
  cli: [
    "import",
    "service",
    "monitor",
    "control",
    "hooks",
    "engine",
    "watch",
    "ssh",
    "target",
    "ledger",
    "core",
    "config",
    "system",
  ],
  monitor: ["control", "engine", "core", "system"],
  control: ["engine", "core", "system"],
  hooks: ["engine", "core", "system"],
  engine: ["watch", "ssh", "target", "ledger", "core", "config", "system"],
  import: ["core", "config"],
  service: ["core", "system"],
  watch: ["core", "system"],
  ssh: ["core", "system"],
  target: ["ssh", "core", "system"],
  ledger: ["core", "system"],
  config: ["core"],
  system: [],
  core: [],
};

/** Other modules that a folder may import; what is not listed may import any. */
const mayImportModules: Record<string, RegExp> = {
  main: /^$/,
  core: /^micromatch$/,
  config: /^(node:path|valibot|@valibot\/to-json-schema|toml-eslint-parser)$/,
  system: /^(node|bun):/,
};

interface SourceFile {
  /** Below src. */
  readonly name: string;
  /** The folder it is in; `main` for src itself. */
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files: SourceFile[] = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .sort()
  .map((name) => {
    const text = readFileSync(join(source, name), "utf8");
    return { name, folder: folderOf(name), text, imports: importsOf(text) };
  });

function folderOf(name: string): string {
  return name.includes("/") ? name.slice(0, name.indexOf("/")) : "main";
}

/** What a file imports or exports from, statically, as types, or at run time. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*.*?\*\/|^ *\/\/[^\n]*/gms, "");
  const pattern =
    /(?:(?:^|;)\s*(?:import|export)\b[^;'"`]*?\bfrom\s*|(?:^|;)\s*import\s*|\bimport\s*\(\s*|\brequire\s*\(\s*)(["'`])([^"'`]+)\1/gm;
  return [...code.matchAll(pattern)].map((match) => match[2]!);
}

/** Every import that `isWrong`, as text. */
function wrongImports(isWrong: (file: SourceFile, imported: string) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter((imported) => isWrong(file, imported))
      .map((imported) => `${file.name} imports ${imported}`),
  );
}

const isRelative = (imported: string) => imported.startsWith(".");

/** Where a relative import leads to, below src. */
const targetOf = (file: SourceFile, imported: string) =>
  relative(source, resolve(source, dirname(file.name), imported));

test("imports are found in all their forms", () => {
  const text = `
    // import "comment";
    /* import x from "comment" */
    import a from "a"; import type { b } from 'b'; import "c";
    import {
      d,
    } from "d";
    export * from "e"; const f = await import("f"); const g = require("g"); type H = import("h").H;`;
  expect(importsOf(text).sort()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
  expect(files.length).toBeGreaterThan(50);
});

test("every folder has its place", () => {
  expect([...new Set(files.map((file) => file.folder))].filter((folder) => !(folder in mayImport))).toEqual(
    [],
  );
});

test("no folder imports one that is not below it", () => {
  const wrong = wrongImports((file, imported) => {
    if (!isRelative(imported)) return false;
    const target = targetOf(file, imported);
    // The version and nothing else of the package's description.
    if (target === "../package.json") return file.folder !== "cli";
    const folder = folderOf(target);
    return folder !== file.folder && !mayImport[file.folder]!.includes(folder);
  });
  expect(wrong).toEqual([]);
});

test("core does no input or output, and few folders know other modules", () => {
  const wrong = wrongImports((file, imported) => {
    return !isRelative(imported) && !(mayImportModules[file.folder] ?? /./).test(imported);
  });
  expect(wrong).toEqual([]);
});

test("only ssh and target know ssh2, only the ledger knows SQLite", () => {
  const wrong = wrongImports(
    ({ folder }, imported) =>
      (imported.startsWith("ssh2") && folder !== "ssh" && folder !== "target") ||
      (imported.startsWith("bun:sqlite") && folder !== "ledger"),
  );
  expect(wrong).toEqual([]);
});

test("core reads no clock, no chance and no global state", () => {
  const pattern =
    /\bDate\.now|\bnew Date\b|\bMath\.random|\bperformance\.|\bprocess\.|\bBun\.(?!hash\b)|\bset(Timeout|Interval)\b/;
  expect(
    files.filter(({ folder, text }) => folder === "core" && pattern.test(text)).map(({ name }) => name),
  ).toEqual([]);
});

test(`no file is longer than ${linesMax} lines`, () => {
  const long = files.map(({ name, text }) => ({ name, lines: text.split("\n").length - 1 }));
  expect(long.filter(({ name, lines }) => lines > linesMax && !tables.includes(name))).toEqual([]);
});

test("nothing prints past the printer", () => {
  expect(files.filter(({ text }) => /(?<![\w.#])console\.\w+\(/.test(text)).map(({ name }) => name)).toEqual(
    [],
  );
});

test("commands are run on other hosts from one place", () => {
  const runs = files.filter(({ text }) => /\bconnection!?\.exec\(|client\.exec\(/i.test(text));
  expect(runs.map(({ name }) => name)).toEqual(["ssh/connection.ts", "target/remote-command.ts"]);
});
