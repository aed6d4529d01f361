/** What a command says on its standard output about operations that it could not carry out. Pure. */
import { fromText, type Path, toBytes } from "../../core/path.ts";
import type { ExecFormat } from "./batch.ts";

/** What was understood. */
export interface Answer {
  /** Paths that failed, with the reason. */
  readonly failed: ReadonlyMap<Path, string>;
  /** What was to be moved and is not there. */
  readonly missing: ReadonlySet<Path>;
}

/** The part of an output that is not an answer. */
export class NoAnswer {
  constructor(readonly part: string) {}
}

/** Longest reason that is kept, in characters. */
const reasonMax = 500;

const unsaid = "the command gave no reason";

/** Reads `output`, a byte string. */
export function readAnswer(output: string, format: ExecFormat): Answer | NoAnswer {
  return format === "json" ? readLines(output) : readFields(output);
}

/** `{"failed":"a/b","reason":"why"}` or `{"missing":"b"}` on each line; `failedBytes`, `missingBytes` in base64. */
function readLines(output: string): Answer | NoAnswer {
  const failed = new Map<Path, string>();
  const missing = new Set<Path>();
  for (const line of toBytes(output).toString("utf8").split("\n")) {
    if (line.trim() === "") continue;
    const said = parseObject(line);
    const [failure, gone] = [pathIn(said, "failed"), pathIn(said, "missing")];
    if (failure !== null) failed.set(failure, reasonOf(said.reason));
    else if (gone !== null) missing.add(gone);
    else return new NoAnswer(line);
  }
  return { failed, missing };
}

function parseObject(line: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function pathIn(said: Record<string, unknown>, key: string): Path | null {
  const [text, base64] = [said[key], said[`${key}Bytes`]];
  if (typeof text === "string") return fromText(text);
  return typeof base64 === "string" ? Buffer.from(base64, "base64").toString("latin1") : null;
}

/** `failed`, path, reason or `missing`, path: fields with a NUL behind each. */
function readFields(output: string): Answer | NoAnswer {
  const failed = new Map<Path, string>();
  const missing = new Set<Path>();
  const fields = output.split("\0");
  // What comes behind the last NUL.
  const rest = fields.pop()!;
  if (rest.trim() !== "") return new NoAnswer(shownBytes(rest));
  for (let at = 0; at < fields.length; ) {
    const [what, path, reason] = fields.slice(at, at + 3);
    if (what === "failed" && path !== undefined && reason !== undefined) {
      failed.set(path, reasonOf(shownBytes(reason)));
      at += 3;
    } else if (what === "missing" && path !== undefined) {
      missing.add(path);
      at += 2;
    } else return new NoAnswer(shownBytes(what!));
  }
  return { failed, missing };
}

function shownBytes(bytes: string): string {
  return toBytes(bytes).toString("utf8");
}

function reasonOf(said: unknown): string {
  const text = typeof said === "string" ? said.trim() : "";
  return text === "" ? unsaid : text.slice(0, reasonMax);
}
