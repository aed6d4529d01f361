/** The list of what is sent, which opens a session. Pure. */
import { fromText, type Path, parentOf, root } from "../../core/path.ts";
import { ByteWriter } from "./byte-writer.ts";

/** An entry of the list. */
export interface ListEntry {
  readonly path: Path;
  /** `implied`: a directory that is only named because something in it is; nothing of it is changed. */
  readonly kind: "file" | "symlink" | "directory" | "implied";
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  /** Bytes, of a file. */
  readonly size: number;
  /** Modification time: whole seconds since 1970, and the rest. */
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly uid: number;
  readonly gid: number;
  /** Where a symlink points. */
  readonly link: string;
}

/** What goes with the entries. */
export interface ListOptions {
  readonly owner: boolean;
  readonly group: boolean;
  /** Say how users and groups are called, if the target is to go by names; null if by numbers. */
  readonly names: { readonly users: NameOf; readonly groups: NameOf } | null;
}

/** The name that goes with a number, as text; null if there is none. */
type NameOf = (id: number) => string | null;

/** A longer name of a user or group is not sent. */
const nameBytesMax = 80;

const typeBits = { file: 0o100000, symlink: 0o120000, directory: 0o040000, implied: 0o040000 };

/** Bits of what an entry lacks because it is as in the one before, and of what it is. */
const bits = {
  top: 0x01,
  sameMode: 0x02,
  extended: 0x04,
  sameUid: 0x08,
  sameGid: 0x10,
  sameName: 0x20,
  longName: 0x40,
  sameTime: 0x80,
  noContent: 0x100,
  nanoseconds: 0x2000,
};

/**
 * All of `entries` in the order that both sides number them by, with the directories above them, each once. No path may
 * be there twice.
 */
export function inOrder(entries: readonly ListEntry[]): ListEntry[] {
  const known = new Set(entries.map(({ path }) => path));
  const all = [...entries];
  for (const { path } of entries) {
    for (let above = parentOf(path); above !== root && !known.has(above); above = parentOf(above)) {
      known.add(above);
      all.push(implied(above));
    }
  }
  const keys = new Map(all.map((entry) => [entry, sortKey(entry)]));
  return all.sort((a, b) => (keys.get(a)! < keys.get(b)! ? -1 : 1));
}

/**
 * A key that sorts as a byte string: in each directory, files come before directories (a byte before each name tells
 * them apart); names are compared by their bytes, and directories as if a slash were at their ends; what is in a
 * directory follows it.
 */
function sortKey({ path, kind }: ListEntry): string {
  if (path === root) return "";
  const isDirectory = kind === "directory" || kind === "implied";
  const parts = path.split("/");
  const last = parts.pop()!;
  const above = parts.map((part) => `\x02${part}/`).join("");
  return isDirectory ? `${above}\x02${last}/` : `${above}\x01${last}`;
}

function implied(path: Path): ListEntry {
  return {
    path,
    kind: "implied",
    mode: 0o755,
    size: 0,
    mtimeSeconds: 0,
    mtimeNanoseconds: 0,
    uid: 0,
    gid: 0,
    link: "",
  };
}

/** The bytes of the list; `entries` as from `inOrder`. */
export function encodeList(entries: readonly ListEntry[], options: ListOptions): Buffer {
  const to = new ByteWriter();
  let previous: ListEntry | null = null;
  for (const entry of entries) {
    encodeEntry(to, entry, previous, options);
    previous = entry;
  }
  to.byte(0);
  const { owner, group, names } = options;
  if (names !== null) {
    if (owner) encodeNames(to, new Set(entries.map(({ uid }) => uid)), names.users);
    if (group) encodeNames(to, new Set(entries.map(({ gid }) => gid)), names.groups);
  }
  return to.take();
}

function encodeEntry(
  to: ByteWriter,
  entry: ListEntry,
  previous: ListEntry | null,
  { owner, group }: ListOptions,
): void {
  const name = wireName(entry);
  const mode = modeBits(entry);
  const isDirectory = entry.kind === "directory" || entry.kind === "implied";
  const common = previous === null ? 0 : commonLength(wireName(previous), name);
  const suffix = name.slice(common);
  const has = (isSet: boolean, bit: number) => (isSet ? bit : 0);
  const is =
    has(entry.kind === "implied", bits.top) |
    has(isDirectory, bits.noContent) |
    has(previous !== null && mode === modeBits(previous), bits.sameMode) |
    has(!owner || previous?.uid === entry.uid, bits.sameUid) |
    has(!group || previous?.gid === entry.gid, bits.sameGid) |
    has(common > 0, bits.sameName) |
    has(suffix.length > 0xff, bits.longName) |
    has(previous?.mtimeSeconds === entry.mtimeSeconds, bits.sameTime) |
    has(entry.mtimeNanoseconds !== 0, bits.nanoseconds);
  // No bits at all would mean the end of the list.
  if (is === 0) to.byte(bits.top);
  else if (is > 0xff) to.short(is | bits.extended);
  else to.byte(is);
  if (common > 0) to.byte(common);
  if (suffix.length > 0xff) to.varint(suffix.length);
  else to.byte(suffix.length);
  to.text(suffix).varlong(entry.kind === "symlink" ? entry.link.length : entry.size, 3);
  if ((is & bits.sameTime) === 0) to.varlong(entry.mtimeSeconds, 4);
  if (entry.mtimeNanoseconds !== 0) to.varint(entry.mtimeNanoseconds);
  if ((is & bits.sameMode) === 0) to.int(mode);
  if ((is & bits.sameUid) === 0) to.varint(entry.uid);
  if ((is & bits.sameGid) === 0) to.varint(entry.gid);
  if (entry.kind === "symlink") to.varint(entry.link.length).text(entry.link);
}

/** The names of the numbers that are used. */
function encodeNames(to: ByteWriter, used: ReadonlySet<number>, nameOf: NameOf): void {
  for (const id of used) {
    // 0 is the same on every system.
    const name = id === 0 ? null : nameOf(id);
    if (name === null) continue;
    const bytes = fromText(name);
    if (bytes.length <= nameBytesMax) to.varint(id).byte(bytes.length).text(bytes);
  }
  to.varint(0);
}

function wireName({ path }: ListEntry): string {
  return path === root ? "." : path;
}

function modeBits({ kind, mode }: ListEntry): number {
  return typeBits[kind] | mode;
}

/** How many bytes both begin with, as far as one byte can tell. */
function commonLength(a: string, b: string): number {
  const max = Math.min(a.length, b.length, 0xff);
  let length = 0;
  while (length < max && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
