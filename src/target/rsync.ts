/** Sends content and attributes through rsync, and finds out what did not arrive. */
import { type Compared, isEqual } from "../core/drift.ts";
import { type Fault, isFault } from "../core/fault.ts";
import type { Send } from "../core/operation.ts";
import type { Path } from "../core/path.ts";
import { type Depth, fileList, pathArguments, type SendRun, sendFlags } from "./rsync-flags.ts";
import { comparedIn, inspect, saidMax } from "./rsync-look.ts";
import {
  isDoubtful,
  isSourceRace,
  lastMessage,
  literalBytes,
  pathsEqual,
  type RsyncResult,
  reasonFor,
  rsyncFault,
} from "./rsync-output.ts";
import type { RsyncPlace } from "./rsync-place.ts";
import type { Sent } from "./rsync-progress.ts";
import { RsyncRunner } from "./rsync-run.ts";
import type { Comparison, Inspection, SendReport } from "./target.ts";
import { defaultTransfer, type TransferOptions } from "./transfer-options.ts";

/**
 * From so many bytes on, a transfer is large. Of any transfer up to 2 MiB are on their way at a time (the window of an
 * OpenSSH server), and what comes behind them on the same connection waits for as long as these take.
 */
const largeBytes = 1024 * 1024;

/** From so many files on, too, it is asked how far a transfer is. */
const longCount = 100;

/** Takes how far a transfer is, now and then. */
export type OnProgress = (sent: Sent) => void;

/** Sends content from one source tree to one target. */
export class Rsync {
  constructor(
    /** Absolute path of the source's root, as a byte string. */
    private readonly base: string,
    private readonly place: RsyncPlace,
    private readonly transfer: TransferOptions = defaultTransfer,
    private readonly runner = new RsyncRunner(transfer),
  ) {}

  /** Sends each of `sends`; see `Target.send`. */
  async send(sends: readonly Send[], share = 1, onProgress?: OnProgress): Promise<SendReport | Fault> {
    const failed = new Map<Path, string>();
    const missed = new Set<Path>();
    let contentBytes = 0;
    let before: Sent = { files: 0, bytes: 0 };
    for (const { group, ...how } of this.#groups(sends)) {
      const from = before;
      const progress = ({ files, bytes }: Sent) =>
        onProgress?.({ files: from.files + files, bytes: from.bytes + bytes });
      before = { files: from.files + group.length, bytes: from.bytes + bytesOf(group) };
      const result = await this.#run(group, { ...how, share }, isLong(group) ? progress : undefined);
      if (isFault(result)) return result;
      const fault = rsyncFault(result);
      if (fault !== null) return fault;
      contentBytes += literalBytes(result.stdout);
      // Some servers leave devices, FIFOs and sockets out without a word.
      if (!isDoubtful(result) && !group.some((send) => send.entry.kind === "special")) continue;
      const wrong = await this.#findFailed(group, result.stderr);
      if (isFault(wrong)) return wrong;
      for (const [path, reason] of wrong) {
        if (isSourceRace(reason)) missed.add(path);
        else failed.set(path, reason);
      }
    }
    return { failed, missed, contentBytes };
  }

  /** See `Target.compare`. */
  async compare(sends: readonly Send[]): Promise<Comparison | Fault> {
    const compared = new Map<Path, Compared>();
    const failed = new Map<Path, string>();
    // Files are named as arguments, directories in a list: see `pathArguments`.
    const directories = sends.filter(({ entry }) => entry.kind === "directory");
    const others = sends.filter(({ entry }) => entry.kind !== "directory");
    for (const group of [directories, others].filter(({ length }) => length > 0)) {
      const check = await this.#run(group, { compare: "unless-equal", check: true });
      if (isFault(check)) return check;
      const fault = rsyncFault(check);
      if (fault !== null) return fault;
      for (const [path, what] of comparedIn(check.stdout)) compared.set(path, what);
      const said = check.stderr.slice(0, saidMax);
      for (const { path } of isDoubtful(check) ? group : []) {
        const reason = isEqual(compared.get(path)) ? "" : reasonFor(path, said);
        if (reason !== "") failed.set(path, reason);
      }
    }
    return { compared, failed };
  }

  /** See `Target.inspect`. */
  inspect(paths: readonly Path[], depth: Depth): Promise<Inspection | Fault> {
    return inspect(this.runner, this.place, paths, depth);
  }

  /** Ends what is running. */
  stop(): void {
    this.runner.stop();
  }

  /** What goes into one run of rsync each. */
  #groups(sends: readonly Send[]): { group: Send[]; compare: Send["compare"]; grown: boolean }[] {
    const grows = (send: Send) => this.transfer.append !== "no" && send.grown === true;
    return [
      { compare: "changed" as const, grown: true },
      { compare: "changed" as const, grown: false },
      { compare: "unless-equal" as const, grown: false },
    ]
      .map((how) => ({
        ...how,
        group: sends.filter((send) => send.compare === how.compare && grows(send) === how.grown),
      }))
      .filter(({ group }) => group.length > 0);
  }

  /** After a run that did not end clean: what another look does not find equal, to the nanosecond. */
  async #findFailed(sends: readonly Send[], stderr: string): Promise<Map<Path, string> | Fault> {
    const check = await this.#run(sends, { compare: "unless-equal", check: true });
    if (isFault(check)) return check;
    const fault = rsyncFault(check);
    if (fault !== null) return fault;
    const equal = pathsEqual(check.stdout);
    const failed = new Map<Path, string>();
    const said = stderr + check.stderr;
    for (const { path, entry } of sends) {
      if (equal.has(path)) continue;
      const silent =
        entry.kind === "special" ? "the target takes no devices, FIFOs or sockets" : "it did not arrive";
      failed.set(path, reasonFor(path, said) || lastMessage(said) || silent);
    }
    return failed;
  }

  async #run(sends: readonly Send[], how: How, onProgress?: OnProgress): Promise<RsyncResult | Fault> {
    const paths = pathArguments(sends);
    try {
      return await this.#start(sends, { ...how, paths }, onProgress);
    } catch (error) {
      // The kernel's room for arguments is smaller than it is as a rule.
      if (paths === null || (error as { code?: string }).code !== "E2BIG") throw error;
      return await this.#start(sends, { ...how, paths: null }, onProgress);
    }
  }

  #start(sends: readonly Send[], run: SendRun, onProgress?: OnProgress): Promise<RsyncResult | Fault> {
    return this.runner.run({
      flags: sendFlags(run, this.transfer, this.place),
      place: this.place,
      base: this.base,
      paths: run.paths,
      input: run.paths === null ? fileList(sends.map((send) => send.path)) : Buffer.alloc(0),
      outlook: { again: run.compare === "changed", isLarge: bytesOf(sends) >= largeBytes },
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  }
}

/** What is to be done with the paths of one run. */
type How = Omit<SendRun, "paths">;

/** True if that may take long enough for somebody to ask how far it is. */
function isLong(sends: readonly Send[]): boolean {
  return sends.length >= longCount || bytesOf(sends) >= largeBytes;
}

/** The most that these may cost on the way. */
function bytesOf(sends: readonly Send[]): number {
  return sends.reduce((sum, { entry }) => sum + (entry.kind === "file" ? entry.size : 0), 0);
}
