/**
 * A target that is reached through ssh: a remote shell for what has no content, rsync for what has. Where the account
 * has no shell, as with a forced rrsync, rsync does it all.
 */
import type { ClientChannel } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import type { Outcome, Send, Step } from "../core/operation.ts";
import { display, fromText, type Path, toBytes } from "../core/path.ts";
import { withoutReserved } from "../core/reserved.ts";
import { compareByDepth } from "../core/seen.ts";
import { channelExit } from "../ssh/channel-exit.ts";
import type { HostRequest } from "../ssh/config.ts";
import type { Connection } from "../ssh/connection.ts";
import type { ConnectionPool } from "../ssh/pool.ts";
import { creationMode } from "./creation-mode.ts";
import { RemoteShell } from "./remote-shell.ts";
import { reservedBy } from "./reserved-by.ts";
import { restrictedTarget } from "./restricted.ts";
import { Rsync } from "./rsync.ts";
import { type Depth, remoteCommand, remoteProgramWords } from "./rsync-arguments.ts";
import type { RsyncOnlyTarget } from "./rsync-only.ts";
import { shellQuote, tildeQuote } from "./shell-quote.ts";
import type { Comparison, Inspection, SendReport, Target } from "./target.ts";
import { defaultTransfer, type TransferOptions } from "./transfer-options.ts";
import { WarmChannel } from "./warm-channel.ts";

/** How many bytes of a listing of the target are taken at most. */
const listingMax = 1024 * 1024 * 1024;

/** What an ssh target is made of. */
export interface SshTargetOptions {
  readonly host: HostRequest;
  /** The target's directory as the user wrote it: absolute, or below the home directory. */
  readonly directory: string;
  /** Absolute path of the source's root, as a byte string. */
  readonly base: string;
  /** True if something else than a directory may be replaced by a directory. */
  readonly mayReplace: boolean;
  readonly transfer?: TransferOptions;
  /** True if a target that cannot be listed is of no use. */
  readonly mustList: boolean;
  /** False if a directory that is not there is not to be made; then reading it is enough. */
  readonly mayMake?: boolean;
}

/** See `Target`. */
export class SshTarget implements Target {
  #connection: Connection | null = null;
  #shell: RemoteShell | null = null;
  /** Absolute path of the target's directory, as a byte string. */
  #directory = "";
  /** The inode number of that directory. */
  #inode = "";
  #isEmpty = false;
  readonly #rsync: Rsync;
  readonly #transfer: TransferOptions;
  /** In place of the shell, where there is none. */
  #rsyncOnly: RsyncOnlyTarget | null = null;
  /** True once a shell was there: when one does not start later, something is wrong for the moment. */
  #hadShell = false;
  /** The rsync server for the next save. */
  readonly #warm = new WarmChannel((command) => this.#connection!.exec(toBytes(command)));

  constructor(
    private readonly pool: ConnectionPool,
    private readonly options: SshTargetOptions,
  ) {
    this.#transfer = options.transfer ?? defaultTransfer;
    const open = (command: string, again: boolean) =>
      this.#openRsync(`exec ${remoteCommand(command, this.#directory, this.#transfer)}`, again);
    this.#rsync = new Rsync(options.base, { open }, this.#transfer);
  }

  get isEmpty(): boolean {
    return this.#rsyncOnly?.isEmpty ?? this.#isEmpty;
  }

  get canMove(): boolean {
    return this.#rsyncOnly === null;
  }

  get identity(): string {
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.identity;
    return `${this.#connection?.describe}:${this.#directory}#${this.#inode}`;
  }

