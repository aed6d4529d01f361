/**
 * Names and paths are bytes. In memory a byte string is a JavaScript string whose characters are the bytes
 * (latin1): it works as a map key, sorts bytewise, and costs no decoding. Only what is shown to people is
 * decoded (`display`).
 */

/** A path below a mirror's root: bytes as latin1 characters, parts joined by `/`; the root itself is `""`. */
export type Path = string;

/** The root of a mirror. */
export const root: Path = "";

/** Longest path accepted, in bytes: Linux's PATH_MAX. */
const pathBytesMax = 4096;

/** Turns a text (UTF-16) into a byte string. */
export function fromText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The text of a byte string that was made from text. */
export function toText(bytes: string): string {
  return isAscii(bytes) ? bytes : toBytes(bytes).toString("utf8");
}

/** The bytes of a byte string. */
export function toBytes(bytes: string): Buffer {
  return Buffer.from(bytes, "latin1");
}

/** What `node:fs` takes for a byte string: the string itself when it is ASCII (faster), else its bytes. */
export function toFs(bytes: string): string | Buffer {
  return isAscii(bytes) ? bytes : toBytes(bytes);
}

/** True if every byte is below 0x80. */
function isAscii(bytes: string): boolean {
  return /^[\x00-\x7f]*$/.test(bytes);
}

/** Says why `path` is not a path below a root (absolute, `.`, `..`, empty part, NUL, too long), or null if it is. */
export function pathProblem(path: Path): string | null {
  if (path === root) return null;
  if (path.includes("\0")) return "has a NUL byte";
  if (path.startsWith("/")) return "is absolute";
  if (path.length > pathBytesMax) return `is longer than ${pathBytesMax} bytes`;
  for (const part of path.split("/")) {
    if (part === "") return "has an empty part";
    if (part === "." || part === "..") return `has the part "${part}"`;
  }
  return null;
}

/** `path`, if it is one below a root. Anything else reaching a target is a bug, and stopped here. */
export function checked(path: Path): Path {
  const problem = pathProblem(path);
  if (problem !== null) throw new Error(`the path "${display(path)}" ${problem}`);
  return path;
}

/** `name` below `parent`. */
export function join(parent: Path, name: string): Path {
  return parent === root ? name : `${parent}/${name}`;
}

/** The directory that holds `path`; the root's is the root. */
export function parentOf(path: Path): Path {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? root : path.slice(0, slash);
}

/** The last part of `path`; the root's is `""`. */
export function nameOf(path: Path): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** How many parts `path` has; the root has none. */
export function depthOf(path: Path): number {
  if (path === root) return 0;
  let depth = 1;
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) depth++;
  return depth;
}

/** True if `path` is `ancestor` or lies below it. */
export function isWithin(path: Path, ancestor: Path): boolean {
  if (ancestor === root || path === ancestor) return true;
  return path.length > ancestor.length && path.startsWith(ancestor) && path[ancestor.length] === "/";
}

/** True if `path` is one of `ancestors` or lies below one. */
export function isWithinAny(path: Path, ancestors: ReadonlySet<Path>): boolean {
  for (let at = path; ; at = parentOf(at)) {
    if (ancestors.has(at)) return true;
    if (at === root) return false;
  }
}

/** Moves `path`, which lies within `from`, to the same place within `to`. */
export function rebase(path: Path, from: Path, to: Path): Path {
  if (path === from) return to;
  return join(to, from === root ? path : path.slice(from.length + 1));
}

/** The path as a person reads it: UTF-8 decoded, control characters and invalid bytes as `\xNN`; the root is `.`. */
export function display(path: Path): string {
  if (path === root) return ".";
  if (/^[\x20-\x5b\x5d-\x7e]*$/.test(path)) return path;
  const hex = (char: string) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(toBytes(path));
  } catch {
    return path.replace(/[^\x20-\x5b\x5d-\x7e]/g, (char) => (char === "\\" ? "\\\\" : hex(char)));
  }
  const code = (char: string) => (char > "\xff" ? `\\u${char.charCodeAt(0).toString(16)}` : hex(char));
  // Marks that change the direction of text, and line separators, could disguise a name.
  return text.replace(/[\\\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (char) =>
    char === "\\" ? "\\\\" : code(char),
  );
}
