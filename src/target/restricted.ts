/** The target of an ssh account that runs `rsync --server` and nothing else, as with rrsync as a forced command. */
import { Fault } from "../core/fault.ts";
import { fromText } from "../core/path.ts";
import { destinationWord, type RsyncPlace } from "./rsync-arguments.ts";
import { RsyncOnlyTarget } from "./rsync-only.ts";
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

/**
 * The target for `options.directory`, which the account's restriction may read as below a directory of its own. `open`
 * runs a command. Fault: a directory that cannot be named to every such account.
 */
export function restrictedTarget(
  account: string,
  options: RestrictedOptions,
  open: Open,
): RsyncOnlyTarget | Fault {
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
        open: (command, again) =>
          open(
            command.replace(destinationWord, () => place),
            again,
          ),
      };
    },
  });
}

/** For a shell and for rrsync alike, which knows no quotes: each special character after a backslash. */
function escaped(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9_./@%+=:,\x80-\xff-]/g, "\\$&");
}
