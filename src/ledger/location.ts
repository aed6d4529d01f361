/** Where the ledgers are kept. */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "../core/fault.ts";
import { Ledger } from "./ledger.ts";

/** The folder for tsync's state: `$XDG_STATE_HOME/tsync`, by default `~/.local/state/tsync`. */
export function stateFolder(env: Record<string, string | undefined>): string {
  const base = env.XDG_STATE_HOME;
  // The XDG specification has relative paths ignored.
  return join(base?.startsWith("/") ? base : join(homedir(), ".local", "state"), "tsync");
}

/**
 * Opens the ledger of the mirror from `source` to `target` (both as unambiguous text), or says who has it. Its
 * folder is named after both, so that the same mirror finds it again.
 */
export function openLedger(folder: string, source: string, target: string): Ledger | Fault {
  const place = placeOf(folder, source, target);
  const pidFile = join(place, "pid");
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
  } catch (error) {
    return new Fault(
      "ledger",
      `cannot make the folder ${place}: ${error instanceof Error ? error.message : String(error)}`,
      "set XDG_STATE_HOME to a folder that you can write to",
    );
  }
  const ledger = Ledger.open(join(place, "ledger.db"));
  if (ledger instanceof Fault) {
    if (ledger.code !== "locked") return ledger;
    return new Fault(
      "locked",
      `another tsync${ownerOf(pidFile)} is already mirroring ${source} to ${target}`,
      "stop it first, or leave the work to it",
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  ledger.setMeta("source", source);
  ledger.setMeta("target", target);
  return ledger;
}

/**
 * Opens a copy of what the ledger of a mirror holds now (an empty one if there is none yet), also while a tsync
 * works with it. Nothing of the mirror's own is touched.
 */
export function readLedger(folder: string, source: string, target: string): Ledger | Fault {
  const place = placeOf(folder, source, target);
  const copy = mkdtempSync(join(tmpdir(), "tsync-dry-run-"));
  try {
    for (const name of ["ledger.db", "ledger.db-wal"]) {
      if (existsSync(join(place, name))) copyFileSync(join(place, name), join(copy, name));
    }
    return Ledger.open(join(copy, "ledger.db"));
  } finally {
    // An open file stays readable.
    rmSync(copy, { recursive: true, force: true });
  }
}

/** True if it looks as if a tsync were at work on the mirror. */
export function isInUse(folder: string, source: string, target: string): boolean {
  try {
    process.kill(Number(readFileSync(join(placeOf(folder, source, target), "pid"), "utf8")), 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
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
