/** Looks at a target through rsync, which works wherever anything can be sent: no run here changes anything. */
import type { Compared, Listed, Trait } from "../core/drift.ts";
import type { Kind } from "../core/entry.ts";
import { Fault, isFault } from "../core/fault.ts";
import { type Path, root, toText } from "../core/path.ts";
import { type Depth, inspectFlags, lookList } from "./rsync-flags.ts";
import { isDoubtful, itemized, readable, reasonFor, rsyncFault } from "./rsync-output.ts";
import type { RsyncPlace } from "./rsync-place.ts";
import { isWriteOnly } from "./rsync-refusal.ts";
import type { RsyncRunner } from "./rsync-run.ts";
import { withScaffold } from "./scaffold.ts";
import type { Inspection } from "./target.ts";

/** How many bytes of a listing are taken at most. */
const listingMax = 256 * 1024 * 1024;

/** How much of rsync's complaints is searched for the reasons of single paths. */
export const saidMax = 64 * 1024;

/** See `Target.inspect`. */
export async function inspect(
  runner: RsyncRunner,
  place: RsyncPlace,
  paths: readonly Path[],
  depth: Depth,
): Promise<Inspection | Fault> {
  const result = await withScaffold([], (base) =>
    runner.run({
      flags: inspectFlags(depth),
      place,
      base,
      input: lookList(paths, depth),
      pullTo: toText(base),
      outputMax: listingMax,
    }),
  );
  if (isFault(result)) return result;
  if (isWriteOnly(result.stderr))
    return new Fault("target", "the server lets nobody list what is there", "nothing can be compared there");
  if (/change_dir ".*" (\(in .*\) )?failed: No such file|rrsync error: .*No such file/.test(result.stderr))
    return new Fault("target", "the target directory is gone", "", true);
  const fault = rsyncFault(result);
  if (fault !== null) return fault;
  if (result.stdout.length >= listingMax)
    return new Fault("target", "there is too much to be listed at once");
  const failed = new Map<Path, string>();
  for (const path of isDoubtful(result) ? paths : []) {
    const reason = reasonFor(path, result.stderr.slice(0, saidMax));
    if (reason !== "") failed.set(path, reason);
  }
  return { listed: listedIn(result.stdout), failed };
}

const kinds: Record<string, Kind> = { f: "file", d: "directory", L: "symlink", D: "special", S: "special" };

/** Reads a listing with `--out-format=%i %B %l %n`. */
export function listedIn(stdout: string): Map<Path, Listed> {
  const found = new Map<Path, Listed>();
  for (const line of stdout.split("\n")) {
    const match = /^[<>ch.]([fdLDS])\S{9} ([-rwxsStT]{9})\S* (\d+) (.*)$/s.exec(
      line.replace(/^(.{2}) {9}/, "$1+++++++++"),
    );
    if (match === null) continue;
    const [, letter, bits, size, name] = match as unknown as [string, string, string, string, string];
    const path = name === "./" ? root : readable(name).replace(/\/$/, "");
    found.set(path, { kind: kinds[letter]!, mode: modeOf(bits), size: Number(size) });
  }
  return found;
}

/** `rwsr-xr-T` as a number. */
function modeOf(bits: string): number {
  let mode = 0;
  for (const [at, letter] of [...bits].entries()) {
    if (/[rwxst]/.test(letter)) mode |= 0o400 >> at;
    // Set-user-id, set-group-id and sticky stand where the right to execute does.
    if (/[sStT]/.test(letter)) mode |= 0o4000 >> ((at - 2) / 3);
  }
  return mode;
}

/** What a check run says of each path; equal ones included. */
export function comparedIn(stdout: string): Map<Path, Compared> {
  const found = new Map<Path, Compared>();
  for (const { code, kind, path } of itemized(stdout)) {
    if (!code.startsWith("*")) found.set(path, code.endsWith("+") ? "new" : traitsOf(code, kind));
  }
  return found;
}

/** By their letter, in the order of rsync's columns. */
const traits: Readonly<Record<string, Trait>> = {
  s: "size",
  t: "mtime",
  p: "mode",
  o: "owner",
  g: "group",
  u: "atime",
  n: "crtime",
  b: "atime",
  a: "acl",
  x: "xattr",
};

const nothing: readonly Trait[] = [];

/** What the columns behind the kind of an entry say. (`T`: the time is not mirrored, and will be another one.) */
function traitsOf(code: string, kind: string): readonly Trait[] {
  const columns = code.slice(2);
  if (/^[ .T]*$/.test(columns)) return /^[<>]/.test(code) ? ["content"] : nothing;
  const changed: Trait = kind === "f" ? "content" : kind === "L" ? "link" : "device";
  return [...columns].flatMap((letter) => (letter === "c" ? [changed] : (traits[letter] ?? [])));
}