  async connect(): Promise<Fault | null> {
    if (this.#connection?.alive && this.#shell !== null) return null;
    const connection = await this.pool.connection(this.options.host);
    if (isFault(connection)) return connection;
    this.#connection = connection;
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.connect();
    const shell = await RemoteShell.start(connection, this.options.mayReplace, this.#transfer);
    if (isFault(shell)) {
      const isRestricted = shell.code === "missing-program" && !this.#hadShell;
      return isRestricted ? await this.#connectWithoutShell(connection, shell) : shell;
    }
    const fault = await this.#prepare(shell);
    if (fault !== null) {
      shell.close();
      return fault;
    }
    this.#shell = shell;
    this.#hadShell = true;
    return null;
  }

  /** Works by rsync alone; `noShell` says what a shell was refused with. */
  async #connectWithoutShell(connection: Connection, noShell: Fault): Promise<Fault | null> {
    // No server is started in advance: rrsync lets only one run at a time.
    const options = { ...this.options, transfer: this.#transfer };
    const target = restrictedTarget(connection.describe, options, (command) =>
      this.#openRsync(command, false),
    );
    if (isFault(target)) return target;
    const fault = await target.connect();
    if (fault === null) this.#rsyncOnly = target;
    // rsync does not work either: then this is no account for it, and the first answer says more.
    return fault?.code === "connection" && connection.alive ? noShell : fault;
  }

  async run(
    steps: readonly Step[],
    report: (index: number, outcome: Outcome) => void,
    replay = false,
  ): Promise<Fault | null> {
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.run(steps, report, replay);
    const modeOf = (path: Path) => creationMode(this.options.base, path);
    const fault = await this.#shell!.run(this.#directory, steps, replay, report, modeOf);
    if (fault !== null) this.#dropShell();
    return fault;
  }

  async send(sends: readonly Send[], share = 1): Promise<SendReport | Fault> {
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.send(sends, share);
    const report = await this.#rsync.send(sends, share);
    if (isFault(report)) this.#dropShell();
    return report;
  }

  compare(sends: readonly Send[]): Promise<Comparison | Fault> {
    return (this.#rsyncOnly ?? this.#rsync).compare(sends);
  }

  inspect(paths: readonly Path[], depth: Depth): Promise<Inspection | Fault> {
    return (this.#rsyncOnly ?? this.#rsync).inspect(paths, depth);
  }

  async list(): Promise<Path[] | Fault> {
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.list();
    const channel = await this.#connection!.exec(
      toBytes(`cd ${shellQuote(this.#directory)} && exec find . -print0`),
    );
    if (isFault(channel)) return channel;
    let listing = "";
    let said = "";
    channel.on("data", (data: Buffer) => {
      if (listing.length < listingMax) listing += data.toString("latin1");
    });
    channel.stderr.on("data", (data: Buffer) => {
      said = (said + data.toString()).slice(-300);
    });
    const { code } = await channelExit(channel);
    // `find` ends with 1 if it could not read everything: of what is left out nothing is known, or removed.
    if (code === null || code > 1 || listing === "") {
      return new Fault(
        "target",
        `cannot list the target (find: exit code ${code}) ${said.trim()}`,
        "",
        code === null,
      );
    }
    const paths = listing.split("\0").filter((path) => path.startsWith("./"));
    const found = paths.map((path) => path.slice(2)).sort(compareByDepth);
    const reserved = reservedBy(this.#transfer);
    return reserved === null ? found : withoutReserved(found, reserved);
  }

  async close(): Promise<void> {
    this.#rsync.stop();
    await this.#rsyncOnly?.close();
    this.#dropShell();
  }

  #dropShell(): void {
    this.#warm.close();
    this.#shell?.close();
    this.#shell = null;
  }

  /** Makes the target's directory and finds out where it is, and whether there is an rsync. */
  async #prepare(shell: RemoteShell): Promise<Fault | null> {
    const wanted = remoteWord(fromText(this.options.directory));
    const mayMake = this.options.mayMake !== false;
    const script =
      `q=$(${mayMake ? "mkdir -p" : "ls -d"} ${wanted} 2>&1 </dev/null) && q=$(cd ${wanted} 2>&1 && pwd -P) && d=$q || d=\n` +
      `if [ "$d" ] && [ ! ${mayMake ? "-w" : "-r"} "$d" ]; then q="$d: Permission denied"; d=; fi\n` +
      `command -v ${remoteProgramWords(this.#transfer)[0]} >/dev/null 2>&1 && v=1 || v=\n` +
      'i=$(cd "$d" && ls -di .); [ "$(ls -A "$d" | head -n 1)" ] && f= || f=1\n' +
      `printf '%s\\n' "v$v" "f$f" "i$i" "d$d" "q$q"; a 0 prepared 0\n`;
    const lines = await shell.ask(script, "prepared");
    if (isFault(lines)) return lines;
    const [found, text] = [lines.findLastIndex((line) => /^v1?$/.test(line)), lines.join("\n")];
    const rest = lines.slice(found + 1).join("\n");
    const [, empty, inode, directory, reason] = /^f(1?)\ni *(\d*)[^\n]*\nd(.*)\nq(.*)$/s.exec(rest) ?? [];
    if (found < 0 || inode === undefined || directory === undefined || reason === undefined) {
      return new Fault(
        "target",
        `the remote shell gave an answer that makes no sense: ${text.slice(0, 200)}`,
      );
    }
    const where = `${display(fromText(this.options.directory))} on ${this.#connection!.describe}`;
    if (directory === "") {
      const said = display(reason.trim());
      return new Fault(
        "target",
        `cannot ${mayMake ? "write to" : "read"} ${where}: ${said}`,
        "make it, or give the account the right to",
      );
    }
    if (lines[found] === "v") {
      return new Fault(
        "missing-program",
        `${this.#transfer.remoteProgram} is not installed on ${this.#connection!.describe}`,
        "install it there",
      );
    }
    this.#directory = directory;
    this.#inode = inode;
    this.#isEmpty = empty === "1";
    return null;
  }

  async #openRsync(command: string, again: boolean): Promise<ClientChannel | Fault> {
    const channel = await this.#warm.take(command);
    if (again) this.#warm.prepare(command);
    return channel;
  }
}

/** The directory as a word for the shell: `~` and `~user` at its start are the shell's to resolve. */
export function remoteWord(directory: string): string {
  if (directory === "") return ".";
  return tildeQuote(directory.startsWith("-") ? `./${directory}` : directory);
}
