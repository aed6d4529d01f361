/** What `tsync doctor` makes of what it found: what each thing means, and how it could be better. Pure. */
import { display } from "../core/path.ts";
import type { HostConfig } from "../ssh/config/config.ts";
import type { ConnectionFacts } from "../ssh/connection.ts";
import { isFragile, receiverVersion } from "../target/own-sender.ts";
import type { HostProbe } from "../target/probe.ts";
import { bytes, count, duration } from "./amounts.ts";

/** One line of the checklist. */
export interface Diagnosis {
  readonly level: "ok" | "note" | "warning" | "error";
  /** What was looked at. */
  readonly what: string;
  /** What was found. */
  readonly found: string;
  /** What that means, and how to make it better; empty where it is as it should be. */
  readonly advice: string;
}

const ok = (what: string, found: string): Diagnosis => ({ level: "ok", what, found, advice: "" });
const not =
  (level: Diagnosis["level"]) =>
  (what: string, found: string, advice: string): Diagnosis => ({ level, what, found, advice });
const [note, warning, error] = [not("note"), not("warning"), not("error")];

/** A shell that takes longer to start than this delays what is not started in advance. */
const shellStartMaxMs = 500;

/** More than this between two changes of a file cannot be told by its time any more. */
const clockMaxMs = 2_000;

/** Less than this share free is little. */
const freeMin = 0.05;

/** One for the shell, one for a transfer, two receivers that wait for the next, one for a listing. */
const sessionsMin = 5;

/** How the host is reached, as the configuration has it. */
export function diagnoseConfig(config: HostConfig): Diagnosis[] {
  const ways = [];
  for (let hop = config.jump; hop !== null; hop = hop.jump)
    ways.unshift(`${hop.user}@${hop.hostname}:${hop.port}`);
  if (config.proxyCommand !== "") ways.push(`the command: ${config.proxyCommand}`);
  const through = ways.length === 0 ? "" : `, through ${ways.join(", then ")}`;
  return [
    ok("configuration", `${config.host} is ${config.user}@${config.hostname}, port ${config.port}${through}`),
    ...config.warnings.map((text) => warning("configuration", text, "")),
  ];
}

/** What was agreed on with the server. */
export function diagnoseConnection(facts: ConnectionFacts): Diagnosis[] {
  const mac = facts.mac === "" ? "" : `, ${facts.mac}`;
  const isFast = /gcm|chacha20/.test(facts.cipher);
  const encryption = `${facts.keyExchange}, ${facts.cipher}${mac}`;
  return [
    ok("server", `${display(facts.server)}${facts.address === "" ? "" : ` at ${facts.address}`}`),
    ok("host key", `${facts.hostKeyType} ${facts.hostKeyFingerprint}, known`),
    isFast
      ? ok("encryption", encryption)
      : note(
          "encryption",
          encryption,
          "aes128-gcm@openssh.com is faster: allow it in Ciphers, there and here",
        ),
    ...(facts.compression === "none"
      ? []
      : [note("compression", facts.compression, "it helps on slow lines only; on fast ones leave it off")]),
    ok("authentication", facts.acceptedBy),
    ok("connecting", `took ${duration(facts.connectMs)}; once, until the connection is lost`),
  ];
}

/**
 * The line, the account and the directory. `rsyncHere`: the version here, empty if there is none; `server`: the ssh
 * server, as it calls itself.
 */
export function diagnoseHost(probe: HostProbe, rsyncHere: string, server: string): Diagnosis[] {
  return [
    ok(
      "round trip",
      `${probe.roundTripMs < 1 ? "less than 1 ms" : duration(probe.roundTripMs)}: so long takes a move, a removal or a new directory, however large`,
    ),
    ok("system", `${display(probe.system) || "unknown"}, ${probe.userland} programs`),
    diagnoseShell(probe),
    ...diagnoseRsync(probe.rsyncVersion, rsyncHere, server),
    ...diagnoseDirectory(probe),
    ...diagnoseSpace(probe),
    ...diagnoseClock(probe.clockAheadMs),
    diagnoseSessions(probe.sessions),
  ];
}

function diagnoseSessions(sessions: number | null): Diagnosis {
  if (sessions === null) return ok("sessions", "12 or more on one connection");
  const found = `${sessions} on one connection (MaxSessions)`;
  return sessions >= sessionsMin
    ? ok("sessions", found)
    : note(
        "sessions",
        found,
        `tsync uses up to ${sessionsMin} at a time and opens more connections instead; raise MaxSessions in the server's sshd_config`,
      );
}

