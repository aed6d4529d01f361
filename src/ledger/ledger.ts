/** What one target holds, in one SQLite file. */
import { Database, SQLiteError, type Statement } from "bun:sqlite";
import type { HeldStore } from "../core/acknowledge.ts";
import { type Entry, sameIdentity } from "../core/entry.ts";
import { Fault } from "../core/fault.ts";
import type { Held } from "../core/held.ts";
import type { Step } from "../core/operation.ts";
import { join, nameOf, type Path, parentOf, root } from "../core/path.ts";
import { stampHalfBits, stampOf, Tally } from "../core/stamp.ts";
import { schema, schemaVersion } from "./schema.ts";

const rootId = 1;

/** Facts about the mirror that are kept beside the entries. */
export type MetaKey = "source" | "target" | "identity" | "complete" | "attributes";

/** How many identities of one inode are considered: more hard links than that are sent like other files. */
const candidatesMax = 16;

/** How many directory ids are kept at hand. */
const knownIdsMax = 50_000;

/** A row of the table `entry`: an acknowledged entry with its place. */
interface Row extends Held {
  readonly id: number;
  readonly parent: number;
  readonly name: string;
}

const columns =
  "id, parent, name, kind, mode, size, mtime_ms as mtimeMs, uid, gid, dev, ino, birth_ms as birthMs, link, doubt";

/** The ledger of one mirror. All calls are synchronous; writes are grouped with `transaction`. */
export class Ledger implements HeldStore {
  readonly #ids = new Map<Path, number>();
  readonly #byName: Statement<Row, [number, string]>;
  readonly #byParent: Statement<Row, [number]>;
  readonly #byIno: Statement<Row, [number]>;
  readonly #byId: Statement<Row, [number]>;
  readonly #tally: Statement<unknown, [number]>;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #rename: Statement;
  readonly #delete: Statement<unknown, [number]>;

