/** Reads a Python file that only assigns variables. Nothing of it is run. */
import { parser } from "@lezer/python";
import type { Notes } from "./imported.ts";
import { evaluatePython, type PythonNode, type PythonValue, Unread } from "./python-expression.ts";

/** A variable and the line it was set on last. */
export interface PythonVariable {
  readonly value: PythonValue;
  readonly line: number;
  /** True if another value is made of it: it may be a helper of the file's own. */
  readonly used: boolean;
}

/** The variables that `text` sets. What is not understood becomes a warning. */
export function readPythonVariables(text: string, notes: Notes): Map<string, PythonVariable> {
  const variables = new Map<string, PythonVariable>();
  const readValue = (node: PythonNode): PythonValue =>
    evaluatePython(node, text, (name) => {
      const variable = variables.get(name);
      if (variable === undefined) return null;
      variables.set(name, { ...variable, used: true });
      return variable.value;
    });
  let line = 1;
  let counted = 0;
  const leaveOut = (node: PythonNode, what: string) => {
    const written = text.slice(node.from, node.to).split("\n")[0]!.trim();
    notes.warn(`${written}: ${what}`, line);
  };

  for (let node = parser.parse(text).topNode.firstChild; node !== null; node = node.nextSibling) {
    line += text.slice(counted, node.from).split("\n").length - 1;
    counted = node.from;
    const [target, operator, source, ...more] = children(node);
    const name = target?.name === "VariableName" ? text.slice(target.from, target.to) : null;
    if (node.name === "Comment") continue;
    if (node.name === "ExpressionStatement" && /String$/.test(target?.name ?? "")) continue; // a comment to Python
    if (node.type.isError || hasError(node)) leaveOut(node, "is not valid Python, and was left out");
    else if (node.name === "AssignStatement" && name !== null && source !== undefined && more.length === 0) {
      if (operator?.name === "AssignOp") variables.set(name, { value: readValue(source), line, used: false });
      else leaveOut(node, "was not understood, and left out");
    } else if (node.name === "UpdateStatement" && name !== null && source !== undefined) {
      const added = join(
        variables.get(name)?.value,
        text.slice(operator!.from, operator!.to),
        readValue(source),
      );
      variables.set(name, { value: added, line, used: false });
    } else leaveOut(node, "is not run; write out what it does");
  }
  return variables;
}

function children(node: PythonNode): PythonNode[] {
  const found: PythonNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== "Comment") found.push(child);
  return found;
}

function hasError(node: PythonNode): boolean {
  let found = false;
  node.cursor().iterate((inner) => {
    // The cursor goes on behind the node it started in.
    if (inner.from >= node.from && inner.to <= node.to && inner.type.isError) found = true;
  });
  return found;
}

function join(before: PythonValue | undefined, operator: string, value: PythonValue): PythonValue {
  if (operator === "+=" && Array.isArray(before) && Array.isArray(value)) return [...before, ...value];
  if (operator === "+=" && typeof before === "string" && typeof value === "string") return before + value;
  return new Unread(`what ${operator} makes of it`);
}
