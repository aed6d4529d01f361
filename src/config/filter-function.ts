/** Functions of a configuration that is a program, which choose what is mirrored. */

/** What such a function is told of an entry of the source. */
interface PathInfo {
  readonly kind: "file" | "directory" | "symlink" | "special";
  /** Bytes for a file, 0 for the others. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
}

/** True if the entry at `path` (below the source, without a slash in front) is mirrored. */
export type FilterFunction = (path: string, info: PathInfo) => boolean;

/** True if `value` may be such a function; what it gives shows when it is called. */
export function isFilterFunction(value: unknown): value is FilterFunction {
  return typeof value === "function";
}
