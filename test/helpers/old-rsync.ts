/** Other versions of rsync for the target, as `test/setup.sh` could get them, and programs that only claim to be rsync. */
import { readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** What `--rsync-path` takes. */
export interface TargetRsync {
  readonly version: string;
  readonly program: string;
}

const folder = resolve(import.meta.dir, "../../node_modules/.cache/rsync");

/** The installed one, and those that could be had besides. */
export function targetRsyncs(): TargetRsync[] {
  const others = namesIn(folder).map((name) => join(folder, name, "usr/bin/rsync"));
  const found = ["rsync", ...others].map((program) => ({ program, version: versionOf(program) }));
  return found.filter((one): one is TargetRsync => one.version !== null);
}

function versionOf(program: string): string | null {
  try {
    const { stdout } = Bun.spawnSync([program, "--version"], { stderr: "ignore" });
    return /version v?([\d.]+)/.exec(stdout.toString())?.[1] ?? null;
  } catch {
    return null;
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/**
 * Makes a program in `folder` that passes for rsync: it says `version` if it is asked for that (null: what rsync
 * says), and runs `receiver`, lines for a shell, where tsync's own sender is to be received (null: rsync).
 */
export function fakeRsync(folder: string, version: string | null, receiver: string | null): string {
  const path = join(folder, "fake-rsync");
  const answers = [
    ...(version === null ? [] : [`*--version*) echo '${version}'; exit 0;;`]),
    // Nobody else asks for that.
    ...(receiver === null ? [] : [`*--remove-source-files*) ${receiver};;`]),
  ];
  writeFileSync(path, `#!/bin/bash\ncase "$*" in\n${answers.join("\n")}\nesac\nexec rsync "$@"\n`, {
    mode: 0o755,
  });
  return path;
}
