/** Checks the places of all mirrors against each other. */
import { posix } from "node:path";
import type { Destination } from "../config/destination.ts";
import { Fault } from "../core/fault.ts";

/** A target with what it is the target of. */
export interface Placed {
  /** The mirror's name; null for the one that has none. */
  readonly mirror: string | null;
  /** Real path of the mirror's source. */
  readonly source: string;
  /** A local one has its real path. */
  readonly destination: Destination;
  /** The port of the ssh server, if one is said. */
  readonly port: number | null;
}

/**
 * Two targets one of which holds the other, or mirrors that feed each other in a circle. What only the other side
 * could tell (two names of one host, links there) is not found.
 */
export function findClash(placed: readonly Placed[]): Fault | null {
  const spots = placed.map((one) => ({ ...one, ...spotOf(one) }));
  for (const [at, one] of spots.entries()) {
    for (const other of spots.slice(0, at)) {
      if (one.machine !== other.machine || !overlap(one.path, other.path)) continue;
      const text = one.destination.name;
      const isSame = one.path === other.path;
      if (one.destination.kind === "exec" && isSame) {
        const hint = 'give each a name of its own: name = "…"';
        return new Fault("usage", `two commands for the source ${one.source} are called ${text}`, hint);
      }
      if (one.mirror === other.mirror && isSame)
        return new Fault("usage", `the destination ${text} is given twice`);
      return new Fault(
        "usage",
        `${describe(other)} and ${describe(one)} ${isSame ? "are the same" : "overlap"}`,
        "each would remove what the other put there; give each a directory of its own",
      );
    }
  }
  return findCircle(placed);
}

/** A directory, and what tells the machine (or the part of it) on which such paths can be compared. */
interface Spot {
  readonly machine: string;
  readonly path: string;
}

function spotOf({ source, destination, port }: Placed): Spot {
  switch (destination.kind) {
    case "local":
      return { machine: "local", path: destination.path };
    case "ssh": {
      const host = `ssh ${destination.host.toLowerCase()}:${destination.port ?? port ?? ""}`;
      const home = /^~([^/]*)(?:\/|$)/.exec(destination.path);
      const path = destination.path.slice(home?.[0].length ?? 0);
      if (path.startsWith("/")) return { machine: host, path: withoutSlash(posix.normalize(path)) };
      // Below a home directory: whose it is depends on who logs in.
      const user = home?.[1] || (destination.user ?? "");
      return { machine: `${host} home of ${user}`, path: withoutSlash(posix.join("/home", path)) };
    }
    case "exec":
      // What it does with several sources is its own affair, but one source can be told apart by nothing.
      return { machine: `exec ${destination.name} from ${source}`, path: "/" };
    case "daemon": {
      const host = `${destination.host.toLowerCase()}:${destination.port ?? ""}`;
      const path = withoutSlash(posix.join("/", destination.path));
      return { machine: `rsync ${host} ${destination.module}`, path };
    }
  }
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** True if `path` is below `directory`. */
export function isInside(path: string, directory: string): boolean {
  return path.startsWith(directory === "/" ? "/" : `${directory}/`);
}

function overlap(one: string, other: string): boolean {
  return one === other || isInside(one, other) || isInside(other, one);
}

/** What one mirror writes another may read (a chain), but not in a circle. */
function findCircle(placed: readonly Placed[]): Fault | null {
  const feeds = (from: Placed) =>
    placed.filter(
      ({ source }) => from.destination.kind === "local" && overlap(from.destination.path, source),
    );
  const done = new Set<Placed>();
  const visit = (one: Placed, way: readonly Placed[]): readonly Placed[] | null => {
    const start = way.findIndex(({ source }) => source === one.source);
    if (start >= 0) return way.slice(start);
    if (done.has(one)) return null;
    for (const next of feeds(one)) {
      const circle = visit(next, [...way, one]);
      if (circle !== null) return circle;
    }
    done.add(one);
    return null;
  };
  for (const one of placed) {
    const circle = visit(one, []);
    if (circle === null) continue;
    return new Fault(
      "usage",
      `the mirrors go in a circle: ${circle.map(describe).join(", ")}`,
      "each would bring back what the others remove",
    );
  }
  return null;
}

function describe({ mirror, source, destination }: Placed): string {
  const of = mirror === null ? "" : ` of mirror "${mirror}"`;
  return `the target ${destination.name}${of} (from ${source})`;
}
