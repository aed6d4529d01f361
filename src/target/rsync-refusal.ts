/** What the other side of rsync says when it refuses to work: a daemon, or a restricted account. Pure. */
import { Fault } from "../core/fault.ts";

const deletes = /--(delete|remove|force)/;

const refusedOption = "the server refuses the rsync option";

/** Messages, and the fault that each one is. */
const refusals: readonly (readonly [RegExp, (match: RegExpExecArray) => Fault])[] = [
  [
    /@ERROR: Unknown module '(.*)'/,
    ([, module]) =>
      new Fault(
        "target",
        `the rsync daemon has no module "${module}"`,
        "rsync HOST:: lists those it shows; the others must be written as in its rsyncd.conf",
      ),
  ],
  [
    /@ERROR: auth failed on module (.*)/,
    ([, module]) =>
      new Fault(
        "auth",
        `the rsync daemon refuses user or password for the module "${module}"`,
        "give the user in DEST, and the password with --password-file or in RSYNC_PASSWORD",
      ),
  ],
  [
    /@ERROR: access denied to (\S+)/,
    ([, module]) =>
      new Fault(
        "auth",
        `the rsync daemon does not let this host use the module "${module}"`,
        "see hosts allow and hosts deny in its rsyncd.conf",
      ),
  ],
  [
    /@ERROR: max connections \((-?\d+)\) reached/,
    ([, count]) =>
      new Fault(
        "connection",
        `the rsync daemon has as many connections as it takes (${count})`,
        "see max connections in its rsyncd.conf; tsync tries again by itself",
        true,
      ),
  ],
  [
    /@ERROR: (?:chdir|chroot) failed|Restricted directory does not exist|lock_or_die.*FileNotFoundError/s,
    () =>
      new Fault(
        "target",
        "the directory that the server gives access to is not there",
        "make it there",
        true,
      ),
  ],
  [
    /ERROR: module is read.only|sending to read-only server is not allowed/,
    () =>
      new Fault("target", "the server lets nobody write there", "make it writable in the server's settings"),
  ],
  [
    /Another instance of rrsync is already accessing/,
    () =>
      new Fault(
        "connection",
        "another client is at work in the directory of rrsync there",
        "rrsync -no-lock lets several in; tsync tries again by itself",
        true,
      ),
  ],
  [
    /The server is configured to refuse (\S+)|option (\S+) has been disabled on this server/,
    ([, refused, disabled]) => {
      const option = refused ?? disabled!;
      return new Fault(
        "target",
        `${refusedOption} ${option}`,
        deletes.test(option) ? "allow it there, or use --delete never" : "allow it in the server's settings",
      );
    },
  ],
  [
    /(?:failed to connect to|getaddrinfo:) (.*)/,
    ([, what]) =>
      new Fault("connection", `cannot reach the rsync daemon: ${what}`, "is it running there?", true),
  ],
  [
    /^tsync: not run: (.*)/m,
    ([, said]) =>
      new Fault(
        "connection",
        `the account there did not run rsync, but said: ${said}`,
        "see its start-up files and forced command",
        true,
      ),
  ],
  [
    /is your shell clean\?/,
    () =>
      new Fault(
        "connection",
        "the account there prints something before rsync answers",
        "its start-up files must print nothing where there is no terminal",
        true,
      ),
  ],
  [
    /timeout waiting for daemon connection/,
    () => new Fault("connection", "the rsync daemon does not answer", "", true),
  ],
  [
    /did not see server greeting/,
    () =>
      new Fault("connection", "what answers there is no rsync daemon", "check host and port in DEST", true),
  ],
  [/@ERROR: (.*)/, ([, what]) => new Fault("connection", `the rsync daemon refuses: ${what}`, "", true)],
];

/** The refusal in what rsync said; null if there is none. */
export function refusalFault(stderr: string): Fault | null {
  for (const [pattern, fault] of refusals) {
    const match = pattern.exec(stderr);
    if (match !== null) return fault(match);
  }
  return null;
}

/** True if it is an option that is refused, not the place. */
export function isRefusedOption(fault: Fault): boolean {
  return fault.message.startsWith(refusedOption);
}

/** True if a place may be written to, but not listed. */
export function isWriteOnly(stderr: string): boolean {
  return /ERROR: module is write.only|reading from write-only server is not allowed/.test(stderr);
}
