/** Whether the program has the terminal that it was started from for itself. */
import { readFileSync } from "node:fs";

/** True if it is not in the background. Where that cannot be told, too: a question there stops the program, as others. */
export function isInForeground(): boolean {
  try {
    // "PID (NAME) STATE PARENT GROUP SESSION TTY TTY_GROUP …"; the name may hold anything.
    const stat = readFileSync("/proc/self/stat", "latin1");
    const [, , group, , , terminalGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === terminalGroup;
  } catch {
    return true;
  }
}
