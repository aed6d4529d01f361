/** The password for an rsync daemon: from a file that nobody else can read, or from the environment. */
import type { Fault } from "../core/fault.ts";
import { readPasswordFile } from "../ssh/auth/password-file.ts";

/** The first line of `file`, else the environment's RSYNC_PASSWORD; empty if there is neither. */
export function findPassword(
  file: string | undefined,
  env: Record<string, string | undefined>,
): string | Fault {
  return file === undefined ? (env.RSYNC_PASSWORD ?? "") : readPasswordFile(file);
}
