/** Reads a Lua configuration: what it calls `settings` and `sync` with. Nothing of it is run. */
import luaparse, { type Chunk, type Expression, type Statement } from "luaparse";
import { Fault } from "../core/fault.ts";
import type { Notes } from "./imported.ts";
import { evaluate, type LuaNames, lineOf, spell } from "./lua-expression.ts";
import { LuaTable, type LuaValue, Unknown } from "./lua-value.ts";

/** What an lsyncd configuration asks for. */
export interface LuaCalls {
  readonly settings: readonly LuaTable[];
  readonly syncs: readonly LuaTable[];
}

/** Statements that are worked through at most, loops included. */
const statementsMax = 10_000;

/** The calls in `bytes`, a Lua file as a byte string. What is not understood becomes a warning. */
export function readLuaCalls(bytes: string, notes: Notes): LuaCalls | Fault {
  let chunk: Chunk;
  try {
    // Strings are bytes in Lua; a first line with #! is for the kernel. The parser stumbles over an odd character
    // at the very beginning, while it makes up its message: an empty statement keeps it from there.
    chunk = luaparse.parse(`;${bytes.replace(/^(?:\xef\xbb\xbf)?(?:#[^\n]*)?/, "")}`, {
      luaVersion: "5.3",
      encodingMode: "pseudo-latin1",
      locations: true,
      comments: false,
    });
  } catch (error) {
    // The parser's way to say that this is no Lua; anything else is a bug.
    if (!(error instanceof SyntaxError)) throw error;
    const [, line, reason] = /^\[(\d+):\d+\] (.*)$/s.exec(error.message) ?? [null, "1", error.message];
    return new Fault("usage", `line ${line} is not valid Lua: ${reason}`);
  }
  return new LuaReader(notes).read(chunk.body);
}

class LuaReader {
  readonly #names: LuaNames = new Map();
  readonly #settings: LuaTable[] = [];
  readonly #syncs: LuaTable[] = [];
  #statements = 0;

  constructor(private readonly notes: Notes) {}

  read(body: readonly Statement[]): LuaCalls | Fault {
    this.#block(body);
    if (this.#statements > statementsMax) return new Fault("usage", "the configuration's loops do not end");
    return { settings: this.#settings, syncs: this.#syncs };
  }

  #block(body: readonly Statement[]): void {
    for (const statement of body) {
      if (++this.#statements > statementsMax) return;
      this.#statement(statement);
    }
  }

  #statement(node: Statement): void {
    switch (node.type) {
      case "LocalStatement":
      case "AssignmentStatement":
        for (const [at, variable] of node.variables.entries()) {
          const init = node.init[at];
          this.#assign(variable, init === undefined ? null : evaluate(init, this.#names));
        }
        return;
      case "CallStatement":
        this.#call(node.expression);
        return;
      case "DoStatement":
        this.#block(node.body);
        return;
      case "FunctionDeclaration": {
        const name = node.identifier === null ? "" : spell(node.identifier);
        this.#names.set(name, new Unknown(`the function ${name}`));
        this.notes.warn(`function ${name}: is not run, tsync has no functions`, lineOf(node));
        return;
      }
      case "ForGenericStatement": {
        const list = this.#listOf(node.iterators);
        if (list === null) break;
        for (const [at, value] of list.entries()) {
          this.#names.set(node.variables[0]!.name, at + 1);
          if (node.variables[1] !== undefined) this.#names.set(node.variables[1].name, value);
          this.#block(node.body);
        }
        return;
      }
      case "ForNumericStatement": {
        const [from, to, step] = [node.start, node.end, node.step].map((part) =>
          part === null ? 1 : evaluate(part, this.#names),
        );
        if (typeof from !== "number" || typeof to !== "number" || typeof step !== "number" || step === 0)
          break;
        for (let at = from; step > 0 ? at <= to : at >= to; at += step) {
          if (++this.#statements > statementsMax) return;
          this.#names.set(node.variable.name, at);
          this.#block(node.body);
        }
        return;
      }
      default:
    }
    const word = { IfStatement: "if", WhileStatement: "while", RepeatStatement: "repeat" } as Record<
      string,
      string
    >;
    const name =
      word[node.type] ?? (node.type.startsWith("For") ? "for" : node.type.replace("Statement", ""));
    this.notes.warn(`${name}: was not understood; what it governs was left out`, lineOf(node));
  }

  /** The items of the table in `ipairs(table)` or `pairs(table)`; null if it is anything else. */
  #listOf([iterator]: readonly Expression[]): readonly LuaValue[] | null {
    if (iterator === undefined) return null;
    const call = callOf(iterator);
    if (call === null || (call.name !== "ipairs" && call.name !== "pairs")) return null;
    const value = call.argument === undefined ? null : evaluate(call.argument, this.#names);
    // Fields by name have no order in Lua, and no number.
    return value instanceof LuaTable && value.fields.size === 0 ? value.list.map((item) => item.value) : null;
  }

  #assign(variable: Expression, value: LuaValue): void {
    const line = lineOf(variable);
    if (variable.type === "Identifier") {
      // Before version 2.1, settings was a variable.
      if (variable.name === "settings" && value instanceof LuaTable) this.#settings.push(value);
      else this.#names.set(variable.name, value);
      return;
    }
    if (variable.type === "MemberExpression" || variable.type === "IndexExpression") {
      const base = evaluate(variable.base, this.#names);
      const key =
        variable.type === "MemberExpression"
          ? variable.identifier.name
          : evaluate(variable.index, this.#names);
      if (base instanceof LuaTable && typeof key === "string") {
        base.set(key, value, line);
        return;
      }
      if (base instanceof LuaTable && key === base.list.length + 1) {
        base.list.push({ value, line });
        return;
      }
    }
    this.notes.warn(`${spell(variable)} = …: was not understood, and left out`, line);
  }

  #call(node: Expression): void {
    const call = callOf(node);
    const line = lineOf(node);
    const argument = call?.argument === undefined ? null : evaluate(call.argument, this.#names);
    if ((call?.name === "settings" || call?.name === "sync") && argument instanceof LuaTable) {
      const calls = call.name === "sync" ? this.#syncs : this.#settings;
      calls.push(argument.copy());
      return;
    }
    this.notes.warn(`${call?.name ?? "a call"}(…): is not run; write out what it does`, line);
  }
}

/** A call's name and its first argument, in each of its three forms. */
function callOf(node: Expression): { name: string; argument: Expression | undefined } | null {
  switch (node.type) {
    case "CallExpression":
      return { name: spell(node.base), argument: node.arguments[0] };
    case "TableCallExpression":
      return { name: spell(node.base), argument: node.arguments };
    case "StringCallExpression":
      return { name: spell(node.base), argument: node.argument };
    default:
      return null;
  }
}
