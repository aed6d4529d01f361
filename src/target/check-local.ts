/** Says whether a directory on this machine can be a target, without changing anything. */
import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Fault } from "../core/fault.ts";
import { display, fromText } from "../core/path.ts";
import { isAbsence, reasonOf } from "../system/file-error.ts";

/** What is well with `directory` (absolute), in a few words, or what is not. */
export function checkLocal(directory: string): string | Fault {
  const there = firstThere(directory);
  const [where, what] = [directory, there].map((path) => display(fromText(path)));
  try {
    if (!statSync(there).isDirectory())
      return new Fault(
        "target",
        `cannot write to ${where}: ${what} is not a directory`,
        "choose another place",
      );
    accessSync(there, constants.W_OK | constants.X_OK);
    return there === directory ? "can be written" : `can be made in ${what}`;
  } catch (error) {
    return new Fault(
      "target",
      `cannot write to ${where}: ${there === directory ? "" : `${what}: `}${reasonOf(error)}`,
      "make it, or get the right to write to it",
    );
  }
}

/** `path`, or the nearest of the directories above it that is there. */
function firstThere(path: string): string {
  try {
    lstatSync(path);
    return path;
  } catch (error) {
    return isAbsence(error) && path !== "/" ? firstThere(dirname(path)) : path;
  }
}
