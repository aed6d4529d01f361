/** Opens one watch. */
import { closeSync, constants, type FSWatcher, openSync, watch } from "node:fs";
import { toFs } from "../core/path.ts";

/**
 * Watches the directory at `absolute` (a byte string), not what is below its subdirectories. `onEvent` gets the
 * name as a byte string, or null if events were lost. Throws what `fs.watch` throws.
 */
export function openWatch(
  absolute: string,
  onEvent: (event: string, name: string | null) => void,
): FSWatcher {
  // The declarations know no "latin1" here; the runtime gives each byte of a name as one character.
  const options = { encoding: "latin1" as "utf8" };
  if (!absolute.includes("\\")) return watch(toFs(absolute), options, onEvent);
  // Bun takes a backslash for a separator here, and finds nothing: it gets the open directory instead.
  const directory = openSync(toFs(absolute), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return watch(`/proc/self/fd/${directory}`, options, onEvent);
  } finally {
    closeSync(directory);
  }
}
