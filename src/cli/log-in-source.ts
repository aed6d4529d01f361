/** A log file that is mirrored would never come to rest: each line is a change, and each change a line. */
import { realpathSync } from "node:fs";
import { Fault } from "../core/fault.ts";
import { fromText } from "../core/path.ts";
import { isInside } from "./check-overlaps.ts";
import type { Prepared } from "./prepare.ts";

/** What is wrong with the log file at `log` (it is there) beside `mirrors`; null if nothing is. */
export function findLogInSource(log: string | null, mirrors: readonly Prepared[]): Fault | null {
  if (log === null) return null;
  const path = fromText(realpathSync(log));
  for (const { source } of mirrors.flatMap(({ workers }) => workers)) {
    if (!isInside(path, source.base === "" ? "/" : source.base)) continue;
    if (source.look(path.slice(source.base.length + 1)) === null) continue;
    const hint = "put it somewhere else, or --exclude it";
    return new Fault("usage", `the log file ${log} is inside a source: each line would be a change`, hint);
  }
  return null;
}
