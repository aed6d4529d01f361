/** Reads a destination as it is written on the command line. */
import { Fault } from "../core/fault.ts";

/** Where a mirror goes to. `name` is what the user wrote. */
export type Destination =
  | { readonly kind: "local"; readonly name: string; readonly path: string }
  | {
      readonly kind: "ssh";
      readonly name: string;
      readonly host: string;
      readonly user?: string;
      /** Absolute, or below the home directory; `""` is the home directory itself. */
      readonly path: string;
    };

const forms = "use /local/path, host:path, user@host:path or [ipv6]:path";

/**
 * As rsync reads it: a colon before any slash separates a host from a path. A local path that has one is written
 * with `./` in front.
 */
export function parseDestination(text: string): Destination | Fault {
  const wrong = (why: string) => new Fault("usage", `the destination "${text}" ${why}`, forms);
  if (text === "") return wrong("is empty");
  if (text.includes("\0")) return wrong("has a NUL byte");
  if (/^(ssh|rsync):\/\//.test(text)) return wrong("is an URL, which this version cannot read");
  const match = /^(?:([^@/:[\]]*)@)?(\[[^\]/]+\]|[^@/:[\]]+):(.*)$/s.exec(text);
  if (match === null) {
    const colon = text.indexOf(":");
    if (colon >= 0 && !text.slice(0, colon).includes("/")) return wrong("has no valid host before the colon");
    return { kind: "local", name: text, path: text };
  }
  const [, user, bracketed, path] = match as unknown as [string, string | undefined, string, string];
  if (path.startsWith(":")) return wrong("names an rsync daemon, which this version cannot reach");
  if (user === "") return wrong("has an empty user name before the @");
  const host = bracketed.replace(/^\[(.*)\]$/, "$1");
  if (host.startsWith("-") || user?.startsWith("-"))
    return wrong("has a host or user that starts with a dash");
  return {
    kind: "ssh",
    name: text,
    host,
    path: withoutTrailingSlash(path),
    ...(user === undefined ? {} : { user }),
  };
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
}
