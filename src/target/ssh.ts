/**
 * A target that is reached through ssh: a remote shell for what has no content, rsync for what has. Where the account
 * has no shell, as with a forced rrsync, rsync does it all.
 */
import { finished } from "node:stream/promises";
import { Fault, isFault } from "../core/fault.ts";
import type { Outcome, Send, Step } from "../core/operation.ts";
import { fromText, type Path, root } from "../core/path.ts";
import { isReserved, withoutReserved } from "../core/reserved.ts";
import { compareByDepth } from "../core/seen.ts";
import { channelExit } from "../ssh/channel-exit.ts";
import type { HostRequest } from "../ssh/config/config.ts";
import type { Use } from "../ssh/connection.ts";
import type { Host } from "../ssh/host.ts";
import type { ConnectionPool } from "../ssh/pool.ts";
import type { Program, ProgramInput } from "../system/program.ts";
import { creationMode } from "./creation-mode.ts";
import { findPlace, noRsync } from "./find-place.ts";
import { isFragile, receiverVersion } from "./own-sender.ts";
import { Receiver } from "./receiver.ts";
import { type RemoteCommand, startRestricted, startScript } from "./remote-command.ts";
import { startRemoteProgram } from "./remote-program.ts";
import { RemoteShell } from "./remote-shell.ts";
import { reservedBy } from "./reserved-by.ts";
import { targetWithoutShell } from "./restricted.ts";
import { type OnProgress, Rsync } from "./rsync.ts";
import { remoteCommand, remoteProgramWords } from "./rsync-command.ts";
import type { Depth } from "./rsync-flags.ts";
import type { RsyncOnlyTarget } from "./rsync-only.ts";
import type { RunOutlook } from "./rsync-place.ts";
import { Sender } from "./sender.ts";
import { shellQuote } from "./shell-quote.ts";
import type { Comparison, Inspection, SendReport, Target } from "./target.ts";
import { defaultTransfer, type TransferOptions } from "./transfer-options.ts";
import { WarmServers } from "./warm-servers.ts";

/** How many bytes of a listing of the target are taken at most. */
const listingMax = 1024 * 1024 * 1024;

/** How many directories are named in one command. */
const directoriesMax = 200;

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
  /** Tells the user what is not as it should be. */
  readonly warn?: (reason: string, hint: string) => void;
}

/** See `Target`. */
export class SshTarget implements Target {
  #connection: Host | null = null;
  #shell: RemoteShell | null = null;
  /** Absolute path of the target's directory, as a byte string. */
  #directory = "";
  /** The inode number of that directory. */
  #inode = "";
  #isEmpty = false;
  #isClosed = false;
  readonly #rsync: Rsync;
  readonly #sender: Sender;
  readonly #transfer: TransferOptions;
  /** In place of the shell, where there is none. */
  #rsyncOnly: RsyncOnlyTarget | null = null;
  /** True once a shell was there: when one does not start later, something is wrong for the moment. */
  #hadShell = false;
  readonly #use: Use = { owner: this };
  /** Servers for rsync's next transfers. */
  readonly #servers: WarmServers<RemoteCommand>;

