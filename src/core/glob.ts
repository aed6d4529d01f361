/**
 * A pattern in its plain form: what --exclude, filter files and .gitignore files are all read into. All bytes in it
 * stand for themselves; what they meant in the pattern's text has been settled.
 */

/** One piece of a pattern. */
export type GlobToken =
  /** These bytes, slashes included. */
  | { readonly kind: "text"; readonly text: string }
  /** One byte that is not a slash. */
  | { readonly kind: "one" }
  /** One of these bytes (none is a slash; there is at least one). */
  | { readonly kind: "class"; readonly bytes: string }
  /** Any bytes but slashes, or none. */
  | { readonly kind: "star" }
  /** Any bytes, or none. */
  | { readonly kind: "deep" }
  /** Any number of whole directories with their slashes, or none. */
  | { readonly kind: "directories" };

/** What a pattern is held against: the last part of a path, the whole of it, or as many of its last parts as needed. */
export type Place = "name" | "root" | "end";

/** One pattern without alternatives; texts never stand side by side. */
export interface Glob {
  readonly tokens: readonly GlobToken[];
  readonly place: Place;
  readonly directoryOnly: boolean;
}

/** Puts `next` at the end of `tokens`; texts that meet become one. */
export function push(tokens: GlobToken[], next: GlobToken): void {
  const last = tokens.at(-1);
  if (next.kind === "text" && last?.kind === "text") {
    tokens[tokens.length - 1] = { kind: "text", text: last.text + next.text };
  } else tokens.push(next);
}

/** `[...]` for `bytes` (each once, in order), with a backslash before those that match `special`. */
export function classText(bytes: string, special: RegExp): string {
  const ranges: { first: string; last: string }[] = [];
  for (const byte of bytes) {
    const range = ranges.at(-1);
    if (range !== undefined && byte.charCodeAt(0) === range.last.charCodeAt(0) + 1) range.last = byte;
    else ranges.push({ first: byte, last: byte });
  }
  const escaped = (byte: string) => (special.test(byte) ? `\\${byte}` : byte);
  const texts = ranges.map(({ first, last }) =>
    first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`,
  );
  return `[${texts.join("")}]`;
}
