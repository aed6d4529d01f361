/** What must be true of every simulation. */
import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import type { Held } from "../../src/core/held.ts";
import { join, type Path, root } from "../../src/core/path.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { bytesOf, diffTrees } from "../helpers/trees.ts";

/** The file on the target that tsync did not put there. */
export const theirs = "theirs of the target";

/** The file beside the target. */
export const neighbour = "neighbour";

/** What the ledger says of the target, without doubt, and is not so. */
export function falseClaims(ledger: Ledger, target: Path): string[] {
  const wrong: string[] = [];
  const check = (directory: Path) => {
    for (const [name, held] of ledger.children(directory)) {
      const path = join(directory, name);
      const reason = held.doubt === "none" ? falseClaim(held, `${target}/${path}`) : null;
      if (reason !== null) wrong.push(`${path}: ${reason}`);
      if (held.kind === "directory") check(path);
    }
  };
  check(root);
  return wrong;
}

function falseClaim(held: Held, path: string): string | null {
  const stat = lstatSync(bytesOf(path), { throwIfNoEntry: false });
  if (stat === undefined) return "it is not there";
  const kind = stat.isDirectory() ? "directory" : stat.isSymbolicLink() ? "symlink" : "file";
  if (kind !== held.kind) return `it is a ${kind}, not a ${held.kind}`;
  if (kind === "symlink") {
    const link = readlinkSync(bytesOf(path), { encoding: "buffer" }).toString("latin1");
    return link === held.link ? null : `it points to ${link}, not to ${held.link}`;
  }
  const mode = stat.mode & 0o7777;
  if (kind === "file" && mode !== held.mode)
    return `its mode is ${mode.toString(8)}, not ${held.mode.toString(8)}`;
  if (kind === "file" && stat.size !== held.size) return `it has ${stat.size} bytes, not ${held.size}`;
  if (kind === "file" && stat.mtimeMs !== held.mtimeMs)
    return `it is of ${stat.mtimeMs}, not of ${held.mtimeMs}`;
  return null;
}

/** What of the target is not as it must be in the end. */
export function finalDifferences(source: Path, target: Path): string[] {
  const wrong = diffTrees(source, target, { mtimeOfDirectories: false }).filter(
    (line) => !line.startsWith(`${theirs}: only in the second`),
  );
  return [...wrong, ...untouched(target)];
}

/** What tsync must never touch, and did. */
export function untouched(target: Path): string[] {
  const wrong: string[] = [];
  if (!existsSync(bytesOf(`${target}/${theirs}`))) wrong.push("what tsync did not put on the target is gone");
  if (readFileSync(bytesOf(`${target}/../${neighbour}`), "utf8") !== neighbour)
    wrong.push("a neighbour was changed");
  return wrong;
}