  constructor(
    private readonly pool: ConnectionPool,
    private readonly options: SshTargetOptions,
  ) {
    this.#transfer = options.transfer ?? defaultTransfer;
    const open = (command: string, outlook: RunOutlook) =>
      this.#openRsync(`exec ${remoteCommand(command, this.#directory, this.#transfer)}`, outlook);
    this.#rsync = new Rsync(options.base, { open }, this.#transfer);
    this.#servers = new WarmServers((script, isSpare) => this.#startServer(script, isSpare), {
      countMax: 1,
      idleMaxMs: this.#transfer.keepWarmMs,
    });
    this.#sender = new Sender({
      base: options.base,
      transfer: this.#transfer,
      rsync: this.#rsync,
      open: (command, isSpare) => this.#startReceiver(`exec ${command}`, isSpare),
      isAlive: () => this.#connection?.alive === true,
      warn: (reason, hint) => options.warn?.(`${this.#connection?.describe}: ${reason}`, hint),
    });
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

  get lost(): Promise<Fault> | undefined {
    return this.#connection?.closed;
  }

  async connect(): Promise<Fault | null> {
    this.#isClosed = false;
    if (this.#connection?.alive && this.#shell !== null) return null;
    const fault = await this.#connect();
    if (fault === null) this.pool.hosts.tellReachable();
    return fault;
  }

  async #connect(): Promise<Fault | null> {
    const connection = await this.pool.connection(this.options.host);
    if (isFault(connection)) return connection;
    this.#connection = connection;
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.connect();
    const shell = await this.#startShell(connection);
    if (isFault(shell)) {
      const isRestricted = shell.code === "missing-program" && !this.#hadShell;
      return isRestricted ? await this.#connectWithoutShell(connection, shell) : await this.#lost(shell);
    }
    this.#shell = shell;
    const fault = await this.#prepare(shell);
    if (fault !== null) return await this.#lost(fault);
    this.#hadShell = true;
    return null;
  }

  onReachable(listener: () => void): () => void {
    return this.pool.hosts.onReachable(listener);
  }

  #startShell(connection: Host): Promise<RemoteShell | Fault> {
    // Where sessions are few, and another target or transfer waits for one, it is started anew when it is needed.
    const onWanted = () => {
      if (this.#shell?.isBusy === false) this.#endShell();
    };
    const use = { ...this.#use, onWanted };
    return RemoteShell.start(connection, this.options.mayReplace, this.#transfer, { use });
  }

  /** Works by rsync alone; `noShell` says what a shell was refused with. */
  async #connectWithoutShell(connection: Host, noShell: Fault): Promise<Fault | null> {
    // No server is started in advance: rrsync lets only one run at a time.
    const open = (command: string, { isLarge }: RunOutlook) =>
      startRestricted(this.#connection!, command, { ...this.#use, isLarge });
    const options = { ...this.options, transfer: this.#transfer };
    const target = await targetWithoutShell({ connection, noShell, open }, options, (it) => it.connect());
    if (isFault(target)) return target;
    this.#rsyncOnly = target;
    return null;
  }

  async run(
    steps: readonly Step[],
    report: (index: number, outcome: Outcome) => void,
    replay = false,
  ): Promise<Fault | null> {
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.run(steps, report, replay);
    if (this.#isClosed) return closed;
    const shell = this.#shell ?? (await this.#startShell(this.#connection!));
    if (isFault(shell)) return shell;
    this.#shell = shell;
    if (this.#isClosed) {
      this.#dropShell();
      return closed;
    }
    const modeOf = (path: Path) => creationMode(this.options.base, path);
    const fault = await shell.run(this.#directory, steps, replay, report, modeOf);
    return fault === null ? null : await this.#lost(fault);
  }

  /** What `fault` was about, if it is that the connection was lost; the target is connected no more. */
  async #lost(fault: Fault): Promise<Fault> {
    this.#dropShell();
    // The end of the commands is known a moment before its reason.
    if (fault.code === "connection") await Bun.sleep(0);
    const connection = this.#connection!;
    return fault.code === "connection" && !connection.alive ? await connection.closed : fault;
  }

  async send(sends: readonly Send[], share = 1, onProgress?: OnProgress): Promise<SendReport | Fault> {
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.send(sends, share, onProgress);
    const report = await this.#sender.send(sends, share, onProgress);
    return isFault(report) ? await this.#lost(report) : report;
  }

  async start(run: readonly string[] | string, input: ProgramInput): Promise<Program | Fault> {
    if (this.#rsyncOnly !== null) {
      const hint = "give it a shell there, or take on-synced-remote away for this target";
      return new Fault("target", `${this.#connection!.describe} has no shell to run it`, hint);
    }
    return await startRemoteProgram(this.#connection!, run, input, this.#use);
  }

  compare(sends: readonly Send[]): Promise<Comparison | Fault> {
    return (this.#rsyncOnly ?? this.#rsync).compare(sends);
  }

  inspect(paths: readonly Path[], depth: Depth): Promise<Inspection | Fault> {
    return (this.#rsyncOnly ?? this.#rsync).inspect(paths, depth);
  }

  async list(isWanted: (path: Path) => boolean = () => true): Promise<Path[] | Fault> {
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.list();
    const found = await this.#find(".", "");
    if (isFault(found)) return found;
    const reserved = reservedBy(this.#transfer);
    const sorted = found
      .filter((path) => isWanted(path) || (reserved !== null && isReserved(path, reserved)))
      .sort(compareByDepth);
    return reserved === null ? sorted : withoutReserved(sorted, reserved);
  }

  async temporaries(directories: readonly Path[]): Promise<Path[] | Fault> {
    if (this.#rsyncOnly !== null) return this.#rsyncOnly.temporaries();
    const found: Path[] = [];
    for (let at = 0; at < directories.length; at += directoriesMax) {
      const places = directories
        .slice(at, at + directoriesMax)
        .map((path) => shellQuote(path === root ? "." : `./${path}`));
      const some = await this.#find(places.join(" "), "-maxdepth 1 -type f -name '.*.??????'", true);
      if (isFault(some)) return some;
      found.push(...some);
    }
    return found;
  }

  /**
   * What `find` finds in `places`, words for the shell, by `tests`. `mayBeGone`: so may the places be; else finding
   * nothing is a fault.
   */
  async #find(places: string, tests: string, mayBeGone = false): Promise<Path[] | Fault> {
    const script = `cd ${shellQuote(this.#directory)} && exec find ${places} ${tests} -print0`;
    const command = await startScript(this.#connection!, script, this.#use);
    if (isFault(command)) return command;
    let listing = "";
    let said = "";
    command.output.on("data", (data: Buffer) => {
      if (listing.length < listingMax) listing += data.toString("latin1");
    });
    command.errors.on("data", (data: Buffer) => {
      said = (said + data.toString()).slice(-300);
    });
    const [{ code }] = await Promise.all([channelExit(command.channel), finished(command.output)]);
    // `find` ends with 1 if it could not read everything: of what is left out nothing is known, or removed.
    if (code === null) {
      return await this.#lost(new Fault("connection", "the listing of the target broke off", "", true));
    }
    if (code > 1 || (listing === "" && !mayBeGone)) {
      return new Fault(
        "target",
        `cannot list the target (find: exit code ${code}) ${said.trim() || command.said}`,
      );
    }
    return listing
      .split("\0")
      .filter((path) => path.startsWith("./"))
      .map((path) => path.slice(2));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rsync.stop();
    await this.#rsyncOnly?.close();
    this.#dropShell();
  }

  #dropShell(): void {
    this.#sender.close();
    this.#servers.close();
    this.#endShell();
  }

  #endShell(): void {
    this.#shell?.close();
    this.#shell = null;
  }

  /** Makes the target's directory and finds out where it is, and whether there is an rsync. */
  async #prepare(shell: RemoteShell): Promise<Fault | null> {
    const { describe, facts } = this.#connection!;
    const mayMake = this.options.mayMake !== false;
    const place = await findPlace(shell, {
      directory: fromText(this.options.directory),
      mayMake,
      program: remoteProgramWords(this.#transfer),
      asksVersion: this.#sender.mayDoWithoutRsync,
      account: describe,
    });
    if (isFault(place)) return place;
    if (!place.hasRsync) return noRsync(this.#transfer.remoteProgram, describe);
    this.#directory = place.directory;
    this.#inode = place.inode;
    this.#isEmpty = place.isEmpty;
    const senderPlace = { directory: place.directory, isFragile: isFragile(facts.server) };
    const unable = this.#sender.connected(senderPlace, receiverVersion(place.version));
    if (unable === null && mayMake) this.#sender.prepare();
    return unable;
  }

  async #openRsync(script: string, { again, isLarge }: RunOutlook): Promise<RemoteCommand | Fault> {
    const connection = this.#connection!;
    if (isLarge && connection.isShared(this))
      return startScript(connection, script, { ...this.#use, isLarge });
    const server = await this.#servers.take(script);
    if (again) this.#servers.prepare(script);
    return server;
  }

  async #startReceiver(script: string, isSpare: boolean): Promise<Receiver | Fault> {
    const server = await this.#startServer(script, isSpare);
    if (isFault(server)) return server;
    return await Receiver.greeted(server, this.#connection!.describe, this.#sender.greetingMaxMs);
  }

  #startServer(script: string, isSpare: boolean): Promise<RemoteCommand | Fault> {
    // Those that wait make room where sessions are few.
    const onWanted = () => {
      this.#sender.close();
      this.#servers.close();
    };
    return startScript(this.#connection!, script, { ...this.#use, isSpare, onWanted });
  }
}

/** It was closed while a plan was under way. */
const closed = new Fault("connection", "the target was closed", "", true);
