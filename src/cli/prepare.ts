/** From a mirror that was asked for to the parts that make it run; whatever is wrong is found before. */
import { resolve } from "node:path";
import { parseDeletionLimit } from "../config/deletion-limit.ts";
import type { Destination } from "../config/destination.ts";
import type { Settings } from "../config/options.ts";
import { mention, type Resolved } from "../config/settings.ts";
import { Fault, isFault } from "../core/fault.ts";
import type { ChangeKind } from "../core/follow.ts";
import { fromText, type Path, pathProblem } from "../core/path.ts";
import type { DeletionLimit } from "../core/safety.ts";
import type { MirrorOptions } from "../engine/mirror.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { isInUse, openLedger, readLedger, stateFolder, type Warn } from "../ledger/location.ts";
import type { Asker } from "../ssh/auth/asker.ts";
import type { HostRequest, SshOptions } from "../ssh/config/config.ts";
import type { Host } from "../ssh/host.ts";
import type { ConnectionPool, Hosts } from "../ssh/pool.ts";
import { LocalTarget } from "../target/local.ts";
import type { Target } from "../target/target.ts";
import type { TransferOptions } from "../target/transfer-options.ts";
import { type SelectionOptions, wholeSource } from "../watch/selection.ts";
import { Source } from "../watch/source.ts";
import type { Places } from "./check-places.ts";
import { compareNewAttributes } from "./compare-attributes.ts";
import { findRefusal } from "./exec-options.ts";
import { type WantedHook, wantedHooks } from "./hook-options.ts";
import type { MirrorSpec } from "./mirror-spec.ts";
import { withoutOwnFolders } from "./own-folders.ts";
import { findPassword } from "./password.ts";
import { pathFilters } from "./path-filters.ts";
import { selectionOptions } from "./selection-options.ts";
import { sourceView } from "./source-view.ts";
import { transferOptions } from "./transfer.ts";

/** A mirror that is ready to run. */
export interface Prepared extends Pick<MirrorOptions, "source" | "workers"> {
  /** Its name in the configuration file. */
  readonly name: string | null;
  /** For each worker, true if another tsync seems to be at work on the same target. */
  readonly inUse: readonly boolean[];
  /** The hooks of each worker. */
  readonly hooks: readonly (readonly WantedHook[])[];
}

/** What mirrors share while they are made ready and run. */
export class Resources {
  readonly #pools = new Map<string, ConnectionPool>();
  #hosts: Hosts | null = null;
  readonly #ledgers = new Set<Ledger>();

  constructor(
    readonly options: {
      /** Ledgers are read from copies, and nothing is made. */
      readonly dryRun: boolean;
      /** Told of ledgers that are damaged. */
      readonly warn?: Warn;
      /** Serves all connections. */
      readonly asker: Asker;
      /** False if targets that are not there must not be made. */
      readonly mayMake?: boolean;
      /** Told of each line that a command prints which keeps a target of a mirror (null: one without a name). */
      readonly say?: (mirror: string | null, target: string, line: string) => void;
    },
  ) {}

  /** The connections that are made with these options. */
  async pool(ssh: SshOptions): Promise<ConnectionPool> {
    // Loaded only where it is needed: loading it takes longer than all else of a start.
    const { ConnectionPool, Hosts } = await import("../ssh/pool.ts");
    this.#hosts ??= new Hosts(this.options.asker);
    const key = JSON.stringify(ssh);
    const pool = this.#pools.get(key) ?? new ConnectionPool(ssh, this.#hosts);
    this.#pools.set(key, pool);
    return pool;
  }

  /** The host that is called `host` with the configuration file and port of `ssh`, if it is connected now. */
  async connected(host: HostRequest, ssh: Pick<SshOptions, "configFile" | "port">): Promise<Host | null> {
    const absolute = (file: string | undefined) => (file === undefined ? undefined : resolve(file));
    for (const pool of this.#pools.values()) {
      const { configFile, port } = pool.options;
      if (port !== ssh.port || absolute(configFile) !== absolute(ssh.configFile)) continue;
      const found = await pool.connected(host);
      if (found !== null) return found;
    }
    return null;
  }

  ledger(source: string, target: string): Ledger | Fault {
    const open = this.options.dryRun ? readLedger : openLedger;
    const ledger = open(stateFolder(process.env), source, target, this.options.warn);
    if (!isFault(ledger)) this.#ledgers.add(ledger);
    return ledger;
  }

