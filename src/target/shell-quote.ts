/** Quoting for a POSIX shell: the one place where a name becomes part of a command. */

/** `bytes` as one word that no POSIX shell looks into. It must not contain NUL. */
export function shellQuote(bytes: string): string {
  return `'${bytes.replaceAll("'", "'\\''")}'`;
}

/** Like `shellQuote`, but `~` and `~user` at the start are left for the shell to resolve, with the slash behind. */
export function tildeQuote(bytes: string): string {
  const home = homePrefix(bytes);
  const rest = bytes.slice(home.length);
  return home !== "" && rest === "" ? home : `${home}${shellQuote(rest)}`;
}

/** What a shell may resolve at the start of `bytes`, with the slash behind: `~`, `~/`, `~user`, `~user/`; else empty. */
export function homePrefix(bytes: string): string {
  // (`~-` is no user: some shells know it as the directory before.)
  return /^~(?:[A-Za-z0-9._][A-Za-z0-9._@-]*)?(?:\/|$)/.exec(bytes)?.[0] ?? "";
}
