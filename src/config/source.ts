/** Reads a source as it is written on the command line, and what it means for where a mirror goes to. */
import { Fault } from "../core/fault.ts";
import type { PlaceDestination, WrittenDestination } from "./destination.ts";

/** A source as it is written. */
export interface WrittenSource {
  /** The directory to mirror. */
  readonly path: string;
  /** What comes after a virtual root (`/./`): to be repeated below the destination; `""` without one. */
  readonly below: string;
  /** True if it has a virtual root. */
  readonly isVirtual: boolean;
}

/** Reads a source: in `/a/./b/c` all up to the first `/./` is its virtual root, and `b/c` is kept on the target. */
export function parseSource(text: string): WrittenSource | Fault {
  const marker = text.indexOf("/./");
  if (marker < 0) return { path: text, below: "", isVirtual: false };
  const parts = text
    .slice(marker + 3)
    .split("/")
    .filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) {
    const hint = "what comes after /./ is repeated below DEST; write it without ..";
    return new Fault("usage", `the source "${text}" has ".." after its /./`, hint);
  }
  const below = parts.join("/");
  return { path: joined(text.slice(0, marker) || "/", below), below, isVirtual: true };
}

/**
 * Where `source` goes to. `absolute` is the source's absolute path, as the user sees it (links not resolved): a
 * destination without a path means the same one; with a virtual root, what comes after it, below the home directory.
 */
export function destinationFor(
  written: WrittenDestination,
  source: WrittenSource,
  absolute: string,
): PlaceDestination {
  if (written.path === null) return { ...written, path: source.isVirtual ? source.below : absolute };
  return { ...written, path: joined(written.path, source.below) } as PlaceDestination;
}

function joined(path: string, below: string): string {
  if (below === "" || path === "") return path === "" ? below : path;
  return path.endsWith("/") ? `${path}${below}` : `${path}/${below}`;
}