  isInUse(source: string, target: string): boolean {
    return isInUse(stateFolder(process.env), source, target);
  }

  /** The mirror has ended: its ledgers can be opened again. */
  release({ workers }: Pick<Prepared, "workers">): void {
    for (const { ledger } of workers) {
      ledger.close();
      this.#ledgers.delete(ledger);
    }
  }

  async closeConnections(): Promise<void> {
    await this.#hosts?.closeAll();
  }

  async close(): Promise<void> {
    await this.closeConnections();
    for (const ledger of this.#ledgers) ledger.close();
  }
}

/** What is asked of one target, read and found to be possible. */
export interface Wishes {
  readonly transfer: TransferOptions;
  readonly selection: SelectionOptions;
  readonly deletionLimit: DeletionLimit;
  readonly requireFile: Path | null;
  readonly hooks: readonly WantedHook[];
  /** For rsync daemons. */
  readonly password: string;
}

/** What is asked of the target at `destination`, or what is wrong with it. Nothing is opened but the files it names. */
export function readWishes(resolved: Resolved, destination: Destination): Wishes | Fault {
  const { settings } = resolved;
  const transfer = transferOptions(settings, destination);
  if (isFault(transfer)) return transfer;
  const refusal = destination.kind === "exec" ? findRefusal(resolved, destination.name) : null;
  if (refusal !== null) return refusal;
  const selection = selectionOptions(resolved);
  if (isFault(selection)) return selection;
  const password = findPassword(settings["password-file"], process.env);
  if (isFault(password)) return password;
  const deletionLimit = parseDeletionLimit(settings["max-delete"]);
  if (deletionLimit === null) {
    const where = resolved.origins.get("max-delete");
    const hint = "use a number, a percentage like 10%, or none";
    return new Fault("usage", `${where} is "${settings["max-delete"]}"`, hint);
  }
  const requireFile = settings["require-file"] === undefined ? null : fromText(settings["require-file"]);
  const problem = requireFile === null ? null : pathProblem(requireFile);
  if (problem !== null) {
    const where = mention("require-file", resolved.origins.get("require-file")!);
    const hint = "give a path below the source";
    return new Fault("usage", `${where} is "${settings["require-file"]}", which ${problem}`, hint);
  }
  const hooks = wantedHooks(resolved, destination);
  if (isFault(hooks)) return hooks;
  return { transfer, selection, deletionLimit, requireFile, hooks, password };
}

/** Makes the parts of the mirror `spec`, whose places are checked; `wishes` are those of its targets, in order. */
export async function prepare(
  spec: MirrorSpec,
  places: Places,
  wishes: readonly Wishes[],
  resources: Resources,
): Promise<Prepared | Fault> {
  const { source: sourcePath, destinations } = places;
  const base = sourcePath === "/" ? "" : fromText(sourcePath);
  const selections = new Map<string, SelectionOptions>();
  const workers: MirrorOptions["workers"][number][] = [];
  const inUse: boolean[] = [];
  for (const [at, destination] of destinations.entries()) {
    const { resolved } = spec.targets[at]!;
    const { settings } = resolved;
    const { transfer, deletionLimit, requireFile, password } = wishes[at]!;
    const rules = withoutOwnFolders(wishes[at]!.selection, base, process.env);
    const filters = pathFilters(resolved, (reason, hint) => resources.options.warn?.(reason, hint));
    const selection = { ...rules, filters };
    // Functions cannot be compared: two targets that have some are taken to get different parts.
    selections.set(JSON.stringify([rules, filters.length === 0 ? null : at]), selection);
    const ssh = sshOptions(settings);
    const name = ledgerName(destination, ssh);
    inUse.push(resources.isInUse(sourcePath, name));
    const ledger = resources.ledger(sourcePath, name);
    if (isFault(ledger)) return ledger;
    compareNewAttributes(ledger, transfer);
    const mode = settings.delete ?? "tracked";
    workers.push({
      name: destination.name,
      source: new Source(base, selection, sourceView(transfer)),
      ledger,
      target: await makeTarget(destination, {
        pool: () => resources.pool(ssh),
        password,
        base,
        mayReplace: mode !== "never",
        mustList: mode === "exact" || mode === "startup",
        mayMake: resources.options.mayMake !== false,
        transfer,
        mirror: spec.name,
        say: (line) => resources.options.say?.(spec.name, destination.name, line),
        warn: (reason, hint) => resources.options.warn?.(reason, hint),
      }),
      delete: mode,
      deleteExcluded: settings["delete-excluded"] === true,
      sending: { parallel: settings.parallel ?? 1, hardLinks: transfer.hardLinks },
      unseenAttributes: transfer.acls || transfer.xattrs,
      deletionLimit,
      requireFile,
      acceptDeletes: settings["accept-deletes"] === true,
      settleMs: settings.settle ?? 5,
      delayMaxMs: settings["max-delay"] ?? Math.max(1_000, settings.settle ?? 0),
      delayMs: settings.delay ?? 0,
      countMax: settings["max-batch"] ?? Number.POSITIVE_INFINITY,
      follow: followedKinds(settings),
      initialSync: settings["initial-sync"] !== false,
      insist: settings.insist === true,
      verifyEveryMs: settings["verify-every"] || null,
    });
  }
  // Targets that get different parts of the source need all of it watched.
  const [selection] = selections.values();
  const source = new Source(base, selections.size === 1 ? selection : wholeSource);
  return { name: spec.name, source, workers, inUse, hooks: wishes.map(({ hooks }) => hooks) };
}

/** What targets are made of besides where they are. */
interface Making {
  readonly pool: () => Promise<ConnectionPool>;
  /** For rsync daemons. */
  readonly password: string;
  readonly base: string;
  readonly mayReplace: boolean;
  readonly mustList: boolean;
  readonly mayMake: boolean;
  readonly transfer: TransferOptions;
  /** The mirror's name. */
  readonly mirror: string | null;
  /** For commands. */
  readonly say: (line: string) => void;
  readonly warn: Warn;
}

async function makeTarget(
  destination: Destination,
  { pool, password, mirror, say, ...making }: Making,
): Promise<Target> {
  if (destination.kind === "exec") {
    const { ExecTarget } = await import("../target/exec/exec.ts");
    const { base, transfer } = making;
    return new ExecTarget({ ...destination, mirror, base, silenceMaxMs: transfer.silenceMaxMs, say });
  }
  const { path: directory, ...where } = destination;
  const { base, mayReplace, transfer, mayMake } = making;
  switch (where.kind) {
    case "local":
      return new LocalTarget(fromText(directory), base, mayReplace, transfer, mayMake);
    case "ssh": {
      const { SshTarget } = await import("../target/ssh.ts");
      return new SshTarget(await pool(), { ...making, host: where, directory });
    }
    case "daemon": {
      const { daemonTarget } = await import("../target/daemon.ts");
      return daemonTarget({ ...making, ...where, directory, password });
    }
  }
}

/** What tells one target from another in the ledger's name. */
function ledgerName(destination: Destination, ssh: SshOptions): string {
  if (destination.kind === "local") return destination.path;
  if (destination.kind === "exec") return `exec:${destination.name}`;
  const portNumber = destination.port ?? (destination.kind === "ssh" ? ssh.port : undefined);
  const port = portNumber === undefined ? "" : `:${portNumber}`;
  const user = destination.user === undefined ? "" : `${destination.user}@`;
  if (destination.kind === "ssh") return `ssh://${user}${destination.host}${port}/${destination.path}`;
  return `rsync://${user}${destination.host}${port}/${destination.module}/${destination.path}`;
}

/** The kinds of changes that are followed; null for all. */
function followedKinds(settings: Settings): ReadonlySet<ChangeKind> | null {
  const { only, "ignore-attributes": ignore } = settings;
  if (only === undefined && ignore !== true) return null;
  const kinds = new Set<ChangeKind>(only ?? ["create", "change", "delete", "move"]);
  if (ignore === true) kinds.delete("attributes");
  return kinds;
}

/** What `settings` say of ssh connections. */
export function sshOptions(settings: Settings): SshOptions {
  const { "ssh-config": configFile, port, identity, "password-file": passwordFile } = settings;
  return {
    ...(configFile === undefined ? {} : { configFile }),
    ...(port === undefined ? {} : { port }),
    ...(identity === undefined ? {} : { identityFiles: [...identity] }),
    ...(passwordFile === undefined ? {} : { passwordFile }),
  };
}
