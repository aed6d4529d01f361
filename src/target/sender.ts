/**
 * Sends content and attributes to an ssh target: by tsync's own sender, to receivers that wait there, or by rsync. A
 * path that was not acknowledged goes by the next slower way: unasked, asked, rsync.
 */
import { Fault, isFault } from "../core/fault.ts";
import type { Send } from "../core/operation.ts";
import type { Path } from "../core/path.ts";
import { groupName, userName } from "../system/accounts.ts";
import { isForRsync, mayDoWithoutRsync, numericIds, type ReceiverVersion } from "./own-sender.ts";
import { type PushReport, push } from "./push.ts";
import type { Receiver } from "./receiver.ts";
import type { OnProgress, Rsync } from "./rsync.ts";
import { receiverCommand } from "./rsync-command.ts";
import { reasonFor, rsyncFault } from "./rsync-output.ts";
import { SourceFiles } from "./source-file.ts";
import type { SendReport } from "./target.ts";
import type { TransferOptions } from "./transfer-options.ts";
import { WarmServers } from "./warm-servers.ts";

/** How many receivers wait for the next transfers. */
const receiversMax = 2;

/**
 * More files than these are not waited to be asked for where rsync can do it: a receiver that acknowledges asks for 50
 * or so, and for the next ones a round trip later.
 */
const askedMax = 100;

/** How long a receiver may take to greet, login included: where rsync can do it instead, less is waited. */
const greetingMaxMs = { alone: 60_000, withRsync: 10_000 };

/** After so many failures in a row that nothing explains, all is left to rsync. */
const troublesMax = 3;

/** What a sender is made of. */
export interface SenderOptions {
  /** Absolute path of the source's root, as a byte string. */
  readonly base: string;
  readonly transfer: TransferOptions;
  readonly rsync: Rsync;
  /** Starts a receiver by a command for a shell. `isSpare`: if there is room for it. */
  readonly open: (command: string, isSpare: boolean) => Promise<Receiver | Fault>;
  /** True if the connection is there. */
  readonly isAlive: () => boolean;
  /** Tells the user, once for each connection, that the own sender is not used any more. */
  readonly warn: (reason: string, hint: string) => void;
}

/** Where the own sender sends to. */
export interface SenderPlace {
  /** The target's absolute path there, as a byte string. */
  readonly directory: string;
  readonly version: ReceiverVersion;
  /** True if sessions should be few there. */
  readonly isFragile: boolean;
}

/** What became of what was sent so far. */
interface Tally {
  readonly failed: Map<Path, string>;
  readonly missed: Set<Path>;
  readonly unfinished: Set<Path>;
  contentBytes: number;
}

/** See above. */
export class Sender {
  readonly #source: SourceFiles;
  readonly #receivers: WarmServers<Receiver>;
  readonly #hasRsync: boolean;
  /** Null while the target is not connected, or the own sender cannot be used there. */
  #place: SenderPlace | null = null;
  #troubles = 0;

