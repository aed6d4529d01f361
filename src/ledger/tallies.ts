/** What is held directly in each directory, as one sum: kept up to date by every write, so that reading it is one row. */
import type { Database, Statement } from "bun:sqlite";
import { Tally } from "../core/stamp.ts";

/** The table `tally`. Changes are gathered until `flush`, at the end of each transaction. */
export class Tallies {
  readonly #changed = new Map<number, Tally>();
  readonly #select: Statement<unknown, [number]>;
  readonly #replace: Statement<unknown, [number, number, number, number]>;
  readonly #delete: Statement<unknown, [number]>;

  constructor(db: Database) {
    this.#select = db.prepare("select count, low, high from tally where parent = ?");
    this.#replace = db.prepare("insert or replace into tally (parent, count, low, high) values (?, ?, ?, ?)");
    this.#delete = db.prepare("delete from tally where parent = ?");
  }

  /** What is in the directory with the id `parent`; to be read only. */
  get(parent: number): Tally {
    const changed = this.#changed.get(parent);
    if (changed !== undefined) return changed;
    const row = this.#select.values(parent)[0] as [number, number, number] | undefined;
    return row === undefined ? new Tally() : new Tally(...row);
  }

  /** An entry with this stamp is in the directory `parent` from now on. */
  add(parent: number, stamp: number): void {
    this.#change(parent).add(stamp);
  }

  /** An entry with this stamp is no longer in the directory `parent`. */
  subtract(parent: number, stamp: number): void {
    this.#change(parent).subtract(stamp);
  }

  /** The entry in the directory `parent` that was in doubt has this stamp. */
  settle(parent: number, stamp: number): void {
    this.#change(parent).settle(stamp);
  }

  /** The directory `parent` was removed; another one may get its id. */
  forget(parent: number): void {
    this.#changed.set(parent, new Tally());
  }

  /** Writes what changed. */
  flush(): void {
    for (const [parent, { count, low, high }] of this.#changed) {
      if (count === 0) this.#delete.run(parent);
      else this.#replace.run(parent, count, low, high);
    }
    this.#changed.clear();
  }

  /** Forgets what changed, because its transaction was undone. */
  discard(): void {
    this.#changed.clear();
  }

  close(): void {
    for (const statement of [this.#select, this.#replace, this.#delete]) statement.finalize();
  }

  #change(parent: number): Tally {
    const tally = this.get(parent);
    this.#changed.set(parent, tally);
    return tally;
  }
}
