/** The target's directory as the user wrote it, for the remote shell to find. Pure. */
import { Fault } from "../core/fault.ts";
import { display } from "../core/path.ts";
import { homePrefix, tildeQuote } from "./shell-quote.ts";

/**
 * Lines for the remote shell that set `p` to `directory` (a byte string: absolute, below the home directory, `~` or
 * `~user`), which then begins with no dash; or that set `u` to what keeps it from being anywhere, see `placeFault`.
 */
export function placeScript(directory: string): string {
  const isOfUser = /^~[^/]/.test(homePrefix(directory));
  const isAbsolute = directory.startsWith("/");
  const written = directory === "" || directory.startsWith("-") ? `./${directory}` : directory;
  return (
    `u=; p=${tildeQuote(written)}\n` +
    // Left as it is where there is no such user.
    (isOfUser ? `case $p in "~"*) u=user ;; esac\n` : "") +
    // A shell that finds no home starts at the root of all directories: nobody means that.
    (isOfUser || isAbsolute ? "" : `[ -d "\${HOME:-.}" ] || u=home$HOME\n`)
  );
}

/** The fault for a value of `u`; null if it is empty. */
export function placeFault(unknown: string, directory: string, account: string): Fault | null {
  if (unknown === "") return null;
  if (unknown === "user") {
    const user = homePrefix(directory).replaceAll(/[~/]/g, "");
    return new Fault(
      "target",
      `there is no user ${user} at ${account}`,
      `write ./~${user} for a directory of that name`,
    );
  }
  return new Fault(
    "target",
    `the home directory of ${account} is not there: ${display(unknown.slice("home".length))}`,
    "make it, or name the target's directory with a slash in front",
  );
}