  private constructor(private readonly db: Database) {
    this.#byName = db.prepare(`select ${columns} from entry where parent = ? and name = ?`);
    this.#byParent = db.prepare(`select ${columns} from entry where parent = ?`);
    this.#byIno = db.prepare(`select ${columns} from entry where ino = ? limit ${candidatesMax}`);
    this.#byId = db.prepare(`select ${columns} from entry where id = ?`);
    this.#tally = db.prepare(
      `select count(*), sum(stamp & ${2 ** stampHalfBits - 1}), sum(stamp >> ${stampHalfBits})` +
        " from entry where parent = ? and doubt = 'none'",
    );
    this.#insert = db.prepare(
      "insert into entry (parent, name, kind, mode, size, mtime_ms, uid, gid, dev, ino, birth_ms, link, doubt, stamp)" +
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#update = db.prepare(
      "update entry set kind = ?, mode = ?, size = ?, mtime_ms = ?, uid = ?, gid = ?, dev = ?, ino = ?," +
        " birth_ms = ?, link = ?, doubt = ?, stamp = ? where id = ?",
    );
    this.#rename = db.prepare("update entry set parent = ?, name = ?, stamp = ? where id = ?");
    this.#delete = db.prepare("delete from entry where id = ?");
  }

  /** Opens the ledger in `file`, making it if it is not there; `:memory:` keeps it in memory. */
  static open(file: string): Ledger | Fault {
    try {
      const db = new Database(file, { create: true, strict: true });
      // Held until the process ends, however it ends: the one writer of this ledger.
      db.run("pragma locking_mode = exclusive");
      db.run("pragma journal_mode = wal");
      db.run("pragma synchronous = normal");
      db.run("pragma cache_size = -8000");
      const version = db.query("pragma user_version").values()[0]![0] as number;
      if (version === 0) {
        db.transaction(() => {
          db.run(schema);
          db.run(`pragma user_version = ${schemaVersion}`);
        })();
      } else if (version !== schemaVersion) {
        db.close();
        return new Fault(
          "ledger",
          `the ledger ${file} has version ${version}, this tsync reads version ${schemaVersion}`,
          "use the tsync that wrote it, or move the file away to have the target compared anew",
        );
      }
      db.run("begin immediate");
      db.run("commit");
      return new Ledger(db);
    } catch (error) {
      if (error instanceof SQLiteError && error.code === "SQLITE_BUSY") {
        return new Fault("locked", "another tsync is working on this mirror");
      }
      const reason = error instanceof Error ? error.message : String(error);
      return new Fault(
        "ledger",
        `cannot open the ledger ${file}: ${reason}`,
        "check the disk and the file's owner",
      );
    }
  }

  /** Runs `work` as one transaction: all of its writes, or none. */
  transaction(work: () => void): void {
    this.db.transaction(work)();
  }

  /** Closes the file, for another tsync to open. */
  close(): void {
    const reads = [this.#byName, this.#byParent, this.#byIno, this.#byId, this.#tally];
    const writes = [this.#insert, this.#update, this.#rename, this.#delete];
    for (const statement of [...reads, ...writes]) statement.finalize();
    this.db.close();
  }

  /** Number of entries, without the root. */
  count(): number {
    return this.db.query("select count(*) from entry where id <> 1").values()[0]![0] as number;
  }

  /** True if nothing but the root, or nothing at all, is held. */
  isEmpty(): boolean {
    return this.db.query("select 1 from entry where id <> 1 limit 1").values().length === 0;
  }

  get(path: Path): Held | null {
    return this.#row(path);
  }

  children(path: Path): ReadonlyMap<string, Held> {
    const found = new Map<string, Held>();
    const id = this.#idOf(path);
    if (id === null) return found;
    for (const row of this.#byParent.all(id)) found.set(row.name, row);
    return found;
  }

  /** What is held directly below `path` and not in doubt. */
  tally(path: Path): Tally {
    const id = this.#idOf(path);
    const [count, low, high] = id === null ? [0] : (this.#tally.values(id)[0] as (number | null)[]);
    return new Tally(count!, low ?? 0, high ?? 0);
  }

  find(entry: Entry): Path[] {
    const found: Path[] = [];
    for (const row of this.#byIno.all(entry.ino)) {
      if (row.id !== rootId && sameIdentity(row, entry)) found.push(this.#pathOf(row));
    }
    return found;
  }

  put(path: Path, held: Held): void {
    const values = [
      held.kind,
      held.mode,
      held.size,
      held.mtimeMs,
      held.uid,
      held.gid,
      held.dev,
      held.ino,
      held.birthMs,
      held.link,
      held.doubt,
      stampOf(nameOf(path), held),
    ];
    const row = this.#row(path);
    if (row !== null) {
      if (row.kind !== held.kind) this.#ids.clear();
      this.#update.run(...values, row.id);
      return;
    }
    const parent = path === root ? 0 : this.#idOf(parentOf(path));
    if (parent === null) throw new Error(`the ledger holds no directory for ${JSON.stringify(path)}`);
    this.#insert.run(parent, nameOf(path), ...values);
  }

  move(from: Path, to: Path): void {
    const row = this.#row(from);
    if (row === null || from === to) return;
    this.remove(to);
    const parent = this.#idOf(parentOf(to));
    if (parent === null) throw new Error(`the ledger holds no directory for ${JSON.stringify(to)}`);
    this.#rename.run(parent, nameOf(to), stampOf(nameOf(to), row), row.id);
    if (row.kind === "directory") this.#ids.clear();
  }

  remove(path: Path): void {
    const row = this.#row(path);
    if (row === null || path === root) return;
    this.#removeBelow(row);
    if (row.kind === "directory") this.#ids.clear();
  }

  /** The steps that were under way when tsync stopped, in order. */
  journal(): Step[] {
    const rows = this.db.query("select step from journal order by position").values() as [string][];
    return rows.map(([step]) => JSON.parse(step));
  }

  /** Notes steps before they are sent. */
  openJournal(steps: readonly Step[]): void {
    const insert = this.db.prepare("insert into journal (position, step) values (?, ?)");
    this.transaction(() => {
      this.db.run("delete from journal");
      for (const [position, step] of steps.entries()) insert.run(position, JSON.stringify(step));
    });
  }

  /** Forgets the step at `position`, whose fate is recorded. */
  closeJournal(position: number): void {
    this.db.query("delete from journal where position = ?").run(position);
  }

  /** Ends the doubt about time stamps: every event of the time that the entries were read in has been seen. */
  endRaces(): void {
    this.db.query("update entry set doubt = 'none' where doubt = 'racy'").run();
  }

  meta(key: MetaKey): string | null {
    const row = this.db.query("select value from meta where key = ?").values(key)[0];
    return row === undefined ? null : (row[0] as string);
  }

  setMeta(key: MetaKey, value: string): void {
    this.db
      .query("insert into meta (key, value) values (?, ?) on conflict (key) do update set value = ?")
      .run(key, value, value);
  }

  /** Forgets all that the target holds, and starts over with a target called `identity`. */
  startOver(identity: string): void {
    this.transaction(() => {
      this.db.run(`delete from entry where id <> ${rootId}`);
      this.db.run("delete from journal");
      this.db.run("delete from meta where key = 'complete'");
      this.setMeta("identity", identity);
    });
    this.#ids.clear();
  }

  #removeBelow(row: Row): void {
    for (const child of this.#byParent.all(row.id)) this.#removeBelow(child);
    this.#delete.run(row.id);
  }

  #row(path: Path): Row | null {
    if (path === root) return this.#byId.get(rootId);
    const parent = this.#idOf(parentOf(path));
    if (parent === null) return null;
    return this.#byName.get(parent, nameOf(path));
  }

  /** The id of the directory at `path`; null if none is held there. */
  #idOf(path: Path): number | null {
    if (path === root) return rootId;
    const known = this.#ids.get(path);
    if (known !== undefined) return known;
    const row = this.#row(path);
    if (row === null || row.kind !== "directory") return null;
    if (this.#ids.size >= knownIdsMax) this.#ids.clear();
    this.#ids.set(path, row.id);
    return row.id;
  }

  #pathOf(row: Row): Path {
    if (row.parent === rootId) return row.name;
    return join(this.#pathOf(this.#byId.get(row.parent)!), row.name);
  }
}
