/** A file that tsync writes for others, and knows again: it never touches one that somebody else wrote, or changed. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Fault } from "../core/fault.ts";
import { isAbsence, reasonOf } from "../system/file-error.ts";

/** What a file is found to be. */
export type Found = "absent" | "own" | "changed" | "foreign";

const mark = /^.*Written by tsync service install, digest ([0-9a-f]{16})\b.*\n/m;

/** `text` with a line that tells who wrote it, as `comment` makes a comment of it: behind the first line if that must be the first. */
export function marked(text: string, comment: (line: string) => string): string {
  const line = `${comment(`Written by tsync service install, digest ${digestOf(text)}`)}\n`;
  const first = text.startsWith("<?xml") ? text.indexOf("\n") + 1 : 0;
  return text.slice(0, first) + line + text.slice(first);
}

/** What is at `path`. */
export function find(path: string): Found | Fault {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return isAbsence(error) ? "absent" : new Fault("usage", `cannot read ${path}: ${reasonOf(error)}`);
  }
  const digest = mark.exec(text)?.[1];
  if (digest === undefined) return "foreign";
  return digest === digestOf(text.replace(mark, "")) ? "own" : "changed";
}

/** Puts `text` at `path`, whole or not at all; folders are made. Null, or why that failed. */
export function put(path: string, text: string): Fault | null {
  const beside = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(beside, text, { mode: 0o644 });
    renameSync(beside, path);
    return null;
  } catch (error) {
    rmSync(beside, { force: true });
    return new Fault("usage", `cannot write ${path}: ${reasonOf(error)}`, mayNot);
  }
}

/** Removes the file. Null, or why that failed. */
export function remove(path: string): Fault | null {
  try {
    rmSync(path);
    return null;
  } catch (error) {
    return new Fault("usage", `cannot remove ${path}: ${reasonOf(error)}`, mayNot);
  }
}

const mayNot = "run it as root for a service of the machine, or give --user";

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
