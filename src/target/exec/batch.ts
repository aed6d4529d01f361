/** What a command is told to do, as it reads it on its standard input. Pure. */
import { anyMode } from "../../core/as-mirrored.ts";
import type { Entry } from "../../core/entry.ts";
import type { Send, Step } from "../../core/operation.ts";
import { type Path, toBytes } from "../../core/path.ts";

/** The form of what is on standard input and output. */
export type ExecFormat = "json" | "nul";

/** Version of both forms; a change that commands could stumble over makes it another one. */
const version = 1;

/** What one call is about. */
export interface Batch {
  /** The mirror's name; null for one that has none. */
  readonly mirror: string | null;
  /** The target's name. */
  readonly target: string;
  /** Absolute path of the source's root, as a byte string. */
  readonly source: string;
  /** True if the same operations were sent before, and may have been carried out then. */
  readonly again: boolean;
  /** In the order in which they must happen. */
  readonly operations: readonly (Step | ExecSend)[];
}

/** A send, beside the steps. */
type ExecSend = Send & { readonly do: "send" };

/** The bytes of `batch` in a form. */
export function encodeBatch(batch: Batch, format: ExecFormat): Buffer {
  return format === "json" ? Buffer.from(`${JSON.stringify(asObject(batch))}\n`) : toBytes(asFields(batch));
}

function asObject({ mirror, target, source, again, operations }: Batch): object {
  return {
    version,
    mirror,
    target,
    ...named("source", source),
    again,
    operations: operations.map(asOperation),
  };
}

function asOperation(operation: Batch["operations"][number]): object {
  const path = "path" in operation ? named("path", operation.path) : {};
  switch (operation.do) {
    case "move":
      return { do: "move", ...named("from", operation.from), ...named("to", operation.to) };
    case "make-directory":
      return {
        do: "make-directory",
        ...path,
        ...attributesOf({ ...operation.entry, mode: creationMode(operation.entry) }),
      };
    case "set-mode":
      return { do: "set-mode", ...path, ...modeOf(operation.mode) };
    case "send": {
      const { entry, compare } = operation;
      const content = compare === "changed" ? "changed" : "unknown";
      return {
        do: "send",
        ...path,
        kind: entry.kind,
        content,
        ...(entry.kind === "file" ? { size: entry.size } : {}),
        ...(entry.kind === "symlink" ? named("link", entry.link) : {}),
        ...attributesOf(entry),
      };
    }
    default:
      return { do: operation.do, ...path };
  }
}

/** `{ KEY: TEXT }`; for bytes that are no text `{ KEYBytes: BASE64 }`, so that nobody takes them for another name. */
function named(key: string, bytes: string): object {
  const text = textOf(bytes);
  return text === null ? { [`${key}Bytes`]: toBytes(bytes).toString("base64") } : { [key]: text };
}

/** The text that `bytes` are in UTF-8; null if they are not. */
function textOf(bytes: string): string | null {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(toBytes(bytes));
  } catch {
    return null;
  }
}

function attributesOf(entry: Pick<Entry, "kind" | "mode" | "mtimeMs" | "uid" | "gid">): object {
  return {
    ...(entry.kind === "symlink" ? {} : modeOf(entry.mode)),
    ...(entry.kind === "directory" ? {} : { mtimeMs: entry.mtimeMs }),
    // Those that are not mirrored are below zero.
    ...(entry.uid >= 0 ? { uid: entry.uid } : {}),
    ...(entry.gid >= 0 ? { gid: entry.gid } : {}),
  };
}

/** Nothing for a mode that is left to the target. */
function modeOf(mode: number): { mode?: string } {
  return mode === anyMode ? {} : { mode: octal(mode) };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** Its owner can work in it: what goes into it comes next. */
function creationMode({ mode }: Entry): number {
  return mode === anyMode ? mode : mode | 0o700;
}

/** Each operation as a fixed number of fields, each with a NUL behind it; a mode that is left to the target is empty. */
function asFields({ operations }: Batch): string {
  return operations.map((operation) => `${fieldsOf(operation).join("\0")}\0`).join("");
}

function fieldsOf(operation: Batch["operations"][number]): readonly (string | Path)[] {
  switch (operation.do) {
    case "move":
      return ["move", operation.from, operation.to];
    case "make-directory":
      return ["make-directory", operation.path, modeOf(creationMode(operation.entry)).mode ?? ""];
    case "set-mode":
      return ["set-mode", operation.path, modeOf(operation.mode).mode ?? ""];
    case "send":
      return ["send", operation.entry.kind, operation.path];
    default:
      return [operation.do, operation.path];
  }
}
