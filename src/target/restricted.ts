/** The target of an ssh account that runs `rsync --server` and nothing else, as with rrsync as a forced command. */
import { Fault, isFault } from "../core/fault.ts";
import { fromText } from "../core/path.ts";
import type { Executor } from "../ssh/connection.ts";
import { RsyncOnlyTarget } from "./rsync-only.ts";
import { destinationWord, type RsyncPlace } from "./rsync-place.ts";
import { sftpOnly } from "./sftp-only.ts";
import type { TransferOptions } from "./transfer-options.ts";

type Open = Extract<RsyncPlace, { open: unknown }>["open"];

/** What such a target is made of: as in `RsyncOnlyOptions`, with the directory as the user wrote it. */
interface RestrictedOptions {
  readonly directory: string;
  readonly base: string;
  readonly mayReplace: boolean;
  readonly mustList: boolean;
  readonly mayMake?: boolean;
  readonly transfer: TransferOptions;
}

/** An account that gave no shell. */
interface Account {
  readonly connection: Executor;
  /** What it said instead. */
  readonly noShell: Fault;
  /** Runs a command there. */
  readonly open: Open;
}

/** The target for an account without a shell, once `attempt` has found that it works; else what is wrong there. */
export async function targetWithoutShell(
  { connection, noShell, open }: Account,
  options: RestrictedOptions,
  attempt: (target: RsyncOnlyTarget) => Promise<Fault | null>,
): Promise<RsyncOnlyTarget | Fault> {
  const target = restrictedTarget(connection.describe, options, open);
  if (isFault(target)) return target;
  // (rsync and an SFTP server would wait for each other.)
  const fault = (await sftpOnly(connection)) ?? (await attempt(target));
  if (fault === null) return target;
  // rsync does not work either: then this is no account for it, and the first answer says more.
  const isForRsync = noShell.message.includes("rrsync");
  return fault.code === "connection" && connection.alive && !isForRsync ? noShell : fault;
}

/**
 * The target for `options.directory`, which the account's restriction may read as below a directory of its own. `open`
 * runs a command. Fault: a directory that cannot be named to every such account.
 */
function restrictedTarget(account: string, options: RestrictedOptions, open: Open): RsyncOnlyTarget | Fault {
  if (options.transfer.backup !== null) {
    return new Fault("target", `no backups can be made on ${account}: it has no shell`, "leave out --backup");
  }
  // What is below the home directory is so without saying it.
  const written = options.directory.replace(/^~(\/+|$)/, "");
  // rrsync expands patterns even if they are quoted, and knows no way to quote a line break.
  if (/[*?[\]{}~\n\r]/.test(written)) {
    return new Fault(
      "target",
      `the directory ${JSON.stringify(options.directory)} on ${account} cannot be used without a shell there`,
      "choose one without any of * ? [ ] { } ~ and line breaks in its name",
    );
  }
  const parts = written.split("/").filter((part) => part !== "" && part !== ".");
  const top = written.startsWith("/") ? "/" : "";
  return new RsyncOnlyTarget({
    ...options,
    name: `${account}:${top}${parts.join("/")} (by rsync alone)`,
    path: fromText(parts.join("/")),
    placeOf: (path) => {
      // `./` keeps a name that begins with a dash from being an option.
      const place = escaped(`${top === "" ? "." : ""}${path === "" ? "" : `/${path}`}`);
      return {
        restricted: true,
        open: (command, outlook) =>
          open(
            command.replace(destinationWord, () => place),
            outlook,
          ),
      };
    },
  });
}

/** For a shell and for rrsync alike, which knows no quotes: each special character after a backslash. */
function escaped(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9_./@%+=:,\x80-\xff-]/g, "\\$&");
}
