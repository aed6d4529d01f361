/**
 * Carries out steps with nothing but rsync: directories are made by sending empty ones, removals are runs that find
 * nothing to send and remove that. Every step may be repeated.
 */
import { lstatSync } from "node:fs";
import { type Fault, isFault } from "../core/fault.ts";
import { isBuiltOn, type Outcome, pathOf, type Step, wasDone } from "../core/operation.ts";
import { type Path, toFs } from "../core/path.ts";
import { directoryFlags, fileList, fileModeFlags, removeFlags } from "./rsync-flags.ts";
import {
  isDoubtful,
  itemized,
  lastMessage,
  pathsEqual,
  pathsNotEmpty,
  type RsyncResult,
  reasonFor,
  rsyncFault,
} from "./rsync-output.ts";
import type { RsyncPlace } from "./rsync-place.ts";
import { isRefusedOption } from "./rsync-refusal.ts";
import type { RsyncRunner } from "./rsync-run.ts";
import { type Planned, withScaffold } from "./scaffold.ts";
import { stages } from "./stages.ts";

/** How many paths, and about how many bytes of them, go into one run. */
const groupMax = 10_000;
const groupBytesMax = 1024 * 1024;

/** Takes the outcome of the step at a position. */
export type Report = (index: number, outcome: Outcome) => void;

/** See above. */
export class RsyncSteps {
  constructor(
    private readonly runner: RsyncRunner,
    private readonly place: RsyncPlace,
    /** Absolute path of the source's root, as a byte string. */
    private readonly base: string,
    /** True if something else than a directory may be replaced by a directory. */
    private readonly mayReplace: boolean,
  ) {}

  /** See `Target.run`. */
  async run(steps: readonly Step[], report: Report, replay = false): Promise<Fault | null> {
    const move = steps.findIndex((step) => step.do === "move");
    const tried = replay || move < 0 ? steps : steps.slice(0, move);
    const todo = [...tried.keys()].filter((index) => tried[index]!.do !== "move");
    const kinds = await this.#kindsOf(todo.map((index) => tried[index]!));
    if (isFault(kinds)) return kinds;
    let goesOn = true;
    const note: Report = (index, outcome) => {
      report(index, outcome);
      if (!replay && isBuiltOn(steps[index]!) && !wasDone(outcome, false)) goesOn = false;
    };
    for (const stage of stages(todo.map((index) => tried[index]!))) {
      const fault = await this.#stage(
        steps,
        stage.map((at) => todo[at]!),
        kinds,
        note,
      );
      if (fault !== null) return fault;
      if (!goesOn) return null;
    }
    for (const [index, step] of steps.entries()) {
      if (step.do === "move" && (replay || index === move)) report(index, { is: "occupied" });
    }
    return null;
  }

  /** What is at the paths whose directories are to be removed: a removing run would remove a file as well. */
  async #kindsOf(steps: readonly Step[]): Promise<Map<Path, string> | Fault> {
    const kinds = new Map<Path, string>();
    const paths = steps.filter((step) => step.do === "remove-directory").map(pathOf);
    for (const group of groups(paths, (path) => path)) {
      const result = await this.#remove(group, { check: true });
      if (isFault(result) && isRefusedOption(result)) return kinds;
      if (isFault(result)) return result;
      for (const { path, kind } of itemized(result.stdout)) kinds.set(path, kind);
    }
    return kinds;
  }

  /** Carries out the steps at `stage`, which do not depend on each other. */
  async #stage(
    steps: readonly Step[],
    stage: readonly number[],
    kinds: ReadonlyMap<Path, string>,
    report: Report,
  ): Promise<Fault | null> {
    const jobs = new Map<string, number[]>();
    for (const index of stage) {
      const step = steps[index]!;
      if (step.do === "remove-directory" && kinds.get(step.path) === "f") {
        report(index, { is: "kept" });
        continue;
      }
      const job = this.#jobOf(step);
      const indices = jobs.get(job);
      if (indices === undefined) jobs.set(job, [index]);
      else indices.push(index);
    }
    for (const [job, indices] of jobs) {
      for (const group of groups(indices, (index) => pathOf(steps[index]!))) {
        const outcomes = await this.#do(
          job,
          group.map((index) => steps[index]!),
        );
        if (isFault(outcomes)) return outcomes;
        for (const [at, index] of group.entries()) report(index, outcomes[at]!);
      }
    }
    return null;
  }

  /** What can be done in one run. */
  #jobOf(step: Step): string {
    if (step.do === "set-mode") return this.#isFile(step.path) ? `mode ${step.mode}` : "mode";
    return step.do === "remove-directory" ? "remove" : step.do;
  }

  /** True if the source has something else than a directory there. */
  #isFile(path: Path): boolean {
    try {
      return !lstatSync(toFs(`${this.base}/${path}`)).isDirectory();
    } catch {
      return false;
    }
  }

  #do(job: string, steps: readonly Step[]): Promise<Outcome[] | Fault> {
    if (job.startsWith("remove")) return this.#removeAll(steps, job === "remove-tree");
    if (job === "mode" || job === "make-directory") return this.#makeAll(steps, job === "mode");
    return this.#setModes(steps, Number(job.slice("mode ".length)));
  }

  async #removeAll(steps: readonly Step[], trees: boolean): Promise<Outcome[] | Fault> {
    const result = await this.#remove(steps.map(pathOf), { trees });
    // Everything else can be mirrored all the same.
    if (isFault(result) && isRefusedOption(result))
      return steps.map(() => ({ is: "failed", reason: result.toString() }));
    if (isFault(result)) return result;
    const removed = new Set([...itemized(result.stdout)].map(({ path }) => path));
    const rest = steps.map(pathOf).filter((path) => !removed.has(path));
    // What is listed now is still there; what is not listed either time was gone before.
    const check = rest.length === 0 ? result : await this.#remove(rest, { check: true });
    if (isFault(check)) return check;
    const full = pathsNotEmpty(check.stdout);
    const there = new Set(rest.length === 0 ? [] : [...itemized(check.stdout)].map(({ path }) => path));
    return steps.map((step): Outcome => {
      const path = pathOf(step);
      if (removed.has(path) || !(there.has(path) || full.has(path))) return { is: "done" };
      const reason = reasonFor(path, result.stderr);
      if (!full.has(path) || trees) return { is: "failed", reason: reason || lastMessage(result.stderr) };
      return { is: "kept" };
    });
  }

  /** Makes directories, or, with `only`, gives those that are there their modes. */
  async #makeAll(steps: readonly Step[], only: boolean): Promise<Outcome[] | Fault> {
    const planned = steps.map((step): Planned => {
      if (step.do === "make-directory") return { path: step.path, mode: step.entry.mode | 0o700 };
      return { path: pathOf(step), mode: step.do === "set-mode" ? step.mode : 0o700 };
    });
    const how = only ? { only: "existing" as const } : { replace: this.mayReplace };
    const result = await sendDirectories(this.runner, planned, this.place, how);
    if (isFault(result)) return result;
    const fault = rsyncFault(result);
    if (fault !== null) return fault;
    const check = isDoubtful(result)
      ? await sendDirectories(this.runner, planned, this.place, { ...how, check: true })
      : null;
    return judge(steps, result, check, only ? notThere : { is: "occupied" });
  }

  /**
   * Gives what the source has as files this mode. On the target it may still be a directory, which is to make way:
   * only what is none there is treated as a file.
   */
  async #setModes(steps: readonly Step[], mode: number): Promise<Outcome[] | Fault> {
    const outcomes = await this.#makeAll(steps, true);
    if (isFault(outcomes)) return outcomes;
    const files = steps.filter((_, at) => outcomes[at] === notThere);
    const ofFiles = files.length === 0 ? [] : await this.#setModesOfFiles(files, mode);
    if (isFault(ofFiles)) return ofFiles;
    const rest = [...ofFiles];
    return outcomes.map((outcome) => (outcome === notThere ? rest.shift()! : outcome));
  }

  async #setModesOfFiles(steps: readonly Step[], mode: number): Promise<Outcome[] | Fault> {
    const run = (check: boolean) =>
      this.runner.run({
        flags: fileModeFlags(mode, check),
        place: this.place,
        base: this.base,
        input: fileList(steps.map(pathOf)),
      });
    const result = await run(false);
    if (isFault(result)) return result;
    const fault = rsyncFault(result);
    if (fault !== null) return fault;
    return judge(steps, result, isDoubtful(result) ? await run(true) : null, notThere);
  }

  async #remove(
    paths: readonly Path[],
    how: Parameters<typeof removeFlags>[0],
  ): Promise<RsyncResult | Fault> {
    const result = await withScaffold([], (base) =>
      this.runner.run({ flags: removeFlags(how), place: this.place, base, input: fileList(paths) }),
    );
    return isFault(result) ? result : (rsyncFault(result) ?? result);
  }
}

