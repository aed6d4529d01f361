/** Where the ledgers are kept. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Fault, isFault } from "../core/fault.ts";
import { reasonOf } from "../system/file-error.ts";
import { Ledger } from "./ledger.ts";
import { DamagedLedger } from "./open-database.ts";

/** The folder for tsync's state: `$XDG_STATE_HOME/tsync`, by default `~/.local/state/tsync`. */
export function stateFolder(env: Record<string, string | undefined>): string {
  const base = env.XDG_STATE_HOME;
  // The XDG specification has relative paths ignored.
  return join(base?.startsWith("/") ? base : join(homedir(), ".local", "state"), "tsync");
}

/** Holds the id of the process that has the ledger open. */
const pidName = "in-use";

/** Tells somebody what was found to be wrong, and mended. */
export type Warn = (reason: string, hint: string) => void;

const copied = ["ledger.db", "ledger.db-wal"];

/** How often a copy is tried that another tsync was changing meanwhile. */
const copiesMax = 3;

/**
 * Opens the ledger of the mirror from `source` to `target` (both as unambiguous text), or says who has it. Its
 * folder is named after both, so that the same mirror finds it again. One that is damaged is set aside.
 */
export function openLedger(
  folder: string,
  source: string,
  target: string,
  warn: Warn = () => {},
): Ledger | Fault {
  const place = placeOf(folder, source, target);
  const pidFile = join(place, pidName);
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
  } catch (error) {
    return new Fault(
      "ledger",
      `cannot make the folder ${place}: ${error instanceof Error ? error.message : String(error)}`,
      "set XDG_STATE_HOME to a folder that you can write to",
    );
  }
  const file = join(place, "ledger.db");
  const ledger = openOrReplace(file, pidFile, warn);
  if (isFault(ledger)) {
    if (ledger.code !== "locked") return ledger;
    return new Fault(
      "locked",
      `another tsync${ownerOf(pidFile)} is already mirroring ${source} to ${target}`,
      "stop it first, or leave the work to it",
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  open.add(pidFile);
  ledger.setMeta("source", source);
  ledger.setMeta("target", target);
  return ledger;
}

/** The files with the process id of ledgers that are open in this process. */
const open = new Set<string>();

/** What stands there in place of a process id once something was wrong with a ledger. */
const suspect = "suspect\n";

// However a process ends by itself, SQLite has closed its files then.
process.on("exit", () => {
  for (const pidFile of open) rmSync(pidFile, { force: true });
});

/** Something was wrong with a ledger: those that are open are checked at the next start. */
export function suspectLedgers(): void {
  for (const pidFile of open) writeFileSync(pidFile, suspect, { mode: 0o600 });
  open.clear();
}

/** While the file with the process id is there, the ledger was not closed. */
function openOrReplace(file: string, pidFile: string, warn: Warn): Ledger | Fault {
  const forget = () => {
    open.delete(pidFile);
    rmSync(pidFile, { force: true });
  };
  const wasKilled = existsSync(pidFile);
  const isSuspect = wasKilled && readFileSync(pidFile, "utf8") === suspect;
  const lost = isAtWork(pidFile, file) ? null : whatIsLost(file, wasKilled && !isSuspect);
  if (lost === null) makePrivate(file);
  const opened = lost === null ? Ledger.open(file, wasKilled, forget) : new DamagedLedger(file, lost);
  if (!(opened instanceof DamagedLedger)) return opened;
  if (isAtWork(pidFile, file)) return new Fault("locked", opened.message);
  const aside = `${file}.damaged`;
  try {
    for (const suffix of ["", "-wal", "-shm"]) {
      rmSync(aside + suffix, { force: true });
      if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
    }
  } catch (error) {
    return new Fault("ledger", `${opened.message}, and cannot be set aside: ${reasonOf(error)}`, opened.hint);
  }
  warn(
    `${opened.message}; it is kept as ${aside}, and everything is compared with the target`,
    "only what differs is sent",
  );
  makePrivate(file);
  return Ledger.open(file, false, forget);
}

/** What shows without a look into the file; null if nothing does. */
function whatIsLost(file: string, wasKilled: boolean): string | null {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === 0) return "is an empty file";
  // What was written last was there alone.
  return size !== undefined && wasKilled && !existsSync(`${file}-wal`)
    ? "has lost its write-ahead log"
    : null;
}

/**
 * Opens a copy of what the ledger of a mirror holds now (an empty one if there is none yet), also while a tsync
 * works with it. Nothing of the mirror's own is touched.
 */
export function readLedger(
  folder: string,
  source: string,
  target: string,
  warn: Warn = () => {},
): Ledger | Fault {
  const place = placeOf(folder, source, target);
  for (let tries = 1; ; tries++) {
    const copy = mkdtempSync(join(tmpdir(), "tsync-dry-run-"));
    try {
      for (const name of copied) {
        if (existsSync(join(place, name))) copyFileSync(join(place, name), join(copy, name));
      }
      // It may have been changed while it was copied.
      const ledger = Ledger.open(join(copy, "ledger.db"), existsSync(join(place, pidName)));
      if (!(ledger instanceof DamagedLedger)) return ledger;
      if (tries < copiesMax) continue;
      warn(`the ledger ${join(place, "ledger.db")} ${ledger.reason}`, "going on as if there were none");
      return Ledger.open(":memory:");
    } finally {
      // An open file stays readable.
      rmSync(copy, { recursive: true, force: true });
    }
  }
}

/** True if it looks as if a tsync were at work on the mirror. */
export function isInUse(folder: string, source: string, target: string): boolean {
  const place = placeOf(folder, source, target);
  return isAtWork(join(place, pidName), join(place, "ledger.db"));
}

/** True if the process that `pidFile` names is there and, where that can be told, has `file` open. */
function isAtWork(pidFile: string, file: string): boolean {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    return pid > 0 && process.kill(pid, 0) && hasOpen(pid, file);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

function hasOpen(pid: number, file: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    const real = realpathSync(file);
    return readdirSync(folder).some((name) => readLink(`${folder}/${name}`) === real);
  } catch {
    return true;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** Lets nobody else read `file`, which is made if it is not there. SQLite's other files get the same rights. */
function makePrivate(file: string): void {
  try {
    // (To open one that is there, and close it, would take away the lock that this process may have on it.)
    if (existsSync(file)) chmodSync(file, 0o600);
    else closeSync(openSync(file, "wx", 0o600));
  } catch {
    // Whoever opens it says what is wrong.
  }
}

function placeOf(folder: string, source: string, target: string): string {
  const digest = createHash("sha256").update(`${source}\0${target}`).digest("hex").slice(0, 16);
  const readable = `${source}-to-${target}`.replace(/[^A-Za-z0-9._-]+/g, "_").slice(0, 80);
  return join(folder, "mirrors", `${readable}-${digest}`);
}

function ownerOf(pidFile: string): string {
  try {
    return ` (process ${readFileSync(pidFile, "utf8").trim()})`;
  } catch {
    return "";
  }
}
