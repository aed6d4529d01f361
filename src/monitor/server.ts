/** Serves metrics, and if asked for the page, over TCP. Nothing can be changed there. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { withText } from "../control/api.ts";
import { expositionType } from "../control/exposition.ts";
import { metricsText } from "../control/metrics.ts";
import { Fault } from "../core/fault.ts";
import type { ProgramStatus } from "../engine/status.ts";
import { processUsage } from "../system/process-usage.ts";
import { type Address, formatAddress } from "./address.ts";
import { refusalOf } from "./admit.ts";
import { pagePolicy, pageText } from "./page.ts";

/** What is served where. */
export interface ServerOptions {
  readonly address: Address;
  /** The option that asked for it, for messages. */
  readonly option: string;
  /** True for the page and its data too, false for metrics alone. */
  readonly hasPage: boolean;
  /** Null as long as there is nothing to tell. */
  readonly status: () => ProgramStatus | null;
}

/** A server that is listening. */
export interface Server {
  /** The address as it was given, with the port that it got. */
  readonly address: Address;
  /** True if only this machine reaches it. */
  readonly isLocal: boolean;
  /** Cuts all connections. */
  readonly stop: () => void;
}

/** What a path answers. */
interface Answer {
  readonly type: string;
  /** Null as long as there is none. */
  readonly text: () => string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How long a connection may be silent. */
const idleSeconds = 30;

/** What is sent to us is never read. */
const bodyBytesMax = 1024;

/** On every answer: it is of this moment, is what it says it is, and is for nobody else's pages. */
const headers = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Listens, or says why that cannot be. */
export async function serve({ address, option, hasPage, status }: ServerOptions): Promise<Server | Fault> {
  const answers: Readonly<Record<string, Answer>> = {
    ...(hasPage ? pageAnswers(status) : {}),
    "/metrics": textOf(status, expositionType, (told) => metricsText(told, processUsage())),
  };
  const names = [address.host, hostname().toLowerCase()];
  try {
    const ip = isIP(address.host) ? address.host : (await lookup(address.host)).address;
    const server = Bun.serve({
      hostname: ip,
      port: address.port,
      idleTimeout: idleSeconds,
      maxRequestBodySize: bodyBytesMax,
      development: false,
      // (Without `development` it would be true: two could listen on the same port, and share those who ask.)
      reusePort: false,
      fetch: (request) => answerTo(request, names, answers),
      error: (error) => plain(500, `the status cannot be read: ${error.message}`),
    });
    return {
      address: { host: address.host, port: server.port ?? address.port },
      isLocal: ip === "::1" || ip.startsWith("127."),
      stop: () => void server.stop(true),
    };
  } catch (error) {
    return listenFault(error as NodeJS.ErrnoException, address, option);
  }
}

/** What `write` makes of the status. */
function textOf(
  status: ServerOptions["status"],
  type: string,
  write: (told: ProgramStatus) => string,
): Answer {
  return {
    type,
    text: () => {
      const told = status();
      return told === null ? null : write(told);
    },
  };
}

function pageAnswers(status: ServerOptions["status"]): Readonly<Record<string, Answer>> {
  return {
    "/": {
      type: "text/html; charset=utf-8",
      text: () => pageText,
      headers: { "Content-Security-Policy": pagePolicy },
    },
    "/status.json": textOf(status, "application/json; charset=utf-8", (told) =>
      JSON.stringify(withText(told)),
    ),
  };
}

function answerTo(
  request: Request,
  names: readonly string[],
  answers: Readonly<Record<string, Answer>>,
): Response {
  const refusal = refusalOf(request, names);
  if (refusal !== null) return plain(refusal.status, refusal.text);
  const path = new URL(request.url).pathname;
  if (!Object.hasOwn(answers, path))
    return plain(404, `there is nothing at this path; there is ${Object.keys(answers).join(", ")}`);
  const { type, text, headers: own } = answers[path]!;
  const body = text();
  if (body === null) return plain(503, "tsync is starting: ask again");
  return new Response(body, { headers: { ...headers, ...own, "Content-Type": type } });
}

function plain(status: number, text: string): Response {
  const allow = status === 405 ? { Allow: "GET, HEAD" } : {};
  return new Response(`${text}\n`, {
    status,
    headers: { ...headers, ...allow, "Content-Type": "text/plain; charset=utf-8" },
  });
}

/** What `error` of the system means. */
function listenFault(error: NodeJS.ErrnoException, address: Address, option: string): Fault {
  const [reason, hint] = explain(error, address);
  return new Fault("usage", `${option}: cannot listen on ${formatAddress(address)}: ${reason}`, hint);
}

function explain({ code, message }: NodeJS.ErrnoException, { host, port }: Address): [string, string] {
  const ownAddress = "127.0.0.1 is for this machine alone, 0.0.0.0 for all who can reach it";
  switch (code) {
    case "EADDRINUSE":
      return [
        "something listens there already",
        `choose another port; ss -ltnp 'sport = :${port}' shows what it is`,
      ];
    case "EADDRNOTAVAIL":
      return ["this machine has no such address", ownAddress];
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return [`no address is known for ${host}`, ownAddress];
    case "EACCES":
    case "EPERM":
      return ["this user may not", "choose a port from 1024 on"];
    default:
      return [message, "choose another address"];
  }
}
