/** A target where nothing but rsync works: a daemon, or an account whose key runs rsync and no shell. */
import { Fault, isFault } from "../core/fault.ts";
import type { Send, Step } from "../core/operation.ts";
import { display, type Path, root, toText } from "../core/path.ts";
import { withoutReserved } from "../core/reserved.ts";
import { compareByDepth } from "../core/seen.ts";
import { reservedBy } from "./reserved-by.ts";
import { type OnProgress, Rsync } from "./rsync.ts";
import { type Depth, listFlags } from "./rsync-flags.ts";
import { itemized, lastMessage, notThere, type RsyncResult, rsyncFault } from "./rsync-output.ts";
import type { RsyncPlace } from "./rsync-place.ts";
import { isWriteOnly } from "./rsync-refusal.ts";
import { RsyncRunner } from "./rsync-run.ts";
import { type Report, RsyncSteps, sendDirectories } from "./rsync-steps.ts";
import { type Planned, withScaffold } from "./scaffold.ts";
import type { Comparison, Inspection, SendReport, Target } from "./target.ts";
import { defaultTransfer, type TransferOptions } from "./transfer-options.ts";

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
  /** False if a directory that is not there is not to be made. */
  readonly mayMake?: boolean;
  readonly transfer?: TransferOptions;
}

/** See `Target`. */
export class RsyncOnlyTarget implements Target {
  readonly canMove = false;
  isEmpty = false;
  readonly #transfer: TransferOptions;
  readonly #runner: RsyncRunner;
  readonly #rsync: Rsync;
  readonly #steps: RsyncSteps;
  readonly #place: RsyncPlace;
  #canList = true;

  constructor(private readonly options: RsyncOnlyOptions) {
    this.#place = options.placeOf(options.path);
    this.#transfer = options.transfer ?? defaultTransfer;
    this.#runner = new RsyncRunner(this.#transfer);
    this.#rsync = new Rsync(options.base, this.#place, this.#transfer, this.#runner);
    this.#steps = new RsyncSteps(this.#runner, this.#place, options.base, options.mayReplace);
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

  /** Finds out, without changing anything, whether the place above all directories can be reached. */
  async check(): Promise<Fault | null> {
    const result = await this.#list(false, this.options.placeOf(root));
    if (!isFault(result) || result === writeOnly) return null;
    return new Fault(result.code, `${this.options.name}: ${result.message}`, result.hint, result.retry);
  }

  run(steps: readonly Step[], report: Report, replay = false): Promise<Fault | null> {
    return this.#steps.run(steps, report, replay);
  }

  send(sends: readonly Send[], share = 1, onProgress?: OnProgress): Promise<SendReport | Fault> {
    return this.#rsync.send(sends, share, onProgress);
  }

  /** Looking for them would cost a listing of everything. */
  async temporaries(): Promise<Path[]> {
    return [];
  }

  compare(sends: readonly Send[]): Promise<Comparison | Fault> {
    return this.#rsync.compare(sends);
  }

  inspect(paths: readonly Path[], depth: Depth): Promise<Inspection | Fault> {
    return this.#rsync.inspect(paths, depth);
  }

  async list(): Promise<Path[] | Fault> {
    if (!this.#canList) return [];
    const result = await this.#list(true);
    if (isFault(result)) return result;
    const found = [...itemized(result.stdout)]
      .map(({ path }) => path)
      .filter((path) => path !== ".")
      .sort(compareByDepth);
    const reserved = reservedBy(this.#transfer);
    return reserved === null ? found : withoutReserved(found, reserved);
  }

  async close(): Promise<void> {
    this.#runner.stop();
  }

  /** Finds out whether the target's directory can be worked in; makes it, with those above it, if it is gone. */
  async #prepare(): Promise<Fault | null> {
    const { path, placeOf } = this.options;
    const first = await this.#touch();
    if (first === null || isFault(first)) return first;
    if (this.options.mayMake === false) return notThere(display(path));
    const parts = path === root ? [] : path.split("/");
    const missing = parts.map((_, at): Planned => ({ path: parts.slice(0, at + 1).join("/"), mode: 0o777 }));
    const made = await sendDirectories(this.#runner, missing, placeOf(root), { modes: false });
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
    const result = await sendDirectories(this.#runner, [here], this.#place, { modes: false });
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

  async #list(deep: boolean, place = this.#place): Promise<RsyncResult | Fault> {
    const result = await withScaffold([], (base) =>
      this.#runner.run({
        flags: listFlags(deep),
        place,
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
}

const writeOnly = new Fault(
  "target",
  "the server lets nobody list what is there",
  "--delete exact needs that; use --delete tracked",
);
