/** inosync: a configuration in Python, of the original and of its forks. */
import { Fault } from "../core/fault.ts";
import { MirrorDraft } from "./draft.ts";
import { type Imported, type ImportedMirror, Notes } from "./imported.ts";
import { applyEventMask } from "./inosync-events.ts";
import { type PythonValue, Unread } from "./python-expression.ts";
import { type PythonVariable, readPythonVariables } from "./python-file.ts";
import { applyRsyncArguments } from "./rsync-arguments.ts";
import { readTargetText } from "./target-text.ts";
import { splitWords } from "./words.ts";

type Variables = ReadonlyMap<string, PythonVariable>;

/** The variables that inosync reads. */
const known = new Set(
  "wpath wpaths rpath rpaths rnodes rexcludes extra logfile rspeed emask edelay rsync rbinary sleep_time inotify_excludes".split(
    " ",
  ),
);

/** A watched path, where it goes on each node, and what is left out. */
interface Pair {
  readonly source: string;
  /** Null if the nodes name the path themselves. */
  readonly remotePath: string | null;
  readonly excludes: readonly string[];
}

/** Reads an inosync configuration. */
export function importInosync(text: string): Imported | Fault {
  const notes = new Notes();
  const variables = readPythonVariables(text, notes);
  for (const [name, { value, line, used }] of variables) {
    if (value instanceof Unread && known.has(name))
      notes.warn(`${name}: is ${value.what}, and was left out`, line);
    else if (!known.has(name) && !used)
      notes.warn(`${name}: is nothing that inosync reads, and was left out`, line);
  }
  const nodes = texts(variables, "rnodes");
  const isFork = isSingle(variables, nodes);
  const mirrors = pairs(variables, notes, nodes)
    .map((pair) => mirrorOf(pair, nodes, variables, isFork))
    .filter((mirror): mirror is ImportedMirror => mirror !== null);
  if (mirrors.length === 0) {
    const missing = nodes.length === 0 ? "rnodes" : "wpaths or wpath";
    return new Fault(
      "usage",
      `there is nothing to mirror in it: ${missing} is missing or was not understood`,
    );
  }
  notes.note(
    'edelay: inosync reads events every 10 seconds unless it is told otherwise; tsync sends what is quiet at once, or after a wait with delay = "10s"',
  );
  return { kind: "inosync", defaults: new Map(), mirrors, notes: notes.list };
}

/** True for the fork with one `wpath` and one `rpath`; in older originals `rpath` only helps to write the nodes. */
function isSingle(variables: Variables, nodes: readonly string[]): boolean {
  const rpath = variables.get("rpath")?.value;
  return variables.has("wpath") && typeof rpath === "string" && !nodes.some((node) => node.endsWith(rpath));
}

function pairs(variables: Variables, notes: Notes, nodes: readonly string[]): Pair[] {
  const excludes = (at: number, source: string) => excludesOf(variables, at, source);
  const single = variables.get("wpath")?.value;
  if (typeof single === "string") {
    const rpath = isSingle(variables, nodes) ? (variables.get("rpath")!.value as string) : null;
    return [{ source: single, remotePath: rpath, excludes: excludes(0, single) }];
  }
  const remote = variables.get("rpaths");
  const sources = texts(variables, "wpaths");
  const line = remote?.line ?? variables.get("wpaths")?.line;
  return sources.flatMap((source, at) => {
    const value = remote?.value instanceof Map ? remote.value.get(source) : texts(variables, "rpaths")[at];
    if (remote === undefined || typeof value === "string")
      return [
        { source, remotePath: typeof value === "string" ? value : null, excludes: excludes(at, source) },
      ];
    notes.warn(`rpaths: has no path for ${source}, which was left out`, line);
    return [];
  });
}

/** One list for all paths, one for each, or (as a dictionary) by path. */
function excludesOf(variables: Variables, at: number, source: string): string[] {
  const value = variables.get("rexcludes")?.value;
  if (value instanceof Map) return textsIn(value.get(source));
  if (Array.isArray(value) && value.some(Array.isArray))
    return textsIn((value as readonly PythonValue[])[at]);
  return textsIn(value);
}

function mirrorOf(
  pair: Pair,
  nodes: readonly string[],
  variables: Variables,
  isFork: boolean,
): ImportedMirror | null {
  const draft = new MirrorDraft();
  applyRsyncArguments(draft, ["-ltrp", "--delete"]);
  if (isFork) {
    draft.options.set("initial-sync", false);
    draft.set("delete", "live");
  }
  for (const [name, { value, line }] of variables) applyVariable(draft, name, value, line);
  for (const pattern of pair.excludes) draft.rule("-", pattern);
  const below = isFork || pair.source.endsWith("/") ? "" : pair.source.split("/").at(-1)!;
  if (below !== "")
    draft.notes.note(
      `${pair.source}: has no slash at its end, so that rsync put the directory ${below} itself into the target`,
      variables.get("wpaths")?.line ?? variables.get("wpath")?.line,
    );
  for (const node of nodes) {
    const target = readTargetText(pathBelow(`${node}${pair.remotePath ?? ""}`, below));
    if ("problem" in target) draft.notes.warn(`rnodes: ${target.problem}`, variables.get("rnodes")?.line);
    else draft.target(target);
  }
  return draft.finish(pair.source);
}

function pathBelow(place: string, name: string): string {
  if (name === "") return place;
  return /[:/]$/.test(place) ? `${place}${name}` : `${place}/${name}`;
}

function applyVariable(draft: MirrorDraft, name: string, value: PythonValue, line: number): void {
  if (value instanceof Unread || value === null) return;
  const { notes } = draft;
  switch (name) {
    case "extra": {
      const split = typeof value === "string" ? splitWords(value) : null;
      if (split !== null) applyRsyncArguments(draft, split.words, line);
      return;
    }
    case "rspeed":
      applyRsyncArguments(draft, [`--bwlimit=${String(value)}`], line);
      return;
    case "edelay":
    case "sleep_time":
      if (typeof value === "number" && value >= 0) draft.options.set("delay", `${value}s`);
      return;
    case "emask":
      applyEventMask(draft, textsIn(value), line);
      return;
    case "rsync":
    case "rbinary":
      if (value !== "/usr/bin/rsync") draft.set("rsync", String(value));
      return;
    case "logfile":
      applyRsyncArguments(draft, [`--log-file=${String(value)}`], line);
      return;
    case "inotify_excludes":
      notes.warn(
        "inotify_excludes: were sent, but not watched; tsync watches what it sends: see exclude",
        line,
      );
  }
}

function texts(variables: Variables, name: string): string[] {
  return textsIn(variables.get(name)?.value);
}

function textsIn(value: PythonValue | undefined): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
