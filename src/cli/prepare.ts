/** From a mirror that was asked for to the parts that make it run; whatever is wrong is found before. */
import type { Destination } from "../config/destination.ts";
import type { Settings } from "../config/options.ts";
import { type Fault, isFault } from "../core/fault.ts";
import { fromText } from "../core/path.ts";
import type { MirrorOptions } from "../engine/mirror.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger, readLedger, stateFolder } from "../ledger/location.ts";
import type { SshOptions } from "../ssh/config.ts";
import { ConnectionPool } from "../ssh/pool.ts";
import { LocalTarget } from "../target/local.ts";
import { SshTarget } from "../target/ssh.ts";
import type { Target } from "../target/target.ts";
import type { TransferOptions } from "../target/transfer-options.ts";
import { Source } from "../watch/source.ts";
import { checkDestinations, checkSource } from "./check-places.ts";
import { compareNewAttributes } from "./compare-attributes.ts";
import type { MirrorSpec } from "./mirror-spec.ts";
import { sourceView } from "./source-view.ts";
import { transferOptions } from "./transfer.ts";

/** A mirror that is ready to run. */
export type Prepared = Pick<MirrorOptions, "source" | "workers">;

/** What mirrors share while they are made ready and run. */
export class Resources {
  readonly #pools = new Map<string, ConnectionPool>();
  readonly #ledgers: Ledger[] = [];

  /** `dryRun`: ledgers are read from copies, and nothing is made. */
  constructor(private readonly dryRun: boolean) {}

  /** The connections that are made with these options. */
  pool(ssh: SshOptions): ConnectionPool {
    const key = JSON.stringify(ssh);
    const pool = this.#pools.get(key) ?? new ConnectionPool(ssh);
    this.#pools.set(key, pool);
    return pool;
  }

  ledger(source: string, target: string): Ledger | Fault {
    const open = this.dryRun ? readLedger : openLedger;
    const ledger = open(stateFolder(process.env), source, target);
    if (!isFault(ledger)) this.#ledgers.push(ledger);
    return ledger;
  }

  async closeConnections(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.closeAll()));
  }

  async close(): Promise<void> {
    await this.closeConnections();
    for (const ledger of this.#ledgers) ledger.close();
  }
}

/** Makes the parts of the mirror `spec`. */
export function prepare(spec: MirrorSpec, resources: Resources): Prepared | Fault {
  const sourcePath = checkSource(spec.source);
  if (isFault(sourcePath)) return sourcePath;
  const destinations = checkDestinations(
    spec.targets.map(({ to }) => to),
    sourcePath,
  );
  if (isFault(destinations)) return destinations;
  const source = new Source(sourcePath === "/" ? "" : fromText(sourcePath));
  const workers: MirrorOptions["workers"][number][] = [];
  for (const [at, destination] of destinations.entries()) {
    const { settings } = spec.targets[at]!.resolved;
    const transfer = transferOptions(settings, destination);
    if (isFault(transfer)) return transfer;
    const ssh = sshOptions(settings);
    const ledger = resources.ledger(sourcePath, ledgerName(destination, ssh));
    if (isFault(ledger)) return ledger;
    compareNewAttributes(ledger, transfer);
    const mode = settings.delete ?? "tracked";
    workers.push({
      name: destination.name,
      source: new Source(source.base, sourceView(transfer)),
      ledger,
      target: makeTarget(destination, resources.pool(ssh), source.base, mode !== "never", transfer),
      delete: mode,
      sending: { parallel: settings.parallel ?? 1, hardLinks: transfer.hardLinks },
      unseenAttributes: transfer.acls || transfer.xattrs,
      acceptDeletes: settings["accept-deletes"] === true,
      settleMs: settings.settle ?? 10,
      delayMaxMs: Math.max(settings["max-delay"] ?? 1_000, settings.settle ?? 0),
    });
  }
  return { source, workers };
}

function makeTarget(
  destination: Destination,
  pool: ConnectionPool,
  base: string,
  mayReplace: boolean,
  transfer: TransferOptions,
): Target {
  if (destination.kind === "local")
    return new LocalTarget(fromText(destination.path), base, mayReplace, transfer);
  const { host, user, path } = destination;
  return new SshTarget(pool, {
    host: user === undefined ? { host } : { host, user },
    directory: path,
    base,
    mayReplace,
    transfer,
  });
}

/** What tells one target from another in the ledger's name. */
function ledgerName(destination: Destination, ssh: SshOptions): string {
  if (destination.kind === "local") return destination.path;
  const port = ssh.port === undefined ? "" : `:${ssh.port}`;
  const user = destination.user === undefined ? "" : `${destination.user}@`;
  return `ssh://${user}${destination.host}${port}/${destination.path}`;
}

function sshOptions(settings: Settings): SshOptions {
  const { "ssh-config": configFile, port, identity } = settings;
  return {
    ...(configFile === undefined ? {} : { configFile }),
    ...(port === undefined ? {} : { port }),
    ...(identity === undefined ? {} : { identityFiles: [...identity] }),
  };
}
