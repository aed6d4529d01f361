/**
 * A link (`link.ts`) in a process of its own, so that it does not share an event loop with what is measured.
 * Parent and child exchange lines of JSON: `Request` on the child's stdin, `Reply` on its stdout.
 */
import { createInterface } from "node:readline";
import { type LinkOptions, startLink } from "./link.ts";

interface LinkCounters {
  up: number;
  down: number;
  connections: number;
  open: number;
}

/** As `Link`, but each call is answered by the other process. */
export interface LinkProcess {
  readonly port: number;
  readonly pid: number;
  counters(): Promise<LinkCounters>;
  reset(): Promise<void>;
  cut(): Promise<void>;
  refuse(on: boolean): Promise<void>;
  stall(): Promise<void>;
  resume(): Promise<void>;
  setRtt(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** The first request is `start`; its answer is the port. */
type Request =
  | { call: "start"; options: LinkOptions }
  | { call: "counters" | "reset" | "cut" | "stall" | "resume" }
  | { call: "refuse"; on: boolean }
  | { call: "setRtt"; ms: number };

/** Requests are answered in their order; `null` where there is nothing to tell. */
type Reply = { value: number | LinkCounters | null } | { error: string };

/** Starts a link in a child process, which ends with `stop` or with this process. */
export async function startLinkProcess(options: LinkOptions): Promise<LinkProcess> {
  const child = Bun.spawn([process.execPath, import.meta.path], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const replies = lines(child.stdout);
  let last: Promise<unknown> = Promise.resolve();

  const exchange = async (request: Request): Promise<number | LinkCounters | null> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    child.stdin.flush();
    const { value: line } = await replies.next();
    if (line === undefined) throw new Error("the link's process has ended");
    const reply = JSON.parse(line) as Reply;
    if ("error" in reply) throw new Error(reply.error);
    return reply.value;
  };
  /** One request at a time. */
  const ask = (request: Request) => {
    const answer = last.then(() => exchange(request));
    last = answer.catch(() => undefined);
    return answer;
  };
  const command = async (request: Request) => {
    await ask(request);
  };

  try {
    const port = (await ask({ call: "start", options })) as number;
    return {
      port,
      pid: child.pid,
      counters: async () => (await ask({ call: "counters" })) as LinkCounters,
      reset: () => command({ call: "reset" }),
      cut: () => command({ call: "cut" }),
      refuse: (on) => command({ call: "refuse", on }),
      stall: () => command({ call: "stall" }),
      resume: () => command({ call: "resume" }),
      setRtt: (ms) => command({ call: "setRtt", ms }),
      async stop() {
        child.stdin.end();
        await child.exited;
      },
    };
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** The lines of a stream of UTF-8. */
async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

/** The child: answers requests until its stdin ends, as it also does when the parent dies. */
async function serve(): Promise<never> {
  let link: Awaited<ReturnType<typeof startLink>> | undefined;
  const answer = async (request: Request): Promise<number | LinkCounters | null> => {
    if (request.call === "start") {
      link = await startLink(request.options);
      return link.port;
    }
    if (link === undefined) throw new Error("the link is not started");
    if (request.call === "counters") {
      return { up: link.bytesUp, down: link.bytesDown, connections: link.connections, open: link.open };
    }
    if (request.call === "refuse") link.refuse(request.on);
    else if (request.call === "setRtt") link.setRtt(request.ms);
    else link[request.call]();
    return null;
  };
  for await (const line of createInterface({ input: process.stdin })) {
    let reply: Reply;
    try {
      reply = { value: await answer(JSON.parse(line) as Request) };
    } catch (error) {
      reply = { error: String(error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  process.exit(0);
}

if (import.meta.main) await serve();
