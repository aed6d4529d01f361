/** Reads a password from a file that nobody else can read. */
import { constants, readFileSync, statSync } from "node:fs";
import { Fault } from "../../core/fault.ts";

/** Of pipes, such as the shell makes for `<(command)`: they can be read only once. */
const fromPipes = new Map<string, string>();

/** The first line of `file`. Fault: "usage". */
export function readPasswordFile(file: string): string | Fault {
  const read = fromPipes.get(file);
  if (read !== undefined) return read;
  try {
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0) {
      const why = `others than its owner can read or change the password file ${file}`;
      return new Fault("usage", why, `chmod 600 ${file}`);
    }
    const password = readFileSync(file, "utf8").split(/\r?\n/)[0]!;
    if (password !== "" && (mode & constants.S_IFMT) === constants.S_IFIFO) fromPipes.set(file, password);
    if (password !== "") return password;
    return new Fault(
      "usage",
      `the password file ${file} has nothing in its first line`,
      "write the password there",
    );
  } catch (error) {
    return new Fault("usage", `cannot read the password file ${file}: ${(error as Error).message}`);
  }
}
