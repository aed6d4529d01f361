/** The few calls of the C library that neither Bun nor Node has. */
import { dlopen, type FFIFunction, FFIType } from "bun:ffi";

const calls = {
  /** Leaves session and terminal; below 0 if the process leads a group. */
  setsid: { args: [], returns: FFIType.i32 },
  dup2: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  sendto: {
    args: [FFIType.i32, FFIType.ptr, FFIType.u64, FFIType.i32, FFIType.ptr, FFIType.u32],
    returns: FFIType.i64,
  },
  /** What is known of a user, or a group; overwritten by the next call. */
  getpwuid: { args: [FFIType.u32], returns: FFIType.ptr },
  getgrgid: { args: [FFIType.u32], returns: FFIType.ptr },
} as const;

/** What the library is called: glibc, musl (which is its loader, too), macOS. */
const names = [
  "libc.so.6",
  `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
  "libSystem.B.dylib",
];

/** Calls of the library. */
export type Library<Calls extends Record<string, FFIFunction>> = ReturnType<typeof dlopen<Calls>>["symbols"];

let loaded: Library<typeof calls> | null | undefined;

/** The library; null if it is not found. It is loaded when it is first asked for. */
export function libc(): Library<typeof calls> | null {
  if (loaded === undefined) loaded = openLibrary(calls);
  return loaded;
}

/** The library with these calls; null if it is not found, or does not have all of them. */
export function openLibrary<Calls extends Record<string, FFIFunction>>(wanted: Calls): Library<Calls> | null {
  for (const name of names) {
    try {
      return dlopen(name, wanted).symbols;
    } catch {
      // It has another name here.
    }
  }
  return null;
}
