/** Asks whether a file holds something, cheaply and often. */
import { closeSync, lstatSync, openSync, readFileSync, readSync } from "node:fs";

/** True if the file is there and holds exactly `content`. */
export function hasContent(path: string, content: Buffer): boolean {
  try {
    return lstatSync(path).size === content.length && readFileSync(path).equals(content);
  } catch {
    return false;
  }
}

/** True if the file has `bytes` and holds `content` at `offset`. */
export function hasContentAt(path: string, bytes: number, content: Buffer, offset: number): boolean {
  try {
    if (lstatSync(path).size !== bytes) return false;
    const found = Buffer.alloc(content.length);
    const file = openSync(path, "r");
    try {
      return readSync(file, found, 0, found.length, offset) === found.length && found.equals(content);
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
