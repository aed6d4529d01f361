/** Checks the places that are mirrored: what is wrong with them is said before anything is touched. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { type Destination, parseDestination } from "../config/destination.ts";
import { destinationFor, parseSource, type WrittenSource } from "../config/source.ts";
import { Fault, Faults, isFault } from "../core/fault.ts";
import { fromText, root } from "../core/path.ts";
import { Source } from "../watch/source.ts";
import { findClash, isInside, type Placed } from "./check-overlaps.ts";
import type { MirrorSpec, TargetSpec } from "./mirror-spec.ts";

/** Where a mirror's source and targets are; `destinations` are in the order of the specification's targets. */
export interface Places {
  readonly source: string;
  readonly destinations: readonly Destination[];
}

/** The places of each of `specs`, or what is wrong with them, alone and with each other. Nothing is touched. */
export function checkPlaces(specs: readonly MirrorSpec[]): readonly Places[] | Faults {
  const faults: Fault[] = [];
  const places: Places[] = [];
  for (const spec of specs) {
    const found = placesOf(spec);
    if (!isFault(found)) places.push(found);
    // With several mirrors, a message must say which one it means.
    else faults.push(specs.length > 1 ? named(found, spec) : found);
  }
  if (faults.length > 0) return new Faults(faults);
  const clash = findClash(specs.flatMap((spec, at) => placedOf(spec, places[at]!)));
  return clash === null ? places : new Faults([clash]);
}

/** The places of one mirror. */
function placesOf(spec: MirrorSpec): Places | Fault {
  const written = parseSource(spec.source);
  if (isFault(written)) return written;
  const source = checkSource(written.path);
  if (isFault(source)) return source;
  const destinations = checkDestinations(spec.targets, written, source);
  return isFault(destinations) ? destinations : { source, destinations };
}

function named(fault: Fault, { name }: MirrorSpec): Fault {
  return new Fault(fault.code, `mirror "${name}": ${fault.message}`, fault.hint, fault.retry);
}

function placedOf(spec: MirrorSpec, { source, destinations }: Places): Placed[] {
  return destinations.map((destination, at) => ({
    mirror: spec.name,
    source,
    destination,
    port: spec.targets[at]!.resolved.settings.port ?? null,
  }));
}

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

/** The destinations of `targets`, for the source at `sourcePath`. */
export function checkDestinations(
  targets: readonly Pick<TargetSpec, "to">[],
  source: WrittenSource,
  sourcePath: string,
): Destination[] | Fault {
  const found: Destination[] = [];
  for (const { to: text } of targets) {
    if (typeof text !== "string") {
      found.push(text);
      continue;
    }
    const written = parseDestination(text);
    if (isFault(written)) return written;
    const parsed = destinationFor(written, source, resolve(source.path));
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
    found.push(destination);
  }
  return found;
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