  constructor(private readonly options: SenderOptions) {
    const { transfer } = options;
    this.#source = new SourceFiles(options.base);
    this.#receivers = new WarmServers(options.open, {
      countMax: receiversMax,
      idleMaxMs: transfer.keepWarmMs,
    });
    this.#hasRsync = transfer.sender !== "builtin" && Bun.which(transfer.program) !== null;
  }

  /** How long a receiver may take to greet. */
  get greetingMaxMs(): number {
    const patienceMs = this.#hasRsync ? greetingMaxMs.withRsync : greetingMaxMs.alone;
    return Math.min(patienceMs, this.options.transfer.silenceMaxMs);
  }

  /** True if it may be that rsync is not needed here. */
  get mayDoWithoutRsync(): boolean {
    return mayDoWithoutRsync(this.options.transfer);
  }

  /** The target is connected; `version`: of rsync there, null for one that will not do. Fault: nothing can be sent. */
  connected(place: Omit<SenderPlace, "version">, version: ReceiverVersion | null): Fault | null {
    const isUsed = version !== null && this.mayDoWithoutRsync && !(place.isFragile && this.#hasRsync);
    this.#place = isUsed ? { ...place, version } : null;
    this.#troubles = 0;
    if (isUsed || this.options.transfer.sender !== "builtin") return null;
    return new Fault(
      "missing-program",
      "tsync's own sender needs rsync 3.1.3 or later on the target",
      "install it there, or leave --sender at auto",
    );
  }

  /** Starts receivers for what comes next. */
  prepare(): void {
    if (this.#place?.isFragile === false) this.#receivers.prepare(this.#command(true));
  }

  /** Lets go of all that wait. */
  close(): void {
    this.#receivers.close();
  }

  /** See `Target.send`. */
  async send(sends: readonly Send[], share: number, onProgress?: OnProgress): Promise<SendReport | Fault> {
    if (this.#place === null) return await this.options.rsync.send(sends, share, onProgress);
    const tally: Tally = { failed: new Map(), missed: new Set(), unfinished: new Set(), contentBytes: 0 };
    const rest: Send[] = [];
    const possible: Send[] = [];
    for (const send of sends) (isForRsync(send, !this.#hasRsync) ? rest : possible).push(send);
    for (const compare of ["changed", "unless-equal"] as const) {
      const own = possible.filter((send) => send.compare === compare);
      if (compare === "unless-equal" && own.length > askedMax && this.#hasRsync) {
        rest.push(...own);
        continue;
      }
      const left = await this.#sendOwn(own, compare === "changed", tally, onProgress);
      if (isFault(left)) return left;
      rest.push(...left);
    }
    if (rest.length > 0 && this.#hasRsync) {
      const report = await this.options.rsync.send(rest, share, onProgress);
      if (isFault(report)) return report;
      for (const [path, reason] of report.failed) tally.failed.set(path, reason);
      for (const path of report.missed) tally.missed.add(path);
      tally.contentBytes += report.contentBytes;
    } else {
      for (const { path, entry } of rest) {
        if (entry.kind === "special")
          tally.failed.set(
            path,
            "devices, FIFOs and sockets are sent by rsync, which is not here or not to be used",
          );
      }
    }
    return tally;
  }

  /** Sends what it can of `sends`; returns what is left for rsync. */
  async #sendOwn(
    sends: readonly Send[],
    isChanged: boolean,
    tally: Tally,
    onProgress: OnProgress | undefined,
  ): Promise<readonly Send[] | Fault> {
    let left = sends;
    // Directories have no content to be compared: the receivers that wait will do.
    const isForWarm = isChanged || sends.every(({ entry }) => entry.kind === "directory");
    for (let round = 0; left.length > 0 && this.#place !== null; round++) {
      const receiver = await this.#receivers.take(this.#command(isForWarm));
      if (isFault(receiver)) {
        if (!this.options.isAlive() || !this.#hasRsync) return receiver;
        this.#trouble(receiver.message, !receiver.retry);
        break;
      }
      const how = { ...this.#how, ahead: isChanged && round === 0, onProgress };
      const report = await push(receiver, this.#source, left, how);
      // Only now: its start would be in the way of what was sent.
      this.prepare();
      if (isFault(report)) return report;
      if (report.broken !== null && !this.options.isAlive()) return lostConnection(report.broken);
      const before = left.length;
      left = this.#settle(left, report, tally);
      const isExplained = report.said !== "";
      // A receiver that was killed there could not remove what it had written.
      if (report.broken !== null) for (const { path } of left) tally.unfinished.add(path);
      if (report.broken === null) this.#troubles = 0;
      else if (!isExplained) this.#trouble(report.broken, report.isRuleBroken);
      if (this.#hasRsync) {
        if (isExplained || report.broken !== null || round > 0) break;
        continue;
      }
      const open = this.#explain(left, report, tally);
      if (isFault(open)) return open;
      left = open;
      if (left.length === before && round > 0) break;
    }
    if (this.#hasRsync) return left;
    for (const { path } of left) tally.failed.set(path, "it did not arrive");
    return [];
  }

  /** Notes what `report` says of `sends`; returns what it leaves open. */
  #settle(sends: readonly Send[], report: PushReport, tally: Tally): Send[] {
    tally.contentBytes += report.contentBytes;
    for (const path of report.missed) tally.missed.add(path);
    for (const [path, reason] of report.unreadable) tally.failed.set(path, reason);
    return sends.filter(
      ({ path }) => !report.arrived.has(path) && !report.missed.has(path) && !report.unreadable.has(path),
    );
  }

  /** Where there is no rsync that could find out more: notes what failed for reasons that are told; returns the rest. */
  #explain(left: readonly Send[], { said, broken }: PushReport, tally: Tally): readonly Send[] | Fault {
    if (broken !== null && said === "") return new Fault("connection", broken, "", true);
    const code = broken === null ? 23 : 12;
    const fault = rsyncFault({ code, signal: null, stdout: "", stderr: said });
    if (fault !== null) return fault;
    return left.filter(({ path }) => {
      const reason = reasonFor(path, said);
      if (reason !== "") tally.failed.set(path, reason);
      return reason === "";
    });
  }

  /** Something went wrong that nothing explains. */
  #trouble(what: string, isForGood: boolean): void {
    this.#troubles++;
    if (!this.#hasRsync || (!isForGood && this.#troubles < troublesMax)) return;
    this.#place = null;
    this.#receivers.close();
    this.options.warn(
      `tsync's own sender is not used any more: ${what}`,
      "rsync is used until the next connection; --sender stock uses it always",
    );
  }

  get #how() {
    const { owner, group, extra, silenceMaxMs } = this.options.transfer;
    const names = extra.includes(numericIds) ? null : { users: userName, groups: groupName };
    return { owner, group, names, silenceMaxMs, isPatient: !this.#hasRsync };
  }

  #command(isChanged: boolean): string {
    const { directory, version } = this.#place!;
    return receiverCommand(isChanged, directory, version.tellsApart, this.options.transfer);
  }
}

function lostConnection(what: string): Fault {
  return new Fault("connection", `the connection was lost in a transfer: ${what}`, "", true);
}
