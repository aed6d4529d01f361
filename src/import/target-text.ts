/** Destinations as other programs write them, in tsync's form. */
import type { Options } from "./imported.ts";

/** A destination in tsync's form. */
export interface TargetText {
  readonly to: string;
  readonly options: Options;
}

/** `text` in tsync's form, or why there is none. */
export function readTargetText(text: string): TargetText | { readonly problem: string } {
  const url = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text);
  if (url !== null) return readUrl(url[1]!.toLowerCase(), url[2]!, text);
  return { to: homeless(text), options: new Map() };
}

function readUrl(scheme: string, rest: string, text: string): TargetText | { problem: string } {
  const match = /^((?:[^@/]*@)?(?:\[[^\]/]+\]|[^:/[\]]+))(?::(\d+))?(\/.*)?$/s.exec(rest);
  if (match === null || (scheme !== "rsync" && scheme !== "ssh"))
    return { problem: `"${text}" is no destination that tsync knows` };
  const [, place, port, path = ""] = match;
  if (scheme === "ssh")
    return {
      to: homeless(`${place}:${path}`),
      options: port === undefined ? new Map() : new Map([["port", Number(port)]]),
    };
  const to = port === undefined || port === "873" ? `${place}::${path.replace(/^\//, "")}` : text;
  return { to, options: new Map() };
}

/** Without the `~/` of `host:~/path`: tsync takes what does not start with a slash as below the home directory. */
function homeless(text: string): string {
  return text.replace(/^([^/]*[^/:]:)~(?:\/+|$)/, "$1");
}
