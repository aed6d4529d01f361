/** Sends content and attributes through rsync, and finds out what did not arrive. */
import { type Fault, isFault } from "../core/fault.ts";
import type { Send } from "../core/operation.ts";
import type { Path } from "../core/path.ts";
import { fileList, type RsyncPlace, sendFlags } from "./rsync-arguments.ts";
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
import { RsyncRunner } from "./rsync-run.ts";
import type { SendReport } from "./target.ts";

/** Sends content from one source tree to one target. */
export class Rsync {
  constructor(
    /** Absolute path of the source's root, as a byte string. */
    private readonly base: string,
    private readonly place: RsyncPlace,
    private readonly runner = new RsyncRunner(),
  ) {}

  /** Sends each of `sends`; see `Target.send`. */
  async send(sends: readonly Send[]): Promise<SendReport | Fault> {
    const failed = new Map<Path, string>();
    const missed = new Set<Path>();
    let contentBytes = 0;
    for (const compare of ["changed", "unless-equal"] as const) {
      const group = sends.filter((send) => send.compare === compare);
      if (group.length === 0) continue;
      const result = await this.#run(group, compare, false);
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

  /** Ends what is running. */
  stop(): void {
    this.runner.stop();
  }

  /** After a run that did not end clean: what another look does not find equal, to the nanosecond. */
  async #findFailed(sends: readonly Send[], stderr: string): Promise<Map<Path, string> | Fault> {
    const check = await this.#run(sends, "unless-equal", true);
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

  async #run(sends: readonly Send[], compare: Send["compare"], check: boolean): Promise<RsyncResult | Fault> {
    return await this.runner.run({
      flags: sendFlags({ compare, check }),
      place: this.place,
      base: this.base,
      input: fileList(sends.map((send) => send.path)),
      again: compare === "changed",
    });
  }
}
