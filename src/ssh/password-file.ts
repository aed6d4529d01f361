/** Reads a password from a file that nobody else can read. */
import { readFileSync, statSync } from "node:fs";
import { Fault } from "../core/fault.ts";

/** The first line of `file`. Fault: "usage". */
export function readPasswordFile(file: string): string | Fault {
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      const why = `others than its owner can read or change the password file ${file}`;
      return new Fault("usage", why, `chmod 600 ${file}`);
    }
    const password = readFileSync(file, "utf8").split(/\r?\n/)[0]!;
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
