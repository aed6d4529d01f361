/** What the control socket steers. */
import { closest } from "../core/closest.ts";
import { Fault } from "../core/fault.ts";
import type { Path } from "../core/path.ts";
import type { Mirror } from "../engine/mirror.ts";
import type { ProgramStatus } from "../engine/status.ts";
import type { RecentChanges } from "./recent-changes.ts";

/** A host as it was asked for on a command line. */
export interface HostWanted {
  readonly host: string;
  readonly user?: string;
  /** The port and the configuration file that the line names. */
  readonly port?: number;
  readonly configFile?: string;
}

/** A running program. */
export interface Controlled {
  readonly mirrors: readonly Mirror[];
  readonly recent: RecentChanges;
  status(): ProgramStatus;
  /** Directories on `host` that begin with `path`, over a connection that is open; empty if there is none. */
  directories(host: HostWanted, path: Path): Promise<readonly Path[]>;
  /** Reads the configuration again, and takes it over if it is right. */
  reload(): Promise<Fault | null>;
  /** Ends the program at the next safe point. */
  stop(): void;
}

/** The mirrors that are called `names`; all if there are no names. */
export function mirrorsCalled(
  names: readonly string[],
  { mirrors }: Pick<Controlled, "mirrors">,
): readonly Mirror[] | Fault {
  if (names.length === 0) return mirrors;
  const known = mirrors.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  return unknown === undefined
    ? mirrors.filter(({ name }) => names.includes(name))
    : unknownMirror(unknown, known);
}

/** No mirror is called `name`; `known` are those that there are. */
export function unknownMirror(name: string, known: readonly string[]): Fault {
  const meant = closest(name, known);
  const hint = meant === null ? `there are: ${known.join(", ")}` : `did you mean ${meant}?`;
  return new Fault("usage", `no running mirror is called ${name}`, hint);
}
