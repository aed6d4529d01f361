/** Which requests are answered: those that read, and that no other web site makes a browser send. */
import { isIP } from "node:net";

/** Why a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
}

/**
 * Null if the request may be answered by a server that is known as `names`. A page of another web site can have a browser ask
 * us under a name of its own, whose address it changed to ours (DNS rebinding), and then read the answer: so the name
 * must be one that only we can have.
 */
export function refusalOf(request: Request, names: readonly string[]): Refusal | null {
  if (request.method !== "GET" && request.method !== "HEAD")
    return { status: 405, text: "nothing can be changed here: only GET and HEAD are answered" };
  const asked = request.headers.get("host") ?? "";
  const host = asked
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  if (isIP(host) !== 0 || host === "localhost" || names.includes(host)) return null;
  return {
    status: 403,
    text: "this name is not known here: use an IP address, or name the host to tsync in --web or --metrics",
  };
}
