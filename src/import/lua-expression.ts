/** Works out expressions of Lua: literals, tables, names, and what joins them. Nothing is called. */
import type { Expression, TableConstructorExpression } from "luaparse";
import { BuiltIn, LuaTable, type LuaValue, Unknown } from "./lua-value.ts";

/** The variables that are set so far. */
export type LuaNames = Map<string, LuaValue>;

/** Longest text that is put together: doubling one again and again must not fill the memory. */
const textMax = 65_536;

/** The line that a part of the file starts on. */
export function lineOf(node: object): number {
  return (node as { loc?: { start: { line: number } } }).loc?.start.line ?? 1;
}

/** The value of `node`. */
export function evaluate(node: Expression, names: LuaNames): LuaValue {
  switch (node.type) {
    case "StringLiteral":
      return text(node.value);
    case "NumericLiteral":
    case "BooleanLiteral":
      return node.value;
    case "NilLiteral":
      return null;
    case "TableConstructorExpression":
      return table(node, names);
    case "Identifier":
      return names.has(node.name) ? names.get(node.name)! : unset(node.name);
    case "MemberExpression":
      return field(evaluate(node.base, names), node.identifier.name, spell(node));
    case "IndexExpression":
      return field(evaluate(node.base, names), evaluate(node.index, names), spell(node));
    case "BinaryExpression":
      return join(node.operator, evaluate(node.left, names), evaluate(node.right, names));
    case "LogicalExpression": {
      const left = evaluate(node.left, names);
      if (left instanceof Unknown) return left;
      const isTrue = left !== null && left !== false;
      return isTrue === (node.operator === "and") ? evaluate(node.right, names) : left;
    }
    case "UnaryExpression": {
      const value = evaluate(node.argument, names);
      if (node.operator === "-" && typeof value === "number") return -value;
      if (node.operator === "not" && !(value instanceof Unknown)) return value === null || value === false;
      return value instanceof Unknown ? value : new Unknown(`the operator ${node.operator}`);
    }
    case "FunctionDeclaration":
      return new Unknown("a function");
    case "CallExpression":
    case "TableCallExpression":
    case "StringCallExpression":
      return new Unknown(`what ${spell(node.base)}() returns`);
    default:
      return new Unknown(`"${node.type}"`);
  }
}

/** A name or a way into a table as it is written. */
export function spell(node: Expression): string {
  switch (node.type) {
    case "Identifier":
      return node.name;
    case "MemberExpression":
      return `${spell(node.base)}${node.indexer}${node.identifier.name}`;
    case "IndexExpression":
      return `${spell(node.base)}[…]`;
    default:
      return "…";
  }
}

/** A string's bytes as text. */
function text(bytes: string): LuaValue {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(bytes, "latin1"));
  } catch {
    return new Unknown("a string that is not UTF-8, which tsync.toml cannot hold");
  }
}

function unset(name: string): LuaValue {
  return name === "default"
    ? new BuiltIn("default")
    : new Unknown(`the variable ${name}, which is not set here`);
}

function field(base: LuaValue, key: LuaValue, spelling: string): LuaValue {
  if (base instanceof BuiltIn && typeof key === "string") return new BuiltIn(`${base.name}.${key}`);
  if (!(base instanceof LuaTable)) return base instanceof Unknown ? base : new Unknown(spelling);
  if (typeof key === "number") return base.list[key - 1]?.value ?? null;
  if (typeof key === "string") return base.fields.get(key)?.value ?? null;
  return new Unknown(spelling);
}

function table(node: TableConstructorExpression, names: LuaNames): LuaTable {
  const made = new LuaTable(lineOf(node));
  for (const item of node.fields) {
    const value = evaluate(item.value, names);
    if (item.type === "TableValue") made.list.push({ value, line: lineOf(item) });
    else if (item.type === "TableKeyString") made.set(item.key.name, value, lineOf(item));
    else {
      const key = evaluate(item.key, names);
      if (typeof key === "number" && key === made.list.length + 1)
        made.list.push({ value, line: lineOf(item) });
      else if (typeof key === "string") made.set(key, value, lineOf(item));
      else made.set(`[${String(key)}]`, value, lineOf(item));
    }
  }
  return made;
}

function join(operator: string, left: LuaValue, right: LuaValue): LuaValue {
  if (left instanceof Unknown) return left;
  if (right instanceof Unknown) return right;
  const isText = (value: LuaValue) => typeof value === "string" || typeof value === "number";
  if (operator === ".." && isText(left) && isText(right)) {
    const joined = `${String(left)}${String(right)}`;
    return joined.length <= textMax ? joined : new Unknown("a text of unusual length");
  }
  if (operator === "==" || operator === "~=") return (left === right) === (operator === "==");
  if (typeof left === "number" && typeof right === "number") {
    if (operator === "+") return left + right;
    if (operator === "-") return left - right;
    if (operator === "*") return left * right;
    if (operator === "/") return left / right;
  }
  return new Unknown(`the operator ${operator}`);
}
