/** How a target differs from what it should hold. Pure. */
import type { Entry, Kind } from "./entry.ts";
import { type Path, root } from "./path.ts";

/** What can differ of an entry that is there on both sides. `device`: which device a special file stands for. */
export type Trait =
  | "kind"
  | "content"
  | "size"
  | "mtime"
  | "mode"
  | "owner"
  | "group"
  | "link"
  | "device"
  | "acl"
  | "xattr"
  | "atime"
  | "crtime";

/** What a listing of a target tells of an entry. */
export interface Listed {
  readonly kind: Kind;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of a file. */
  readonly size: number;
}

/** What a comparison says of an entry: what differs (nothing: it is equal), or that nothing like it is there. */
export type Compared = readonly Trait[] | "new";

/** True if nothing differs. */
export function isEqual(compared: Compared | undefined): boolean {
  return compared !== undefined && compared.length === 0;
}

/** One difference. What is in a directory that is missing, or extra, is not told one by one. */
export type Finding =
  | { readonly is: "missing" | "extra"; readonly path: Path }
  | {
      readonly is: "different";
      readonly path: Path;
      readonly traits: readonly Trait[];
      readonly here: Entry;
      /** Null if it came there only when it was compared. */
      readonly there: Listed | null;
    };

/** How many of each were found. */
export interface FindingCounts {
  missing: number;
  different: number;
  extra: number;
}

/**
 * What is to be said of `path`, at which the source has `here`, and the target's listing `there`; `compared` is
 * undefined if the comparison did not name it. Null if nothing is known to be wrong.
 */
export function judge(
  path: Path,
  here: Entry | null,
  there: Listed | null,
  compared: Compared | undefined,
): Finding | null {
  if (here === null) return there === null ? null : { is: "extra", path };
  if (isEqual(compared)) return null;
  if (compared !== undefined && compared !== "new")
    return { is: "different", path, traits: compared, here, there };
  if (there === null) return { is: "missing", path };
  // A link to a directory may be listed as one, but is none. What is not named at all could not be compared.
  if (there.kind === here.kind && compared === undefined) return null;
  return { is: "different", path, traits: ["kind"], here, there };
}

/** True if what is there is not even of the same kind. */
export function isOfOtherKind(finding: Finding): boolean {
  return finding.is === "different" && finding.traits[0] === "kind";
}

/** Adds `findings` to what was found. */
export function countFindings(counts: FindingCounts, findings: Iterable<Finding>): void {
  for (const { is } of findings) counts[is]++;
}

/** True if both say the same of the same source entry. */
export function isSameFinding(a: Finding, b: Finding): boolean {
  if (a.is !== "different" || b.is !== "different") return a.is === b.is;
  const [one, other] = [a, b].map(({ traits, here, there }) => JSON.stringify([traits, here, there]));
  return one === other;
}

/** Sorts by name, each directory with all that is in it. */
export function compareInTree(a: Path, b: Path): number {
  const [one, other] = [inTree(a), inTree(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** No name holds a NUL: what is in a directory comes directly behind it. */
function inTree(path: Path): string {
  return path === root ? path : path.replaceAll("/", "\0");
}
