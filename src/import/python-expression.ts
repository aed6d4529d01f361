/** Works out expressions of Python: literals, names, and what joins them. Nothing is called. */
import type { parser } from "@lezer/python";

/** A part of the file, as the parser gives it. */
export type PythonNode = ReturnType<typeof parser.parse>["topNode"];

/** What cannot be known without running the file; `what` says what it is, for people. */
export class Unread {
  constructor(readonly what: string) {}
}

export type PythonValue =
  | string
  | number
  | boolean
  | null
  | Unread
  | readonly PythonValue[]
  | ReadonlyMap<string, PythonValue>;

/** Longest text and list that are put together: doubling them again and again must not fill the memory. */
const lengthMax = 65_536;

/** The value of `node` in `text`; `lookUp` gives that of a variable, null if there is none. */
export function evaluatePython(
  node: PythonNode,
  text: string,
  lookUp: (name: string) => PythonValue,
): PythonValue {
  const written = text.slice(node.from, node.to);
  const value = (inner: PythonNode) => evaluatePython(inner, text, lookUp);
  const items = () => parts(node).map(value);
  switch (node.name) {
    case "String":
      return readString(written);
    case "ContinuedString": {
      const strings = items();
      return strings.every((one) => typeof one === "string") ? strings.join("") : new Unread("a text");
    }
    case "Number":
      return Number.isFinite(Number(written.replaceAll("_", "")))
        ? Number(written.replaceAll("_", ""))
        : new Unread(written);
    case "Boolean":
      return written === "True";
    case "None":
      return null;
    case "ArrayExpression":
    case "TupleExpression":
    case "SetExpression":
      return items();
    case "ParenthesizedExpression":
      return value(parts(node)[0] ?? node.firstChild!);
    case "DictionaryExpression": {
      const keysAndValues = items();
      const made = new Map<string, PythonValue>();
      for (let at = 0; at + 1 < keysAndValues.length; at += 2) {
        const key = keysAndValues[at]!;
        if (typeof key !== "string" && typeof key !== "number")
          return new Unread("a dictionary whose keys are no texts");
        made.set(String(key), keysAndValues[at + 1]!);
      }
      return made;
    }
    case "VariableName":
      return lookUp(written) ?? new Unread(`the variable ${written}, which is not set here`);
    case "UnaryExpression": {
      const [operand] = parts(node);
      const number = operand === undefined ? null : value(operand);
      return typeof number === "number" && written.startsWith("-") ? -number : new Unread(written);
    }
    case "BinaryExpression":
      return joined(node, text, value);
    default:
      return new Unread(`"${written.split("\n")[0]}"`);
  }
}

/** The parts that are values: no brackets, commas, operators or comments. */
function parts(node: PythonNode): PythonNode[] {
  const found: PythonNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (/^[A-Z]/.test(child.name) && !/^(ArithOp|Comment)$/.test(child.name)) found.push(child);
  return found;
}

function joined(node: PythonNode, text: string, value: (node: PythonNode) => PythonValue): PythonValue {
  const [leftNode, rightNode] = parts(node);
  const operator = node.getChild("ArithOp");
  const sign = operator === null ? "" : text.slice(operator.from, operator.to);
  if (leftNode === undefined || rightNode === undefined) return new Unread("an expression");
  const [left, right] = [value(leftNode), value(rightNode)];
  if (left instanceof Unread) return left;
  if (right instanceof Unread) return right;
  if (
    typeof left === "string" &&
    typeof right === "string" &&
    sign === "+" &&
    left.length + right.length <= lengthMax
  )
    return left + right;
  if (Array.isArray(left) && Array.isArray(right) && sign === "+" && left.length + right.length <= lengthMax)
    return [...left, ...right];
  if (typeof left === "string" && sign === "%")
    return formatted(left, Array.isArray(right) ? right : [right]);
  if (typeof left === "number" && typeof right === "number") {
    if (sign === "+") return left + right;
    if (sign === "-") return left - right;
    if (sign === "*") return left * right;
  }
  return new Unread(`what the operator ${sign} gives`);
}

/** `"%s" % value`, with `%s` and `%d` alone. */
function formatted(pattern: string, values: readonly PythonValue[]): PythonValue {
  const queue = [...values];
  let failed = false;
  const made = pattern.replaceAll(/%(.)/gs, (_, letter: string) => {
    if (letter === "%") return "%";
    const next = queue.shift();
    if ((letter === "s" || letter === "d") && (typeof next === "string" || typeof next === "number"))
      return String(next);
    failed = true;
    return "";
  });
  return failed || queue.length > 0 || made.length > lengthMax ? new Unread("a text made with %") : made;
}

/** The text of a string literal. */
function readString(written: string): PythonValue {
  const match = /^([a-zA-Z]*)("""|'''|"|')(.*)\2$/s.exec(written);
  if (match === null || /f/i.test(match[1]!)) return new Unread(written);
  const [, prefix, , body] = match as unknown as [string, string, string, string];
  if (/r/i.test(prefix)) return body;
  const letters: Record<string, string> = {
    a: "\x07",
    b: "\b",
    f: "\f",
    n: "\n",
    r: "\r",
    t: "\t",
    v: "\v",
    "\n": "",
  };
  return body.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(000[0-9a-fA-F]{5}|0010[0-9a-fA-F]{4})|([0-7]{1,3})|(.))/gs,
    (all, two?: string, four?: string, eight?: string, octal?: string, letter?: string) => {
      const hex = two ?? four ?? eight;
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (letter !== undefined && letter in letters) return letters[letter]!;
      return letter !== undefined && /[\\'"]/.test(letter) ? letter : all;
    },
  );
}