/** The account has no shell: `reason` says what answered. */
export function diagnoseNoShell(reason: string): Diagnosis {
  return note(
    "shell",
    reason,
    "if rsync may run (as with rrsync), it does everything; a moved file is sent again then. With a shell, moves cost nothing",
  );
}

function diagnoseShell({ loginShell, shellStartMs, user }: HostProbe): Diagnosis {
  const found = `${display(loginShell) || "unknown"} of ${display(user) || "the account"}, starts in ${duration(shellStartMs)}`;
  if (shellStartMs <= shellStartMaxMs) return ok("login shell", found);
  return warning(
    "login shell",
    found,
    "each transfer that was not started in advance waits for it: look for what is slow in its start-up files, " +
      "and let them end early where no one is logged in ([ -t 0 ] || return)",
  );
}

function diagnoseRsync(there: string, here: string, server: string): Diagnosis[] {
  const install = "install it, for example with: apt-get install rsync";
  const isCapable = there !== "" && !isOld(there);
  const withoutIt =
    "tsync sends to this target itself; verify, other kinds of targets and some options (--compress, --hard-links, ...) need it";
  return [
    here !== ""
      ? rsyncFound("rsync here", here)
      : isCapable
        ? note("rsync here", "not installed", withoutIt)
        : error("rsync here", "not installed", install),
    there === "" ? error("rsync there", "not installed", install) : rsyncFound("rsync there", there),
    ...(there === "" ? [] : [diagnoseSender(isCapable, isFragile(server) && here !== "")]),
  ];
}

function diagnoseSender(isCapable: boolean, isAvoided: boolean): Diagnosis {
  if (!isCapable) {
    return note(
      "sender",
      "rsync here",
      "a save costs about nine round trips; one with rsync 3.1.3 or later there",
    );
  }
  if (!isAvoided) return ok("sender", "tsync itself: a save costs one round trip");
  const why =
    "Dropbear may break all off when a session begins while another one ends; --sender builtin tries it";
  return note("sender", "rsync here", why);
}

function rsyncFound(what: string, version: string): Diagnosis {
  return isOld(version)
    ? warning(what, version, "before 3.1.3 times lose what is below a second, and errors get lost: update it")
    : ok(what, version);
}

function isOld(version: string): boolean {
  return receiverVersion(`rsync version ${version}`) === null;
}

function diagnoseDirectory({ directory, user }: HostProbe): Diagnosis[] {
  const nearest = display(directory.nearest);
  switch (directory.state) {
    case "writable":
      return [ok("directory", `${nearest} can be written`)];
    case "makeable":
      return [ok("directory", `is not there; it can be made in ${nearest}`)];
    case "forbidden":
      return [
        error(
          "directory",
          `${nearest} cannot be written by ${display(user)}`,
          "give the account the right to, or mount the file system read-write",
        ),
      ];
    default:
      return [error("directory", `${nearest} is not a directory`, "choose another place")];
  }
}

function diagnoseSpace({ directory }: HostProbe): Diagnosis[] {
  const { freeBytes, sizeBytes, freeInodes, inodes } = directory;
  const found: Diagnosis[] = [];
  if (freeBytes !== null && sizeBytes !== null) {
    const text = `${bytes(freeBytes)} free of ${bytes(sizeBytes)}`;
    const isLittle = freeBytes < sizeBytes * freeMin;
    found.push(
      isLittle
        ? warning(
            "space",
            text,
            "a target that is full keeps its old content until there is room again: make some",
          )
        : ok("space", text),
    );
  }
  if (freeInodes !== null && inodes !== null) {
    const text = `${count(freeInodes)} free of ${count(inodes)}`;
    found.push(
      freeInodes < inodes * freeMin
        ? warning(
            "inodes",
            text,
            "each file and directory needs one: remove some, or choose another file system",
          )
        : ok("inodes", text),
    );
  }
  return found;
}

function diagnoseClock(aheadMs: number | null): Diagnosis[] {
  if (aheadMs === null) return [];
  if (Math.abs(aheadMs) <= clockMaxMs) return [ok("clock", "as here")];
  const found = `${duration(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead" : "behind"}`;
  return [
    note(
      "clock",
      found,
      "mirrored times are those of the source, so nothing is lost; programs there may take files for new or old: use NTP",
    ),
  ];
}
