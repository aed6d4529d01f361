/** What the settings of a target mean for how content is sent to it. Values that cannot work are refused. */
import { accessSync, constants } from "node:fs";
import { posix, resolve } from "node:path";
import type { Destination } from "../config/destination.ts";
import type { Settings } from "../config/options.ts";
import { parseChmod } from "../core/chmod.ts";
import { Fault, isFault } from "../core/fault.ts";
import { fromText } from "../core/path.ts";
import { needsRsync } from "../target/own-sender.ts";
import { rsyncArgumentProblem } from "../target/rsync-extra.ts";
import { type BackupOptions, defaultTransfer, type TransferOptions } from "../target/transfer-options.ts";

/** The options for sending to `destination`. */
export function transferOptions(settings: Settings, destination: Destination): TransferOptions | Fault {
  const problem = badValue(settings);
  if (problem !== null) return new Fault("usage", problem, "see tsync --help");
  if (destination.kind === "daemon" && (settings.backup === true || settings["backup-dir"] !== undefined)) {
    const why = `no backups can be made on the rsync daemon ${destination.name}`;
    return new Fault("usage", why, "leave out --backup and --backup-dir for it");
  }
  const program = localProgram(settings.rsync);
  if (isFault(program)) return program;
  const is = (name: keyof Settings) => settings[name] === true;
  const isNot = (name: keyof Settings) => settings[name] !== false;
  const transfer: TransferOptions = {
    program,
    remoteProgram: settings["rsync-path"] ?? defaultTransfer.remoteProgram,
    sender: settings.sender ?? defaultTransfer.sender,
    keepWarmMs: settings["keep-warm"] ?? defaultTransfer.keepWarmMs,
    extra: settings["rsync-arg"] ?? [],
    bandwidth: settings.bwlimit ?? null,
    silenceMaxMs: settings.timeout ?? defaultTransfer.silenceMaxMs,
    compress: is("compress"),
    checksum: is("checksum"),
    partialDirectory: settings["partial-dir"] === undefined ? null : fromText(settings["partial-dir"]),
    inplace: is("inplace"),
    append: is("append-verify") ? "verified" : is("append") ? "unverified" : "no",
    delayUpdates: is("delay-updates"),
    sparse: is("sparse"),
    perms: isNot("perms"),
    times: isNot("times"),
    owner: isNot("owner"),
    group: isNot("group"),
    acls: is("acls"),
    xattrs: is("xattrs"),
    hardLinks: is("hard-links"),
    chmod: settings.chmod ?? null,
    chown: settings.chown ?? null,
    links: isNot("links"),
    copyLinks: is("copy-links"),
    copyUnsafeLinks: is("copy-unsafe-links"),
    safeLinks: is("safe-links"),
    backup: backupOptions(settings, destination),
  };
  return senderProblem(transfer, destination) ?? transfer;
}

/** What keeps tsync's own sender from doing what it alone is to do. */
function senderProblem(transfer: TransferOptions, destination: Destination): Fault | null {
  if (transfer.sender !== "builtin") return null;
  if (destination.kind !== "ssh") {
    const why = `--sender builtin is for ssh targets, and ${destination.name} is none`;
    return new Fault("usage", why, "leave it out for this one");
  }
  const [option] = needsRsync(transfer);
  if (option === undefined) return null;
  return new Fault(
    "usage",
    `--sender builtin and ${option} contradict each other: that is for rsync to do`,
    "leave one of them out",
  );
}

/** What is wrong with single options. */
function badValue(settings: Settings): string | null {
  const wrong = (name: keyof Settings, what: string) =>
    `--${name} is ${JSON.stringify(settings[name])}, ${what}`;
  const { chmod, chown, suffix, "partial-dir": partial, "backup-dir": backup } = settings;
  if (chmod !== undefined && parseChmod(chmod) === null) {
    return wrong("chmod", "which is not a list of changes like D755,F644 or u+rw,go-w");
  }
  // Only what no shell on the way looks into: old versions of rsync do not quote it.
  if (chown !== undefined && !/^(?=.)[\w.@+-]*\$?(:[\w.@+-]+\$?)?$/.test(chown)) {
    return wrong("chown", "which is not USER, USER:GROUP or :GROUP");
  }
  if (suffix?.includes("/")) return wrong("suffix", "which has a slash");
  if (partial !== undefined && !partial.startsWith("/") && !/^(?!\.{1,2}$)[^/]+$/.test(partial)) {
    return wrong("partial-dir", "which is neither one name nor an absolute path");
  }
  if (backup !== undefined && posix.join("/x", backup) === "/x") {
    return wrong("backup-dir", "which is the target itself");
  }
  for (const argument of settings["rsync-arg"] ?? []) {
    const problem = rsyncArgumentProblem(argument);
    if (problem !== null) return `--rsync-arg: ${argument} ${problem}`;
  }
  return null;
}

/** The rsync program here, if it was given. */
function localProgram(given: string | undefined): string | Fault {
  if (given === undefined) return defaultTransfer.program;
  // It is started in the source's root, where a relative path would mean something else.
  const program = given.includes("/") ? resolve(given) : Bun.which(given);
  try {
    accessSync(program ?? "", constants.X_OK);
    return program!;
  } catch {
    return new Fault(
      "missing-program",
      `the rsync program ${given} is missing here, or cannot be run`,
      "check --rsync, or install it",
    );
  }
}

function backupOptions(settings: Settings, destination: Destination): BackupOptions | null {
  const given = settings["backup-dir"];
  if (settings.backup !== true && given === undefined) return null;
  if (given === undefined) return { directory: null, suffix: fromText(settings.suffix ?? "~") };
  return { directory: fromText(belowTarget(given, destination)), suffix: fromText(settings.suffix ?? "") };
}

/** The directory as a path below the target's root if it is there, else absolute or with `..` at its start. */
function belowTarget(directory: string, destination: Destination): string {
  const path = destination.kind === "exec" ? "" : destination.path;
  const plain = posix.normalize(directory).replace(/(?<=.)\/$/, "");
  return path.startsWith("/") && plain.startsWith(`${path}/`) ? plain.slice(path.length + 1) : plain;
}
