/** Where the control sockets of running tsyncs are. */
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "../core/fault.ts";
import { reasonOf } from "../system/file-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_RUNTIME_DIR/tsync`; without it `/run/tsync` for root, and a private folder below the temporary one for others. */
export function runtimeFolder(env: Environment, uid = process.getuid?.() ?? 0): string {
  const base = env.XDG_RUNTIME_DIR;
  if (base?.startsWith("/")) return join(base, "tsync");
  return uid === 0 ? "/run/tsync" : join(tmpdir(), `tsync-${uid}`);
}

/** Makes `folder`, or sees to it that nobody else can get at what is in it. */
export function makeRuntimeFolder(folder: string, uid = process.getuid?.() ?? 0): Fault | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== uid) {
      return new Fault("usage", `${folder} is not a directory of yours`, "remove it, or set XDG_RUNTIME_DIR");
    }
    if ((stat.mode & 0o777) !== 0o700) chmodSync(folder, 0o700);
    return null;
  } catch (error) {
    return new Fault("usage", `cannot make ${folder}: ${reasonOf(error)}`, "set XDG_RUNTIME_DIR");
  }
}
