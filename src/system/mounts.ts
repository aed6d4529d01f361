/** What is mounted where. */
import { readFileSync } from "node:fs";

/** One mount. */
export interface Mount {
  /** The directory that it is at: absolute, as a byte string. */
  readonly at: string;
  /** Its number, its device, and what of that is shown there. A number that is free again is given again. */
  readonly what: string;
}

/** All mounts that this process sees, in the order in which they were made; null if the system does not tell. */
export function mounts(): Mount[] | null {
  try {
    const lines = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
    return lines.flatMap((line) => {
      const [number, , device, shown, at] = line.split(" ");
      return at === undefined ? [] : [{ at: unescaped(at), what: `${number} ${device} ${shown}` }];
    });
  } catch {
    return null;
  }
}

/** The kernel writes spaces, tabs, newlines and backslashes as octal numbers. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
