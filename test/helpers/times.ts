/** Sets times to the nanosecond, also of symlinks: Node's calls take numbers that cannot say it. */
import { dlopen, FFIType, ptr } from "bun:ffi";

const { symbols } = dlopen("libc.so.6", {
  utimensat: { args: [FFIType.i32, FFIType.ptr, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
});

/** Relative paths are such to the working directory, and links are not followed. */
const [atWorkingDirectory, noFollow] = [-100, 0x100];

/** Sets both times of what is at `path`, in nanoseconds since 1970. */
export function setTimeOf(path: Uint8Array | string, time: bigint): void {
  const rest = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (time - rest) / 1_000_000_000n;
  const times = new BigInt64Array([seconds, rest, seconds, rest]);
  const name = Buffer.concat([Buffer.from(path as string), Buffer.from([0])]);
  if (symbols.utimensat(atWorkingDirectory, ptr(name), ptr(times), noFollow) !== 0)
    throw new Error(`cannot set the time of ${path}`);
}
