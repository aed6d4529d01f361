/** The target in a module of an rsync daemon. */
import { fromText, type Path, toText } from "../core/path.ts";
import { RsyncOnlyTarget } from "./rsync-only.ts";
import { inPlace } from "./rsync-place.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** What such a target is made of: as in `RsyncOnlyOptions`, and where the daemon is. */
interface DaemonOptions {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  readonly module: string;
  /** Below the module, as text. */
  readonly directory: string;
  /** Empty if there is none. */
  readonly password: string;
  readonly base: string;
  readonly mayReplace: boolean;
  readonly mustList: boolean;
  readonly mayMake?: boolean;
  readonly transfer?: TransferOptions;
}

/** The target that is the directory in the module. */
export function daemonTarget(options: DaemonOptions): RsyncOnlyTarget {
  const { user, port, module, directory, password } = options;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const top = `rsync://${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}/${module}`;
  return new RsyncOnlyTarget({
    ...options,
    name: directory === "" ? top : `${top}/${directory}`,
    path: fromText(directory),
    placeOf: (path: Path) => ({
      url: inPlace(path === "" ? top : `${top}/${literal(toText(path))}`),
      password,
    }),
  });
}

/** A path that the daemon takes as it is, although it looks for patterns in it. */
function literal(path: string): string {
  return /[*?[]/.test(path) ? path.replaceAll(/[*?[\]\\]/g, "\\$&") : path;
}
