/** Opens the file of a ledger, and finds out whether it is one. */
import { Database, SQLiteError } from "bun:sqlite";
import { Fault } from "../core/fault.ts";
import { schema, schemaVersion } from "./schema.ts";

/** The file is no ledger, or not a whole one: only another one helps. */
export class DamagedLedger extends Fault {
  constructor(
    file: string,
    /** What is wrong with it, as the rest of "the ledger …". */
    readonly reason: string,
  ) {
    super(
      "ledger",
      `the ledger ${file} ${reason}`,
      "move it away to have everything compared with the target",
    );
  }
}

/** Opens `file`, making it if it is not there, for one process alone. `check`: all of it is checked. */
export function openDatabase(file: string, check: boolean): Database | Fault {
  let db: Database | null = null;
  try {
    db = new Database(file, { create: true, strict: true });
    // Held until the process ends, however it ends: the one writer of this ledger.
    db.run("pragma locking_mode = exclusive");
    db.run("begin exclusive");
    db.run("commit");
    const names = db.query("select name from sqlite_schema").values().flat() as string[];
    const version = db.query("pragma user_version").values()[0]![0] as number;
    const isNew = names.length === 0 && version === 0;
    const fault = (isNew ? null : unusable(file, names, version)) ?? (check ? checkWhole(db, file) : null);
    if (fault !== null) {
      db.close();
      return fault;
    }
    db.run("pragma journal_mode = wal");
    db.run("pragma synchronous = normal");
    db.run("pragma cache_size = -8000");
    if (isNew) makeTables(db);
    return db;
  } catch (error) {
    db?.close();
    return openFault(file, error);
  }
}

/** Why a file with these tables and this version cannot be used; null if it can. */
function unusable(file: string, names: readonly string[], version: number): Fault | null {
  if (!names.includes("entry")) return new DamagedLedger(file, "was not written by tsync");
  if (version < schemaVersion) return new DamagedLedger(file, "was written by an older tsync");
  if (version === schemaVersion) return null;
  return new Fault(
    "ledger",
    `the ledger ${file} has version ${version}, this tsync reads version ${schemaVersion}`,
    "use the tsync that wrote it, or move the file away to have everything compared with the target",
  );
}

function makeTables(db: Database): void {
  db.transaction(() => {
    db.run(schema);
    db.run(`pragma user_version = ${schemaVersion}`);
  })();
}

/** Reads all pages and indexes: a third of a second for 400,000 entries. */
function checkWhole(db: Database, file: string): Fault | null {
  const [first] = db.query("pragma integrity_check(1)").values().flat() as string[];
  return first === "ok"
    ? null
    : new DamagedLedger(file, `is damaged (${first?.replaceAll("\n", " ").trim()})`);
}

/** What an error of SQLite means for whoever wanted to use the ledger in `file`. */
export function openFault(file: string, error: unknown): Fault {
  const code = error instanceof SQLiteError ? (error.code ?? "") : "";
  if (code === "SQLITE_BUSY") return new Fault("locked", "another tsync is working on this mirror");
  const reason = error instanceof Error ? error.message : String(error);
  if (/^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(code)) return new DamagedLedger(file, `is damaged (${reason})`);
  return new Fault(
    "ledger",
    `cannot open the ledger ${file}: ${reason}`,
    "check the disk and the file's owner",
  );
}

/** The fault that an error thrown in the middle of the work stands for; null if it is none of SQLite's. */
export function ledgerFault(error: unknown): Fault | null {
  if (!(error instanceof SQLiteError)) return null;
  return new Fault(
    "ledger",
    `the ledger cannot be used any more: ${error.message}`,
    "check the disk where it is; the next start checks it, and makes a new one if it is damaged",
  );
}
