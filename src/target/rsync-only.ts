/**
 * A target where nothing but rsync works: a daemon, or an account whose key runs rsync and no shell. Directories
 * are made by sending empty ones, removals are runs that find nothing to send and remove that. Every step may be
 * repeated.
 */
import { lstatSync } from "node:fs";
import { Fault, isFault } from "../core/fault.ts";
import { isBuiltOn, type Outcome, pathOf, type Send, type Step, wasDone } from "../core/operation.ts";
import { display, type Path, root, toFs, toText } from "../core/path.ts";
import { compareByDepth } from "../core/seen.ts";
import { Rsync } from "./rsync.ts";
import {
  directoryFlags,
  fileList,
  fileModeFlags,
  listFlags,
  type RsyncPlace,
  removeFlags,
} from "./rsync-arguments.ts";
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
import { isRefusedOption, isWriteOnly } from "./rsync-refusal.ts";
import { RsyncRunner } from "./rsync-run.ts";
import { type Planned, withScaffold } from "./scaffold.ts";
import { stages } from "./stages.ts";
import type { SendReport, Target } from "./target.ts";

/** How many paths, and about how many bytes of them, go into one run. */
const groupMax = 10_000;
const groupBytesMax = 1024 * 1024;

/** How many bytes of a listing of the target are taken at most. */
const listingMax = 256 * 1024 * 1024;

/** What such a target is made of. */
export interface RsyncOnlyOptions {
  /** What the target is called in messages; also its identity. */
  readonly name: string;
  /** The directories that may have to be made, as a path below what is given: `a/b`. */
  readonly path: Path;
  /** The target's directory, or one above it: `""`, `a`, `a/b`. */
  readonly placeOf: (path: Path) => RsyncPlace;
  /** Absolute path of the source's root, as a byte string. */
  readonly base: string;
  /** True if something else than a directory may be replaced by a directory. */
  readonly mayReplace: boolean;
  /** True if a target that cannot be listed is of no use. */
  readonly mustList: boolean;
}

/** Takes the outcome of the step at a position. */
type Report = (index: number, outcome: Outcome) => void;

/** See `Target`. */
export class RsyncOnlyTarget implements Target {
  readonly canMove = false;
  isEmpty = false;
  readonly #runner = new RsyncRunner();
  readonly #rsync: Rsync;
  readonly #place: RsyncPlace;
  #canList = true;

  constructor(private readonly options: RsyncOnlyOptions) {
    this.#place = options.placeOf(options.path);
    this.#rsync = new Rsync(options.base, this.#place, this.#runner);
  }

  get identity(): string {
    return this.options.name;
  }

  async connect(): Promise<Fault | null> {
    const { name } = this.options;
    const fault = (await this.#prepare()) ?? (await this.#listTop());
    if (fault === null) return null;
    return new Fault(fault.code, `${name}: ${fault.message}`, fault.hint, fault.retry);
  }

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

  send(sends: readonly Send[]): Promise<SendReport | Fault> {
    return this.#rsync.send(sends);
  }

  async list(): Promise<Path[] | Fault> {
    if (!this.#canList) return [];
    const result = await this.#list(true);
    if (isFault(result)) return result;
    return [...itemized(result.stdout)]
      .map(({ path }) => path)
      .filter((path) => path !== ".")
      .sort(compareByDepth);
  }

  async close(): Promise<void> {
    this.#runner.stop();
  }

  /** Finds out whether the target's directory can be worked in; makes it, with those above it, if it is gone. */
  async #prepare(): Promise<Fault | null> {
    const { path, placeOf } = this.options;
    const first = await this.#touch();
    if (first === null || isFault(first)) return first;
    const parts = path === root ? [] : path.split("/");
    const missing = parts.map((_, at): Planned => ({ path: parts.slice(0, at + 1).join("/"), mode: 0o777 }));
    const made = await this.#sendDirectories(missing, placeOf(root), { modes: false });
    if (isFault(made)) return made;
    const second = await this.#touch();
    if (second === null || isFault(second)) return second;
    return new Fault(
      "target",
      `cannot write to the directory: ${lastMessage(made.stderr) || second.reason}`,
      "make it, or give the account there the right to",
    );
  }

  /** Goes to the target's directory and changes nothing; the reason if that is not there. */
  async #touch(): Promise<{ reason: string } | Fault | null> {
    const here: Planned = { path: root, mode: 0o700 };
    const result = await this.#sendDirectories([here], this.#place, { modes: false });
    if (isFault(result)) return result;
    if (result.code === 0 && [...itemized(result.stdout)].some(({ path }) => path === ".")) return null;
    const reason = lastMessage(result.stderr);
    const isMissing = /(No such file or directory|Not a directory)( \(\d+\))?$/m.test(result.stderr);
    return isMissing ? { reason } : (rsyncFault(result) ?? new Fault("target", `cannot use it: ${reason}`));
  }

