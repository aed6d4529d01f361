/**
 * A command as users write them, for exec targets: it carries out the batch on its standard input in a directory. What
 * was done before is done: a batch may come twice.
 */
import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { bytesOf } from "./trees.ts";

/** An operation with its paths as byte strings. */
interface Operation {
  readonly do: string;
  readonly path: string;
  readonly from: string;
  readonly mode: string;
  readonly kind: string;
}

const [format, directory] = process.argv.slice(2) as [string, string];
const isAgain = process.env.TSYNC_AGAIN === "1";
const at = (path: string) => bytesOf(`${directory}/${path}`);

/** The command line that carries out batches in the directory `place`. */
export function applierOf(form: "json" | "nul", place: string): [string, ...string[]] {
  return [process.execPath, import.meta.path, form, place];
}

if (import.meta.main) {
  const input = Buffer.from(await Bun.stdin.arrayBuffer());
  for (const operation of format === "json" ? fromJson(input) : fromFields(input)) {
    try {
      apply(operation);
    } catch (error) {
      answer("failed", operation.path, (error as Error).message);
    }
  }
}

function apply({ do: what, path, from, mode, kind }: Operation): void {
  switch (what) {
    case "move":
      if (isThere(from)) renameSync(at(from), at(path));
      // It may have been moved before, if that was tried.
      else if (!isAgain || !isThere(path)) answer("missing", from);
      break;
    case "remove":
      rmSync(at(path), { force: true });
      break;
    case "remove-directory":
      try {
        rmdirSync(at(path));
      } catch (error) {
        if (!["ENOENT", "ENOTEMPTY"].includes((error as { code: string }).code)) throw error;
      }
      break;
    case "make-directory":
      mkdirSync(at(path), { recursive: true });
      chmodSync(at(path), Number.parseInt(mode, 8));
      break;
    case "set-mode":
      chmodSync(at(path), Number.parseInt(mode, 8));
      break;
    case "send":
      send(path, kind);
      break;
    default:
      process.stderr.write(`unknown operation ${what}\n`);
      process.exit(2);
  }
}

/** The working directory is the source. */
function send(path: string, kind: string): void {
  const source = bytesOf(`./${path}`);
  const { mtime, atime, mode } = lstatSync(source);
  rmSync(at(path), { force: true });
  if (kind === "symlink") {
    symlinkSync(Buffer.from(readlinkSync(source, "buffer")), at(path));
    lutimesSync(at(path), atime, mtime);
  } else if (kind === "file") {
    writeFileSync(at(path), readFileSync(source));
    chmodSync(at(path), mode);
    lutimesSync(at(path), atime, mtime);
  } else throw new Error(`a ${kind} has no place here`);
}

function isThere(path: string): boolean {
  return lstatSync(at(path), { throwIfNoEntry: false }) !== undefined;
}

function answer(what: "failed" | "missing", path: string, reason?: string): void {
  const line = JSON.stringify({ [`${what}Bytes`]: Buffer.from(path, "latin1").toString("base64"), reason });
  const why = reason === undefined ? "" : `${reason}\0`;
  const fields = Buffer.concat([Buffer.from(`${what}\0${path}\0`, "latin1"), Buffer.from(why)]);
  writeSync(1, format === "json" ? Buffer.from(`${line}\n`) : fields);
}

function fromJson(bytes: Buffer): Operation[] {
  const batch = JSON.parse(bytes.toString()) as { version: number; operations: Record<string, string>[] };
  if (batch.version !== 1) throw new Error(`version ${batch.version}`);
  return batch.operations.map((one) => {
    const path = (key: string) =>
      one[key] === undefined
        ? Buffer.from(one[`${key}Bytes`] ?? "", "base64").toString("latin1")
        : Buffer.from(one[key]).toString("latin1");
    const { do: what = "", mode = "", kind = "" } = one;
    return { do: what, path: what === "move" ? path("to") : path("path"), from: path("from"), mode, kind };
  });
}

function fromFields(bytes: Buffer): Operation[] {
  const fields = bytes.toString("latin1").split("\0");
  const operations: Operation[] = [];
  while (fields.length > 1) {
    const what = fields.shift()!;
    const from = what === "move" ? fields.shift()! : "";
    const kind = what === "send" ? fields.shift()! : "";
    const path = fields.shift()!;
    const mode = what === "make-directory" || what === "set-mode" ? fields.shift()! : "";
    operations.push({ do: what, path, from, mode, kind });
  }
  return operations;
}
