/** What one target holds, in one SQLite file. */
import type { Database, Statement } from "bun:sqlite";
import type { HeldStore } from "../core/acknowledge.ts";
import { type Entry, sameIdentity } from "../core/entry.ts";
import { type Fault, isFault } from "../core/fault.ts";
import type { Held } from "../core/held.ts";
import type { Step } from "../core/operation.ts";
import { join, nameOf, type Path, parentOf, root } from "../core/path.ts";
import { stampOf, Tally } from "../core/stamp.ts";
import { openDatabase, openFault } from "./open-database.ts";
import { Tallies } from "./tallies.ts";

const rootId = 1;

/** Facts about the mirror that are kept beside the entries. */
export type MetaKey =
  | "source"
  | "target"
  | "identity"
  | "complete"
  | "attributes"
  | "verified"
  | "remote-hook";

/** How many identities of one inode are considered: more hard links than that are sent like other files. */
const candidatesMax = 16;

/** How many rows are kept at hand: those of a whole transfer, which is planned, announced and acknowledged. */
const knownMax = 30_000;

/** A row of the table `entry`: an acknowledged entry with its place. */
interface Row extends Held {
  readonly id: number;
  readonly parent: number;
  readonly name: string;
  readonly stamp: number;
}

const columns =
  "id, parent, name, kind, mode, size, mtime_ms as mtimeMs, uid, gid, dev, ino, birth_ms as birthMs, link, doubt," +
  " stamp";

/** The ledger of one mirror. All calls are synchronous; writes are grouped with `transaction`. */
export class Ledger implements HeldStore {
  /** Rows as they are now, and null where none is. */
  readonly #known = new Map<Path, Row | null>();
  readonly #tallies: Tallies;
  readonly #byName: Statement<Row, [number, string]>;
  readonly #byParent: Statement<Row, [number]>;
  readonly #byIno: Statement<Row, [number]>;
  readonly #byId: Statement<Row, [number]>;
  readonly #namesOf: Statement<{ names: number }, [number]>;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #settle: Statement<unknown, [string, number]>;
  readonly #rename: Statement;
  readonly #delete: Statement<unknown, [number]>;

