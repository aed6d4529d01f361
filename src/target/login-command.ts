/**
 * The form in which commands go to the login shell of an account, which may be any: sh, csh, fish, zsh. Pure. They
 * agree on what a word in single quotes is only if it has no quote, `!`, backslash at its end or line break, and no
 * byte that is not ASCII: everything but plain characters is written in octal, for `/bin/sh` to read.
 */
import { toBytes } from "../core/path.ts";

/** Starts the shell that is fed with scripts; the word tells whether this was run at all, see `RemoteShell`. */
export const shellCommand = "exec /bin/sh -s tsync";

/** `script` (a byte string without NUL, for `/bin/sh`) as a command that every login shell reads the same. */
export function loginCommand(script: string): string {
  const word = script.replaceAll(
    /[^A-Za-z0-9 _/.,:=@+-]/g,
    (char) => `\\0${toBytes(char)[0]!.toString(8).padStart(3, "0")}`,
  );
  // Some shells take functions from the environment.
  return `exec /bin/sh -c 'unset -f cd printf; eval "$(printf %b "${word}")"'`;
}

/**
 * Prints the line that the command's own output begins after. It stands in two parts: a shell that shows what it is
 * told to do does not print it.
 */
export function markScript(mark: string): string {
  const print = `printf '%s%s\\n' ${mark.slice(0, 6)} ${mark.slice(6)}`;
  return `${print}; ${print} >&2; `;
}
