/** Reads known_hosts files, which can be long, piece by piece. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { Fault } from "../../core/fault.ts";
import { isAbsence, reasonOf } from "../../system/file-error.ts";
import { type KnownHostsLine, parseLine } from "./known-hosts-line.ts";

const pieceBytes = 64 * 1024;
/** More than any list of names and any key needs. */
const lineBytesMax = 1024 * 1024;
const fileBytesMax = 256 * 1024 * 1024;

/**
 * Calls `take` with each line of `file` that is one, and its number, counted from 1. A file that does not exist has
 * none, and a device, such as /dev/null, neither. The fault ("host-key") says why the file cannot be read.
 */
export async function readKnownHosts(
  file: string,
  take: (line: KnownHostsLine, number: number) => void,
): Promise<Fault | null> {
  let handle: FileHandle | undefined;
  try {
    const kind = await stat(file);
    if (kind.isCharacterDevice()) return null;
    if (!kind.isFile()) return unreadable(file, "it is not a file");
    handle = await open(file);
    const problem = await readLines(handle, (text, number) => {
      const line = parseLine(text);
      if (line !== null) take(line, number);
    });
    return problem === null ? null : unreadable(file, problem);
  } catch (error) {
    return isAbsence(error) ? null : unreadable(file, reasonOf(error));
  } finally {
    await handle?.close();
  }
}

/** Lines as text with a character a byte. Returns why it gave up; null if it did not. */
async function readLines(
  handle: FileHandle,
  take: (text: string, number: number) => void,
): Promise<string | null> {
  const piece = Buffer.alloc(pieceBytes);
  let started = "";
  let number = 1;
  for (let position = 0; position <= fileBytesMax; ) {
    const { bytesRead } = await handle.read(piece, 0, pieceBytes, position);
    if (bytesRead === 0) {
      if (started !== "") take(started, number);
      return null;
    }
    position += bytesRead;
    const lines = (started + piece.toString("latin1", 0, bytesRead)).split("\n");
    started = lines.pop()!;
    for (const line of lines) take(line, number++);
    if (started.length > lineBytesMax) return `line ${number} is longer than ${lineBytesMax} bytes`;
  }
  return `it is longer than ${fileBytesMax} bytes`;
}

function unreadable(file: string, reason: string): Fault {
  return new Fault(
    "host-key",
    `cannot read the known hosts in ${file}: ${reason}`,
    "mend it, or name other files with UserKnownHostsFile or GlobalKnownHostsFile",
  );
}
