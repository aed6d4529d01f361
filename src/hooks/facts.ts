/** What a hook is told: as JSON on its standard input, and the short part of it in its environment. */
import { type Path, root, toBytes, toText } from "../core/path.ts";
import { addCounts, type BatchCounts, type Done, noCounts, type Report } from "../engine/report.ts";

/** The hooks by the names of their options. */
export type HookName = "on-change" | "on-synced" | "on-synced-remote" | "on-error" | "on-halt" | "on-recover";

/** What all of them are told. */
interface Common {
  /** Of the form of all this. */
  readonly version: 1;
  /** When the last of it happened, as an ISO date. */
  readonly time: string;
  /** The mirror's name in the configuration file; null for that of the command line. */
  readonly mirror: string | null;
  /** The source's directory. */
  readonly source: string;
  /** The target's name as the user wrote it. */
  readonly target: string;
}

/** A path below the mirror's root. */
interface PathFact {
  /** The root is `.`. */
  readonly path: string;
  /** Its bytes in base64, if they are no text: then `path` is only like it. */
  readonly pathBytes?: string;
}

/** One operation that was carried out. */
interface ChangeFact extends PathFact {
  readonly do: Done["do"];
  /** Where a moved entry was before. */
  readonly from?: string;
  readonly fromBytes?: string;
}

/** What was done on the target, in one or more batches. */
export interface WorkFacts extends Readonly<BatchCounts> {
  readonly batches: number;
  /** In order; at most `changesMax` of them. */
  readonly changes: readonly ChangeFact[];
}

/** What fails. */
export interface ErrorFact extends Partial<PathFact> {
  /** The target as a whole, or one path on it. */
  readonly what: "target" | "path";
  readonly reason: string;
  readonly hint: string;
  /** How soon it is tried again; null if it is not. */
  readonly retryMs: number | null;
}

/** What works again. */
export interface RecoveryFact extends Partial<PathFact> {
  readonly what: "target" | "path" | "source";
}

/** See above. Lists are cut at `listMax`; counts tell how long they were. */
export type Facts = Common &
  (
    | ({ readonly event: "change" } & WorkFacts)
    /** What was done since the target last held all. */
    | ({ readonly event: "synced"; readonly entries: number; readonly failing: number } & WorkFacts)
    | {
        readonly event: "error";
        /** Of the last of them. */
        readonly reason: string;
        readonly hint: string;
        readonly count: number;
        readonly errors: readonly ErrorFact[];
      }
    | { readonly event: "halt"; readonly reason: string; readonly hint: string }
    | { readonly event: "recover"; readonly count: number; readonly recovered: readonly RecoveryFact[] }
  );

/** How many changes are listed, and how many errors and recoveries. */
const changesMax = 1_000;
const listMax = 100;

/** Nothing was done. */
export const noWork: WorkFacts = { ...noCounts, batches: 0, changes: [] };

/** What one batch did. */
export function workOf(batch: Extract<Report, { event: "batch" }>): WorkFacts {
  const { moved, removed, directories, modes, sent, contentBytes, transfers, done } = batch;
  const changes = done.slice(0, changesMax).map(changeFact);
  return { batches: 1, moved, removed, directories, modes, sent, contentBytes, transfers, changes };
}

/** What was done in both. */
export function addWork(one: WorkFacts, other: WorkFacts): WorkFacts {
  return {
    batches: one.batches + other.batches,
    ...addCounts(one, other),
    changes: append(one.changes, other.changes, changesMax),
  };
}

/** Both in one, for one run of a hook; `newer` happened after `older`, and is of the same event. */
export function joinFacts(older: Facts, newer: Facts): Facts {
  if ("batches" in newer && "batches" in older) return { ...newer, ...addWork(older, newer) };
  if (newer.event === "error" && older.event === "error") {
    const errors = append(older.errors, newer.errors, listMax);
    return { ...newer, count: older.count + newer.count, errors };
  }
  if (newer.event === "recover" && older.event === "recover") {
    const recovered = append(older.recovered, newer.recovered, listMax);
    return { ...newer, count: older.count + newer.count, recovered };
  }
  return newer;
}

function append<Item>(list: readonly Item[], more: readonly Item[], max: number): readonly Item[] {
  return list.length >= max ? list : [...list, ...more].slice(0, max);
}

/** `path` as hooks are told of it. */
export function pathFact(path: Path): PathFact {
  const text = path === root ? "." : toText(path);
  const bytes = bytesUnlessText(path);
  return bytes === null ? { path: text } : { path: text, pathBytes: bytes };
}

/** An operation as hooks are told of it. */
function changeFact({ do: what, path, from }: Done): ChangeFact {
  if (from === undefined) return { do: what, ...pathFact(path) };
  const bytes = bytesUnlessText(from);
  return { do: what, ...pathFact(path), from: toText(from), ...(bytes === null ? {} : { fromBytes: bytes }) };
}

/** Base64 of what is not valid UTF-8. */
function bytesUnlessText(path: Path): string | null {
  const bytes = toBytes(path);
  return Buffer.from(toText(path), "utf8").equals(bytes) ? null : bytes.toString("base64");
}

/** How much of one value is in the environment. */
const valueMax = 4_096;

/** The variables for a hook: what of `facts` is no list. `contentBytes` is in `TSYNC_CONTENT_BYTES`. */
export function environmentOf(facts: Facts): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [key, value] of Object.entries(facts)) {
    if (value === null || typeof value === "object" || key === "version") continue;
    const name = `TSYNC_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
    variables[name] = String(value).replaceAll("\0", "").slice(0, valueMax);
  }
  return variables;
}
