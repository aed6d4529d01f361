/** Reads TOML and keeps where everything stands. */
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";

/** A place in a text; both count from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
  /** What is there, if that is all that is known, as in a configuration that is a program: `mirror[0].delete`. */
  readonly key?: string;
}

/** The place for people, behind the name of the file: `:3:5`, or `: mirror[0].delete`. */
export function placeText({ line, column, key }: Position): string {
  if (key === undefined) return `:${line}:${column}`;
  return key === "" ? "" : `: ${key}`;
}

/** Something that is wrong at some place. */
export interface Problem {
  readonly at: Position;
  readonly text: string;
}

/** A table of TOML as an object, in the order of the text. */
export interface TomlTable {
  [key: string]: TomlValue;
}

/** A value of TOML. */
export type TomlValue = string | number | boolean | Date | TomlValue[] | TomlTable;

/** Keys and indices that lead to a value. */
export type TomlPath = readonly (string | number)[];

/** What was read. */
export interface TomlDocument {
  readonly root: TomlTable;
  /** Where the key of the value at `path` stands (an element of an array: where the value does). */
  positionOf(path: TomlPath): Position;
}

/** How deep values may be nested: the configuration has four levels. */
const depthMax = 20;

const tooDeep = "values are nested too deeply";

/** These mean something else to JavaScript objects, and nothing to tsync. */
const refusedKeys = ["__proto__", "prototype", "constructor"];

/** A problem that was found while the tree was built. */
class Wrong extends Error {
  constructor(
    readonly at: Position,
    readonly what: string,
  ) {
    super(what);
  }
}

/** Reads `text`; the parser stops at the first mistake. */
export function readToml(text: string): TomlDocument | Problem {
  try {
    return new Builder(parseTOML(text, { tomlVersion: "1.0" })).document();
  } catch (error) {
    if (error instanceof Wrong) return { at: error.at, text: error.what };
    // The stack of the parser, in a text made for that.
    if (error instanceof RangeError) return { at: { line: 1, column: 1 }, text: tooDeep };
    if (!(error instanceof ParseError)) throw error;
    return {
      at: { line: error.lineNumber, column: error.column + 1 },
      text: `this is not valid TOML: ${error.message}`,
    };
  }
}

/** Turns the parser's tree into plain values. */
class Builder {
  readonly #root: TomlTable = {};
  readonly #positions = new Map<string, Position>();

  constructor(program: AST.TOMLProgram) {
    for (const node of program.body[0].body) {
      if (node.type === "TOMLKeyValue") this.#assign(this.#root, [], node);
      else this.#table(node);
    }
  }

  document(): TomlDocument {
    const positions = this.#positions;
    return {
      root: this.#root,
      positionOf(path) {
        for (let length = path.length; length > 0; length--) {
          const found = positions.get(JSON.stringify(path.slice(0, length)));
          if (found !== undefined) return found;
        }
        return { line: 1, column: 1 };
      },
    };
  }

  /** `[a.b]` or `[[a.b]]` with what is below it. */
  #table(node: AST.TOMLTable): void {
    const at = startOf(node);
    let container: TomlTable | TomlValue[] = this.#root;
    const { resolvedKey } = node;
    for (const [index, key] of resolvedKey.entries()) {
      const path = resolvedKey.slice(0, index + 1);
      const isList = typeof resolvedKey[index + 1] === "number";
      container = this.#enter(container, key, path, at, isList);
    }
    for (const pair of node.body) this.#assign(container as TomlTable, resolvedKey, pair);
  }

  /** What `key` of `container` leads to; made if it is not there. */
  #enter(
    container: TomlTable | TomlValue[],
    key: string | number,
    path: TomlPath,
    at: Position,
    isList: boolean,
  ): TomlTable | TomlValue[] {
    check(path, at);
    const holder = container as Record<string | number, TomlValue>;
    if (!Object.hasOwn(holder, key)) {
      holder[key] = isList ? [] : {};
      this.#positions.set(JSON.stringify(path), at);
    }
    return holder[key] as TomlTable | TomlValue[];
  }

  /** `a.b = value`, below `path`. */
  #assign(container: TomlTable, path: TomlPath, node: AST.TOMLKeyValue): void {
    const keys = node.key.keys;
    let table = container;
    let below = [...path];
    for (const [index, key] of keys.entries()) {
      const name = key.type === "TOMLBare" ? key.name : key.value;
      below = [...below, name];
      const at = startOf(key);
      if (index < keys.length - 1) {
        table = this.#enter(table, name, below, at, false) as TomlTable;
        continue;
      }
      check(below, at);
      this.#positions.set(JSON.stringify(below), at);
      table[name] = this.#value(node.value, below);
    }
  }

  #value(node: AST.TOMLContentNode, path: TomlPath): TomlValue {
    if (node.type === "TOMLValue") return node.value;
    if (node.type === "TOMLInlineTable") {
      const table: TomlTable = {};
      for (const pair of node.body) this.#assign(table, path, pair);
      return table;
    }
    return node.elements.map((element, index) => {
      const below = [...path, index];
      check(below, startOf(element));
      this.#positions.set(JSON.stringify(below), startOf(element));
      return this.#value(element, below);
    });
  }
}

function startOf(node: AST.TOMLNode): Position {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 };
}

function check(path: TomlPath, at: Position): void {
  if (path.length > depthMax) throw new Wrong(at, tooDeep);
  const key = path.at(-1);
  if (refusedKeys.includes(`${key}`)) throw new Wrong(at, `unknown key "${key}"`);
}
