/** Serves the control socket: see api.ts for what it answers. */
import { chmodSync, existsSync, rmSync } from "node:fs";
import { Fault, isFault } from "../core/fault.ts";
import { fromText, toText } from "../core/path.ts";
import type { Mirror } from "../engine/mirror.ts";
import { reasonOf } from "../system/file-error.ts";
import { processUsage } from "../system/process-usage.ts";
import { changeWithText, errorBody, type Flushed, withText } from "./api.ts";
import { isAlive } from "./client.ts";
import { type Controlled, mirrorsCalled } from "./controlled.ts";
import { expositionType } from "./exposition.ts";
import { metricsText } from "./metrics.ts";

/** How many changes a log without a count shows. */
const defaultCount = 50;

/** Longest time-out of a flush: a day. */
const timeoutMaxMs = 86_400_000;

/** How often something goes out while there is nothing to say: Bun ends connections that are silent for 10 s. */
const keepaliveMs = 5_000;

/** Answers of HTTP for kinds of failures; all others are 409 (Conflict). */
const statusCodes: Partial<Record<Fault["code"], number>> = { usage: 400, "not-running": 404, timeout: 504 };

/** A socket that is served. */
export interface ControlServer {
  readonly socket: string;
  stop(): void;
}

/** Serves `controlled` on `socket`, in a folder that is there. Fault: "locked" if another tsync serves it. */
export async function serveControl(socket: string, controlled: Controlled): Promise<ControlServer | Fault> {
  if (existsSync(socket)) {
    if (await isAlive(socket)) {
      return new Fault(
        "locked",
        `another tsync with the same mirrors is running (${socket})`,
        "tsync status",
      );
    }
    rmSync(socket, { force: true });
  }
  const routes = new Routes(controlled);
  try {
    const server = Bun.serve({
      unix: socket,
      fetch: (request) => routes.answer(request),
      error: (error) => Response.json(errorBody(new Fault("usage", String(error))), { status: 500 }),
    });
    chmodSync(socket, 0o600);
    return {
      socket,
      stop: () => {
        void server.stop(true);
        rmSync(socket, { force: true });
      },
    };
  } catch (error) {
    return new Fault("usage", `cannot make the control socket ${socket}: ${reasonOf(error)}`);
  }
}

type Query = URLSearchParams;

class Routes {
  constructor(private readonly controlled: Controlled) {}

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const route = `${request.method} ${url.pathname}`;
    if (route === "POST /v1/flush") return slowly(this.#flush(url.searchParams, request.signal));
    const answer = await this.#route(route, url.searchParams, request.signal);
    if (answer instanceof Response) return answer;
    if (isFault(answer)) return Response.json(errorBody(answer), { status: statusCodes[answer.code] ?? 409 });
    return Response.json(answer);
  }