  async #listTop(): Promise<Fault | null> {
    const result = await this.#list(false);
    if (!isFault(result)) {
      this.#canList = true;
      this.isEmpty = [...itemized(result.stdout)].every(({ path }) => path === ".");
      return null;
    }
    if (result !== writeOnly) return result;
    this.#canList = false;
    this.isEmpty = false;
    return this.options.mustList ? writeOnly : null;
  }

  async #list(deep: boolean): Promise<RsyncResult | Fault> {
    const result = await withScaffold([], (base) =>
      this.#runner.run({
        flags: listFlags(deep),
        place: this.#place,
        base,
        input: Buffer.alloc(0),
        pullTo: toText(base),
        outputMax: listingMax,
      }),
    );
    if (isFault(result)) return result;
    if (isWriteOnly(result.stderr)) return writeOnly;
    const fault = rsyncFault(result);
    if (fault !== null) return fault;
    // What cannot be read below the root is left out: nothing is known, and nothing removed, of it.
    if ([...itemized(result.stdout)].some(({ path }) => path === ".") && result.stdout.length < listingMax)
      return result;
    return new Fault("target", `cannot list the target: ${display(lastMessage(result.stderr))}`);
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
      return !lstatSync(toFs(`${this.options.base}/${path}`)).isDirectory();
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
      return step.do === "remove-directory"
        ? { is: "kept" }
        : { is: "failed", reason: "Directory not empty" };
    });
  }

  /** Makes directories, or, with `only`, gives those that are there their modes. */
  async #makeAll(steps: readonly Step[], only: boolean): Promise<Outcome[] | Fault> {
    const planned = steps.map((step): Planned => {
      if (step.do === "make-directory") return { path: step.path, mode: step.entry.mode | 0o700 };
      return { path: pathOf(step), mode: step.do === "set-mode" ? step.mode : 0o700 };
    });
    const how = only ? { only: "existing" as const } : { replace: this.options.mayReplace };
    const result = await this.#sendDirectories(planned, this.#place, how);
    if (isFault(result)) return result;
    const fault = rsyncFault(result);
    if (fault !== null) return fault;
    const check = isDoubtful(result)
      ? await this.#sendDirectories(planned, this.#place, { ...how, check: true })
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
      this.#runner.run({
        flags: fileModeFlags(mode, check),
        place: this.#place,
        base: this.options.base,
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
      this.#runner.run({ flags: removeFlags(how), place: this.#place, base, input: fileList(paths) }),
    );
    return isFault(result) ? result : (rsyncFault(result) ?? result);
  }

  #sendDirectories(
    directories: readonly Planned[],
    place: RsyncPlace,
    how: Parameters<typeof directoryFlags>[0],
  ): Promise<RsyncResult | Fault> {
    return withScaffold(directories, (base) =>
      this.#runner.run({
        flags: directoryFlags(how),
        place,
        base,
        input: fileList(directories.map(({ path }) => path)),
      }),
    );
  }
}

const writeOnly = new Fault(
  "target",
  "the server lets nobody list what is there",
  "--delete exact needs that; use --delete tracked",
);

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