/** Sends directories of our own to `place`; see `directoryFlags`. */
export function sendDirectories(
  runner: RsyncRunner,
  directories: readonly Planned[],
  place: RsyncPlace,
  how: Parameters<typeof directoryFlags>[0],
): Promise<RsyncResult | Fault> {
  return withScaffold(directories, (base) =>
    runner.run({
      flags: directoryFlags(how),
      place,
      base,
      input: fileList(directories.map(({ path }) => path)),
    }),
  );
}

const notThere: Outcome = {
  is: "failed",
  reason: "no such file or directory there, or something else is in its place",
};

/** What became of steps that a run lists when it does them; `check` is a look at them after one with complaints. */
function judge(
  steps: readonly Step[],
  result: RsyncResult,
  check: RsyncResult | Fault | null,
  unlisted: Outcome,
): Outcome[] | Fault {
  if (isFault(check)) return check;
  const listed = new Set([...itemized(result.stdout)].map(({ path }) => path));
  const equal = check === null ? listed : pathsEqual(check.stdout);
  return steps.map((step): Outcome => {
    const path = pathOf(step);
    if (equal.has(path)) return { is: "done" };
    const reason = reasonFor(path, result.stderr);
    if (reason === "" && !listed.has(path)) return unlisted;
    return { is: "failed", reason: reason || lastMessage(result.stderr) };
  });
}

/** Divides `items` into groups that are not too large for one run. */
function* groups<T>(items: readonly T[], pathOfItem: (item: T) => Path): Generator<T[]> {
  let group: T[] = [];
  let bytes = 0;
  for (const item of items) {
    if (group.length >= groupMax || bytes >= groupBytesMax) {
      yield group;
      [group, bytes] = [[], 0];
    }
    group.push(item);
    bytes += pathOfItem(item).length;
  }
  if (group.length > 0) yield group;
}