  async #route(route: string, query: Query, signal: AbortSignal): Promise<object | Fault> {
    switch (route) {
      case "GET /v1/status":
        return withText(this.controlled.status());
      case "GET /metrics":
        return new Response(metricsText(this.controlled.status(), processUsage()), {
          headers: { "content-type": expositionType },
        });
      case "GET /v1/why":
        return this.#why(query);
      case "GET /v1/directories":
        return await this.#directories(query);
      case "GET /v1/log":
        return this.#log(query, signal);
      case "POST /v1/pause":
        return this.#each(query, (mirror) => mirror.pause());
      case "POST /v1/resume":
        return this.#each(query, (mirror) => mirror.resume(query.has("accept-deletes")));
      case "POST /v1/reload":
        return (await this.controlled.reload()) ?? {};
      case "POST /v1/stop":
        // Answered before it ends.
        setTimeout(() => this.controlled.stop());
        return {};
      default:
        return new Fault("not-running", `there is no ${route}`, "see man tsync, CONTROL SOCKET");
    }
  }

  #each(query: Query, work: (mirror: Mirror) => void): object | Fault {
    const mirrors = mirrorsCalled(query.getAll("mirror"), this.controlled);
    if (isFault(mirrors)) return mirrors;
    for (const mirror of mirrors) work(mirror);
    return {};
  }

  async #flush(query: Query, signal: AbortSignal): Promise<Flushed | Fault> {
    const mirrors = mirrorsCalled(query.getAll("mirror"), this.controlled);
    if (isFault(mirrors)) return mirrors;
    const timeoutMs = Math.min(Number(query.get("timeout") ?? timeoutMaxMs) || 0, timeoutMaxMs);
    const timeout = AbortSignal.timeout(timeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    const ends = await Promise.all(mirrors.map((mirror) => mirror.flush(either)));
    const fault = ends.find((end) => end !== null);
    if (fault !== undefined) return fault;
    const targets = mirrors.flatMap((mirror) => mirror.status().targets);
    if (!either.aborted) return { failing: targets.reduce((sum, { failing }) => sum + failing, 0) };
    const late = targets.filter(({ pending, state }) => pending > 0 || state.state !== "idle");
    const hint = late.map(({ name, state, pending }) => `${name}: ${state.state}, ${pending} pending`);
    return new Fault("timeout", `not all changes are on the targets after ${timeoutMs} ms`, hint.join("; "));
  }

  #why(query: Query): object | Fault {
    const path = query.get("path");
    if (!path?.startsWith("/")) return new Fault("usage", "path is missing, or not absolute");
    const found = this.controlled.mirrors.map((mirror) => mirror.why(fromText(path)));
    if (found.some((one) => one !== null)) return found.flatMap((one) => one ?? []);
    const sources = this.controlled.status().mirrors.map(({ source }) => source);
    return new Fault("usage", `${path} is not below a source`, `there are: ${sources.join(", ")}`);
  }

  async #directories(query: Query): Promise<object | Fault> {
    const [host, path] = [query.get("host"), query.get("path")];
    if (!host || path === null || path.includes("\0")) return new Fault("usage", "host or path is missing");
    const [user, port, configFile] = [query.get("user"), query.get("port"), query.get("config")];
    const wanted = {
      host,
      ...(user === null ? {} : { user }),
      ...(port === null ? {} : { port: Number(port) }),
      ...(configFile === null ? {} : { configFile }),
    };
    return (await this.controlled.directories(wanted, fromText(path))).map(toText);
  }

  #log(query: Query, signal: AbortSignal): Response | Fault {
    const names = query.getAll("mirror");
    const mirrors = mirrorsCalled(names, this.controlled);
    if (isFault(mirrors)) return mirrors;
    const isWanted = ({ mirror }: { mirror: string }) => names.length === 0 || names.includes(mirror);
    const count = Number(query.get("count") ?? defaultCount);
    if (!Number.isInteger(count) || count < 0) return new Fault("usage", "count is not a whole number");
    const { recent } = this.controlled;
    const before = count === 0 ? [] : recent.all.filter(isWanted).slice(-count);
    const encoder = new TextEncoder();
    const lineOf = (change: (typeof before)[number]) =>
      encoder.encode(`${JSON.stringify(changeWithText(change))}\n`);
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const change of before) controller.enqueue(lineOf(change));
        if (!query.has("follow")) return controller.close();
        const end = () => {
          forget();
          clearInterval(timer);
          try {
            controller.close();
          } catch {
            // It is closed already.
          }
        };
        const forget = recent.follow((change) => {
          // Who does not read fast enough is left behind, rather than kept in memory.
          if ((controller.desiredSize ?? 0) < -1_000) return end();
          if (isWanted(change)) controller.enqueue(lineOf(change));
        });
        const timer = setInterval(() => controller.enqueue(encoder.encode("\n")), keepaliveMs);
        signal.addEventListener("abort", end, { once: true });
      },
    });
    return new Response(stream, { headers: { "content-type": "application/x-ndjson" } });
  }
}

/**
 * An answer that takes as long as it takes: spaces until then, which JSON allows. A failure is in the body alone.
 */
function slowly(answer: Promise<object>): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start: async (controller) => {
      const timer = setInterval(() => controller.enqueue(encoder.encode(" ")), keepaliveMs);
      const end = await answer;
      clearInterval(timer);
      try {
        controller.enqueue(encoder.encode(JSON.stringify(isFault(end) ? errorBody(end) : end)));
        controller.close();
      } catch {
        // Nobody waits for it any more.
      }
    },
  });
  return new Response(stream, { headers: { "content-type": "application/json" } });
}
