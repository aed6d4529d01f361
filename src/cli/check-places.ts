/** Checks the places that are mirrored: what is wrong with them is said before anything is touched. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { type Destination, parseDestination } from "../config/destination.ts";
import { Fault, isFault } from "../core/fault.ts";
import { fromText, root } from "../core/path.ts";
import { Source } from "../watch/source.ts";

/** The real path of the source, or what is wrong with it. */
export function checkSource(text: string): string | Fault {
  let path: string;
  try {
    path = realpathSync(text);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "ENOENT")
      return new Fault("source", `the source ${text} does not exist`, "check the path, or mount it");
    return new Fault("source", `cannot read the source ${text}: ${(error as Error).message}`);
  }
  const source = new Source(fromText(path === "/" ? "" : path));
  if (source.look(root)?.kind !== "directory") {
    return new Fault(
      "source",
      `the source ${text} is not a directory`,
      "tsync mirrors directories; give the one that holds it",
    );
  }
  const listing = source.list(root);
  if (listing === null) return new Fault("source", `the source ${text} does not exist`);
  if (!Array.isArray(listing)) return new Fault("source", `cannot list the source ${text}: ${listing.link}`);
  return path;
}

/** The destinations that `texts` name, for the source at `sourcePath`. */
export function checkDestinations(texts: readonly string[], sourcePath: string): Destination[] | Fault {
  const found: Destination[] = [];
  for (const text of texts) {
    const parsed = parseDestination(text);
    if (isFault(parsed)) return parsed;
    const destination =
      parsed.kind === "local" ? { ...parsed, path: realPathOf(resolve(parsed.path)) } : parsed;
    if (destination.kind === "local") {
      if (destination.path === sourcePath)
        return new Fault("usage", `SRC and DEST are the same directory (${text})`);
      if (isInside(destination.path, sourcePath)) {
        return new Fault(
          "usage",
          `the destination ${text} is inside the source`,
          "it would mirror itself; choose another place",
        );
      }
      if (isInside(sourcePath, destination.path)) {
        return new Fault("usage", `the source is inside the destination ${text}`, "choose another place");
      }
    }
    const same = found.find((other) => sameTarget(other, destination));
    if (same !== undefined) return new Fault("usage", `the destination ${text} is given twice`);
    found.push(destination);
  }
  return found;
}

function sameTarget(a: Destination, b: Destination): boolean {
  if (a.path !== b.path || a.kind !== b.kind) return false;
  return a.kind === "local" || b.kind === "local" || (a.host === b.host && a.user === b.user);
}

/** The real path of what exists of `path`, with the rest as it is. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const slash = path.lastIndexOf("/");
    return slash <= 0 ? path : `${realPathOf(path.slice(0, slash))}${path.slice(slash)}`;
  }
}

function isInside(path: string, directory: string): boolean {
  return path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