  private constructor(
    private readonly db: Database,
    private readonly onClose: () => void,
  ) {
    this.#byName = db.prepare(`select ${columns} from entry where parent = ? and name = ?`);
    this.#byParent = db.prepare(`select ${columns} from entry where parent = ?`);
    this.#byIno = db.prepare(`select ${columns} from entry where ino = ? limit ${candidatesMax}`);
    this.#byId = db.prepare(`select ${columns} from entry where id = ?`);
    this.#namesOf = db.prepare("select count(*) as names from (select 1 from entry where ino = ? limit 2)");
    this.#tallies = new Tallies(db);
    this.#insert = db.prepare(
      "insert into entry (parent, name, kind, mode, size, mtime_ms, uid, gid, dev, ino, birth_ms, link, doubt, stamp)" +
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#update = db.prepare(
      "update entry set kind = ?, mode = ?, size = ?, mtime_ms = ?, uid = ?, gid = ?, dev = ?, ino = ?," +
        " birth_ms = ?, link = ?, doubt = ?, stamp = ? where id = ?",
    );
    // Leaves the indexes of names and inode numbers alone.
    this.#settle = db.prepare("update entry set doubt = ? where id = ?");
    this.#rename = db.prepare("update entry set parent = ?, name = ?, stamp = ? where id = ?");
    this.#delete = db.prepare("delete from entry where id = ?");
  }

  /**
   * Opens the ledger in `file`, making it if it is not there; `:memory:` keeps it in memory. `check`: it may not have
   * been closed, so all of it is checked. `onClose` is called just before it is closed.
   */
  static open(file: string, check = false, onClose = () => {}): Ledger | Fault {
    const db = openDatabase(file, check);
    if (isFault(db)) return db;
    try {
      return new Ledger(db, onClose);
    } catch (error) {
      db.close();
      return openFault(file, error);
    }
  }

  /** Runs `work` as one transaction: all of its writes, or none. */
  transaction(work: () => void): void {
    if (this.db.inTransaction) {
      work();
      return;
    }
    try {
      this.db.transaction(() => {
        work();
        this.#tallies.flush();
      })();
    } catch (error) {
      this.#tallies.discard();
      this.#known.clear();
      throw error;
    }
  }

  /** Closes the file, for another tsync to open. */
  close(): void {
    this.onClose();
    const reads = [this.#byName, this.#byParent, this.#byIno, this.#byId, this.#namesOf];
    const writes = [this.#insert, this.#update, this.#settle, this.#rename, this.#delete];
    for (const statement of [...reads, ...writes]) statement.finalize();
    this.#tallies.close();
    this.db.close();
  }

  /** Number of entries, without the root. */
  count(): number {
    // Without a condition, SQLite counts by pages instead of by rows.
    const all = this.db.query("select count(*) from entry").values()[0]![0] as number;
    return this.#byId.get(rootId) === null ? all : all - 1;
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

  /** What is held directly below `path`; to be read only. */
  tally(path: Path): Tally {
    const id = this.#idOf(path);
    return id === null ? new Tally() : this.#tallies.get(id);
  }

  find(entry: Entry): Path[] {
    const found: Path[] = [];
    for (const row of this.#byIno.all(entry.ino)) {
      if (row.id !== rootId && sameIdentity(row, entry)) found.push(this.#pathOf(row));
    }
    return found;
  }

  /** False if `find` can give no other path than the one that it is asked for: told faster than by asking. */
  hasOtherNames(entry: Entry): boolean {
    return this.#namesOf.get(entry.ino)!.names > 1;
  }

  /** The files that were announced to be sent, and not acknowledged. */
  unfinished(): Path[] {
    // The first condition makes SQLite use the index of what is in doubt.
    const rows = this.db.query(
      `select ${columns} from entry where doubt <> 'none' and doubt in ('transfer', 'first-transfer') and kind = 'file'`,
    );
    return (rows.all() as Row[]).map((row) => this.#pathOf(row));
  }

  put(path: Path, held: Held): void {
    this.transaction(() => {
      const before = this.#row(path);
      if (before === null) this.#add(path, held);
      else this.#replace(path, before, held);
    });
  }

  move(from: Path, to: Path): void {
    if (from === to) return;
    this.transaction(() => {
      const row = this.#row(from);
      if (row === null) return;
      this.remove(to);
      const parent = this.#idOf(parentOf(to));
      if (parent === null) throw new Error(`the ledger holds no directory for ${JSON.stringify(to)}`);
      const name = nameOf(to);
      const moved = { ...row, parent, name, stamp: stampOf(name, row) };
      this.#rename.run(parent, name, moved.stamp, row.id);
      this.#uncount(row);
      this.#count(moved);
      if (row.kind === "directory") this.#known.clear();
      this.#remember(from, null);
      this.#remember(to, moved);
    });
  }

  remove(path: Path): void {
    if (path === root) return;
    this.transaction(() => {
      const row = this.#row(path);
      if (row === null) return;
      this.#uncount(row);
      this.#removeBelow(row);
      if (row.kind === "directory") this.#known.clear();
      this.#remember(path, null);
    });
  }

  /** The steps that were under way when tsync stopped, in order. */
  journal(): Step[] {
    const rows = this.db.query("select step from journal order by position").values() as [string][];
    return rows.map(([step]) => JSON.parse(step));
  }

  /** Notes steps before they are sent. */
  openJournal(steps: readonly Step[]): void {
    const insert = this.db.query("insert into journal (position, step) values (?, ?)");
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
    // The first condition makes SQLite use the index of what is in doubt.
    const racy = "doubt <> 'none' and doubt = 'racy'";
    this.transaction(() => {
      const rows = this.db.query(`select parent, stamp from entry where ${racy}`).values() as [
        number,
        number,
      ][];
      for (const [parent, stamp] of rows) this.#tallies.settle(parent, stamp);
      this.db.query(`update entry set doubt = 'none' where ${racy}`).run();
    });
    this.#known.clear();
  }

  meta(key: MetaKey): string | null {
    const row = this.db.query("select value from meta where key = ?").values(key)[0];
    return row === undefined ? null : (row[0] as string);
  }

  setMeta(key: MetaKey, value: string): void {
    if (this.meta(key) === value) return;
    this.db
      .query("insert into meta (key, value) values (?, ?) on conflict (key) do update set value = ?")
      .run(key, value, value);
  }

  /** Forgets all that the target holds, and starts over with a target called `identity`. */
  startOver(identity: string): void {
    this.transaction(() => {
      this.db.run(`delete from entry where id <> ${rootId}`);
      this.db.run("delete from tally");
      this.#tallies.discard();
      this.db.run("delete from journal");
      this.db.run("delete from meta where key = 'complete'");
      this.setMeta("identity", identity);
    });
    this.#known.clear();
  }

  #add(path: Path, held: Held): void {
    const parent = path === root ? 0 : this.#idOf(parentOf(path));
    if (parent === null) throw new Error(`the ledger holds no directory for ${JSON.stringify(path)}`);
    const name = nameOf(path);
    const stamp = stampOf(name, held);
    const { lastInsertRowid } = this.#insert.run(parent, name, ...values(held), held.doubt, stamp);
    const row = { ...held, id: Number(lastInsertRowid), parent, name, stamp };
    this.#count(row);
    this.#remember(path, row);
  }

  #replace(path: Path, before: Row, held: Held): void {
    const { id, parent, name } = before;
    const row = { ...held, id, parent, name, stamp: stampOf(name, held) };
    if (row.stamp === before.stamp && isEqual(before, held)) {
      if (held.doubt === before.doubt) return;
      this.#settle.run(held.doubt, id);
    } else {
      this.#update.run(...values(held), held.doubt, row.stamp, id);
    }
    this.#uncount(before);
    this.#count(row);
    if (before.kind !== held.kind) this.#known.clear();
    this.#remember(path, row);
  }

  #removeBelow(row: Row): void {
    for (const child of this.#byParent.all(row.id)) this.#removeBelow(child);
    this.#tallies.forget(row.id);
    this.#delete.run(row.id);
  }

  #count(row: Row): void {
    if (row.id !== rootId) this.#tallies.add(row.parent, row.doubt === "none" ? row.stamp : 0);
  }

  #uncount(row: Row): void {
    if (row.id !== rootId) this.#tallies.subtract(row.parent, row.doubt === "none" ? row.stamp : 0);
  }

  #row(path: Path): Row | null {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const row = this.#read(path);
    this.#remember(path, row);
    return row;
  }

  #read(path: Path): Row | null {
    if (path === root) return this.#byId.get(rootId);
    const parent = this.#idOf(parentOf(path));
    return parent === null ? null : this.#byName.get(parent, nameOf(path));
  }

  #remember(path: Path, row: Row | null): void {
    if (this.#known.size >= knownMax) this.#known.clear();
    this.#known.set(path, row);
  }

  /** The id of the directory at `path`; null if none is held there. */
  #idOf(path: Path): number | null {
    if (path === root) return rootId;
    const row = this.#row(path);
    return row === null || row.kind !== "directory" ? null : row.id;
  }

  #pathOf(row: Row): Path {
    if (row.parent === rootId) return row.name;
    return join(this.#pathOf(this.#byId.get(row.parent)!), row.name);
  }
}

/** The columns from `kind` to `link`. */
function values(entry: Entry): (string | number)[] {
  const { kind, mode, size, mtimeMs, uid, gid, dev, ino, birthMs, link } = entry;
  return [kind, mode, size, mtimeMs, uid, gid, dev, ino, birthMs, link];
}

function isEqual(a: Entry, b: Entry): boolean {
  const [left, right] = [values(a), values(b)];
  return left.every((value, at) => value === right[at]);
}
