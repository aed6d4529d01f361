/** What the control socket steers. */
import { closest } from "../core/closest.ts";
import { Fault } from "../core/fault.ts";
import type { Mirror } from "../engine/mirror.ts";
import type { ProgramStatus } from "../engine/status.ts";
import type { RecentChanges } from "./recent-changes.ts";

/** A running program. */
export interface Controlled {
  readonly mirrors: readonly Mirror[];
  readonly recent: RecentChanges;
  status(): ProgramStatus;
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
