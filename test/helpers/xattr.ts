/** Extended attributes (and so ACLs) for tests: Node has no call for them, and the programs may not be installed. */
import { dlopen, FFIType, ptr } from "bun:ffi";

const { symbols } = dlopen("libc.so.6", {
  setxattr: { args: [FFIType.ptr, FFIType.ptr, FFIType.ptr, FFIType.u64, FFIType.i32], returns: FFIType.i32 },
  getxattr: { args: [FFIType.ptr, FFIType.ptr, FFIType.ptr, FFIType.u64], returns: FFIType.i64 },
});

const cString = (text: string) => Buffer.from(`${text}\0`);

/** Sets the attribute `name` of the file at `path`. */
export function setXattr(path: string, name: string, value: Buffer): void {
  const result = symbols.setxattr(ptr(cString(path)), ptr(cString(name)), ptr(value), value.length, 0);
  if (result !== 0) throw new Error(`cannot set ${name} of ${path}`);
}

/** The attribute `name` of the file at `path`; null if it has none. */
export function getXattr(path: string, name: string): Buffer | null {
  const value = Buffer.alloc(4096);
  const length = Number(symbols.getxattr(ptr(cString(path)), ptr(cString(name)), ptr(value), value.length));
  return length < 0 ? null : value.subarray(0, length);
}

/** The value of `system.posix_acl_access` that gives the user `uid` the rights `rights` (an octal digit). */
export function aclFor(uid: number, rights: number, mode: number): Buffer {
  const entries: [number, number, number][] = [
    [0x01, (mode >> 6) & 7, 0xffffffff],
    [0x02, rights, uid],
    [0x04, (mode >> 3) & 7, 0xffffffff],
    [0x10, 7, 0xffffffff],
    [0x20, mode & 7, 0xffffffff],
  ];
  const value = Buffer.alloc(4 + 8 * entries.length);
  value.writeUInt32LE(2, 0);
  for (const [at, [tag, perm, id]] of entries.entries()) {
    value.writeUInt16LE(tag, 4 + 8 * at);
    value.writeUInt16LE(perm, 6 + 8 * at);
    value.writeUInt32LE(id, 8 + 8 * at);
  }
  return value;
}
