/** Quoting for a POSIX shell: the one place where a name becomes part of a command. */

/** `bytes` as one word that no POSIX shell looks into. It must not contain NUL. */
export function shellQuote(bytes: string): string {
  return `'${bytes.replaceAll("'", "'\\''")}'`;
}

/** Like `shellQuote`, but `~` and `~user` at the start are left for the shell to resolve, with the slash behind. */
export function tildeQuote(bytes: string): string {
  const home = /^~[A-Za-z0-9._-]*(\/|$)/.exec(bytes)?.[0] ?? "";
  const rest = bytes.slice(home.length);
  return home !== "" && rest === "" ? home : `${home}${shellQuote(rest)}`;
}
