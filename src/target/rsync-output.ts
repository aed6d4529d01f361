/** What rsync says, and what it means. Pure. */
import { Fault } from "../core/fault.ts";
import type { Path } from "../core/path.ts";
import { refusalFault } from "./rsync-refusal.ts";

/** How a run of rsync ended. */
export interface RsyncResult {
  /** Exit code; null if a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Standard output and error, as byte strings. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Exit codes after which some files arrived and others did not. */
const partialCodes = new Set([23, 24]);

/** The fault that ended a run; null if it ran to its end, though perhaps with files that failed. */
export function rsyncFault(result: RsyncResult): Fault | null {
  const { code, signal } = result;
  // Says so, gives files to whom it likes, and calls that a success.
  const [, kind, name] = /^Unknown --(user|group)map name on receiver: (.*)$/m.exec(result.stderr) ?? [];
  if (name !== undefined)
    return new Fault(
      "target",
      `the target knows no ${kind} called ${name.trim()}`,
      "see --chown; a number works too",
    );
  if (code === 0 || (code !== null && partialCodes.has(code))) return null;
  const [, silence] = /^rsync: nothing travelled for (.*)$/m.exec(result.stderr) ?? [];
  if (silence !== undefined)
    return new Fault("connection", `nothing travelled for ${silence} in a transfer`, "see --timeout", true);
  const said = lastMessage(result.stderr);
  const reason = said === "" ? "" : `: ${said}`;
  const full = /.*(?:No space left|Disk quota exceeded).*/.exec(result.stderr);
  if (full !== null) {
    return new Fault(
      "target",
      `the target is full: ${full[0].trim().slice(0, 300)}`,
      "make room there; tsync tries again by itself",
      true,
    );
  }
  if (/Read-only file system/.test(result.stderr)) {
    return new Fault("target", `the target is read-only${reason}`, "tsync tries again by itself", true);
  }
  if (/(mkdir ".*\/\."|change_dir#3 ".*") (\(in .*\) )?failed: No such file/.test(result.stderr))
    return targetGone();
  const refusal = refusalFault(result.stderr);
  if (refusal !== null) return refusal;
  if (code === 127 || /rsync: (command )?not found/.test(result.stderr)) {
    return new Fault("missing-program", "rsync is not installed on the target", "install it there");
  }
  if (/(syntax or usage error \(code 1\)|not supported \(code 4\))/.test(result.stderr)) {
    return new Fault(
      "target",
      `rsync cannot do what it was told${reason}`,
      "here or on the target it lacks an option",
    );
  }
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return new Fault("connection", `rsync ended with ${how}${reason}`, "", true);
}

/** The target's directory was removed while tsync was connected. */
export function targetGone(): Fault {
  return new Fault("target", "the target directory is gone", "tsync makes it again when it connects", true);
}

/** The target's directory is not there, and is not to be made. */
export function notThere(where: string): Fault {
  return new Fault("target", `the target directory ${where} is not there`, "check the path, or mount it");
}

/** How rsync's own messages begin. Start-up files of the account on the target may print anything else. */
const complaint = /^(rsync|could not |cannot |file has vanished|IO error|ERROR|WARNING|skipping )/m;

/** True if a path failed only because it was not there for a moment, as while directories change places. */
export function isSourceRace(reason: string): boolean {
  return /vanished|\[sender\].*(No such file|Not a directory)|link_stat .*(No such file|Not a directory)/.test(
    reason,
  );
}

/** True if a run that ended well by its exit code may have left files behind: old versions only print that. */
export function isDoubtful(result: RsyncResult): boolean {
  return result.code !== 0 || complaint.test(result.stderr);
}

/** Bytes of content that travelled, from `--stats`. */
export function literalBytes(stdout: string): number {
  const match = /^Literal data: ([\d,]+) bytes/m.exec(stdout);
  return match === null ? 0 : Number(match[1]!.replaceAll(",", ""));
}

/** A line of a run with `-ii --out-format=%i %n`. */
export interface Itemized {
  /** Eleven characters: what is done, the kind of entry, and what differs. */
  readonly code: string;
  /** The kind of entry as rsync writes it; of one that is removed only `d` or `f`. */
  readonly kind: string;
  readonly path: Path;
}

/** What a run with `-ii --out-format=%i %n` lists. */
export function* itemized(stdout: string): Generator<Itemized> {
  for (const line of stdout.split("\n")) {
    const match = /^([<>ch.][fdLDS][ +.?a-zA-Z]{9}|\*deleting {2}) (.*)$/s.exec(line);
    if (match === null) continue;
    const [, code, name] = match as unknown as [string, string, string];
    const kind = code.startsWith("*") ? (name.endsWith("/") ? "d" : "f") : code[1]!;
    yield { code, kind, path: readable(name).replace(/\/$/, "") };
  }
}

/** The paths that a check run lists as equal on both sides. */
export function pathsEqual(stdout: string): Set<Path> {
  const found = new Set<Path>();
  // A difference would show in one of the nine columns. "hf": as a link.
  for (const { code, path } of itemized(stdout)) if (/^[.h]. {9}$/.test(code)) found.add(path);
  return found;
}

/** The directories that a run did not remove because there is something in them. */
export function pathsNotEmpty(stdout: string): Set<Path> {
  const found = new Set<Path>();
  for (const line of stdout.split("\n")) {
    const name = /^cannot delete non-empty directory: (.*)$/s.exec(line)?.[1];
    if (name !== undefined) found.add(readable(name));
  }
  return found;
}

/** Why `path` failed, as far as rsync's messages tell; `""` if they do not name it. */
export function reasonFor(path: Path, stderr: string): string {
  for (const line of stderr.split("\n")) {
    const occupied = /could not make way for [^:]*: (.*)$/.exec(line)?.[1];
    if (occupied !== undefined && readable(occupied) === path)
      return "a directory that is not empty is in its place";
    const quoted = /"(.*)"/.exec(line)?.[1] ?? /: (?:unlink|rmdir)\((.*)\) failed: /.exec(line)?.[1];
    if (quoted === undefined) continue;
    const named = readable(quoted);
    // Temporary names are `.NAME.XXXXXX` in the same directory.
    const plain = named.replace(/(^|\/)\.([^/]+)\.[A-Za-z0-9]{6}$/, "$1$2");
    if ([named, plain].some((one) => one === path || one.endsWith(`/${path}`))) {
      return line.replace(/^rsync(: |error: )?(\[\w+\] )?/, "").trim();
    }
  }
  return "";
}

/** The last message that says more than that there were errors. */
export function lastMessage(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const telling = lines.filter(
    (line) => line !== "" && !/^rsync error: some files|^rsync: .*exiting|falling back on umask/.test(line),
  );
  return (
    telling.find((line) => /rrsync error: /.test(line)) ??
    telling.find((line) => /failed|denied|error|cannot|not found/i.test(line)) ??
    telling.at(-1) ??
    ""
  ).slice(0, 300);
}

/** rsync shows unprintable bytes, and a backslash that would look like this, as `\#ooo`. */
export function readable(text: string): string {
  return text.replaceAll(/\\#([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
