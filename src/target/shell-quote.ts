/** Quoting for a POSIX shell: the one place where a name becomes part of a command. */

/** `bytes` as one word that no POSIX shell looks into. It must not contain NUL. */
export function shellQuote(bytes: string): string {
  return `'${bytes.replaceAll("'", "'\\''")}'`;
}
