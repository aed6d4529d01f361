/** Who is answered over TCP, and with what. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import { isFault } from "../../src/core/fault.ts";
import type { ProgramStatus } from "../../src/engine/status.ts";
import { type Server, type ServerOptions, serve } from "../../src/monitor/server.ts";
import { mirrorOf, nowMs, statusOf, targetOf } from "../helpers/statuses.ts";

const failingPaths = [{ path: "caf\xc3\xa9/\xff\n", reason: "no\u202e \x1b[31m", tries: 1, nextMs: nowMs }];
const known = statusOf([mirrorOf("www", [targetOf("host:/www", { failing: 1, failingPaths })])]);
let status: () => ProgramStatus | null = () => known;

async function start(options: Partial<ServerOptions> = {}): Promise<Server> {
  const address = { host: "localhost", port: 0 };
  const server = await serve({ address, option: "--web", hasPage: true, status: () => status(), ...options });
  if (isFault(server)) throw new Error(server.toString());
  return server;
}

let server: Server;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.stop());

const ask = (path: string, init: RequestInit = {}, of = server) =>
  fetch(`http://127.0.0.1:${of.address.port}${path}`, init);

test("the page, its data and the metrics, each as what it is", async () => {
  const types = {
    "/": "text/html",
    "/status.json": "application/json",
    "/metrics": "text/plain; version=0.0.4",
  };
  for (const [path, type] of Object.entries(types)) {
    const answer = await ask(path);
    expect([path, answer.status]).toEqual([path, 200]);
    expect(answer.headers.get("content-type")).toStartWith(type);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  }
});

test("status.json has paths and reasons as text that nothing obeys", async () => {
  const { mirrors, version } = (await (await ask("/status.json")).json()) as ProgramStatus;
  expect(version).toBe("1.2.3");
  const [failing] = mirrors[0]!.targets[0]!.failingPaths;
  expect(failing).toMatchObject({ path: "caf\\xc3\\xa9/\\xff\\x0a", reason: "no\\u{202e} \\x1b[31m" });
});

test("the page may run its own script and style, and nothing else", async () => {
  const answer = await ask("/");
  const page = await answer.text();
  const policy = answer.headers.get("content-security-policy")!;
  for (const tag of ["script", "style"]) {
    const parts = [...page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, "gs"))];
    expect(parts.length).toBe(1);
    const hash = new Bun.CryptoHasher("sha256").update(parts[0]![1]!).digest("base64");
    expect(policy).toContain(`${tag}-src 'sha256-${hash}';`);
  }
  expect(policy).toStartWith("default-src 'none';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  // No asset from elsewhere, and no text that becomes HTML.
  expect(page).not.toMatch(
    /https?:|\/\/\w|url\(|innerHTML|outerHTML|insertAdjacent|document\.write|\son\w+=/,
  );
});

test("HEAD is answered without a body", async () => {
  const answer = await ask("/metrics", { method: "HEAD" });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("");
});

test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s is refused", async (method) => {
  const body = method === "OPTIONS" ? {} : { body: "x=1" };
  for (const path of ["/", "/status.json", "/v1/stop"]) {
    const answer = await ask(path, { method, ...body });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  }
});

test("a path that is not there is told, with those that are", async () => {
  for (const path of ["/v1/status", "/toString", "/../etc/passwd", "/metrics/"]) {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("/status.json");
  }
});

test("a server of metrics alone has neither page nor data", async () => {
  const metrics = await start({ hasPage: false, option: "--metrics" });
  expect((await ask("/metrics", {}, metrics)).status).toBe(200);
  expect((await ask("/", {}, metrics)).status).toBe(404);
  expect((await ask("/status.json", {}, metrics)).status).toBe(404);
  metrics.stop();
});

describe("under which name it may be asked (DNS rebinding)", () => {
  test.each(["127.0.0.1", "127.0.0.1:80", "[::1]:80", "localhost", "LOCALHOST:1234", "10.1.2.3", hostname()])(
    "%s: answered",
    async (host) => {
      expect((await ask("/status.json", { headers: { host } })).status).toBe(200);
    },
  );

  test.each([
    "evil.com",
    "localhost.evil.com:80",
    "127.0.0.1.evil.com",
    `${hostname()}.evil.com`,
    "[evil]:80",
    "user@localhost",
    "localhost:80:80",
    "",
  ])("%j: refused", async (host) => {
    for (const path of ["/", "/status.json", "/metrics"]) {
      const answer = await ask(path, { headers: { host } });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await answer.text()).not.toContain("1.2.3");
    }
  });

  test("a refusal says what to do", async () => {
    const answer = await ask("/", { headers: { host: "evil.com" } });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain(
      "use an IP address, or name the host to tsync in --web or --metrics",
    );
  });

  test("the name that was given is known", async () => {
    const named = await start({ address: { host: hostname().toLowerCase(), port: 0 } });
    const { port } = named.address;
    expect((await fetch(`http://${hostname()}:${port}/metrics`)).status).toBe(200);
    named.stop();
  });
});

test("as long as there is nothing to tell it says so; a failure is told, and the next answer is right", async () => {
  status = () => null;
  expect((await ask("/status.json")).status).toBe(503);
  expect((await ask("/metrics")).status).toBe(503);
  expect((await ask("/")).status).toBe(200);
  status = () => {
    throw new Error("disk I/O error");
  };
  const answer = await ask("/metrics");
  expect(answer.status).toBe(500);
  expect(await answer.text()).toBe("the status cannot be read: disk I/O error\n");
  status = () => known;
  expect((await ask("/metrics")).status).toBe(200);
});

describe("where it cannot listen", () => {
  const refused = async (host: string, port: number) => {
    const fault = await serve({ address: { host, port }, option: "--web", hasPage: true, status });
    if (!isFault(fault)) throw new Error("it listens");
    expect(fault.code).toBe("usage");
    return fault.toString();
  };

  test("a port that is taken", async () => {
    const { port } = server.address;
    expect(await refused("127.0.0.1", port)).toBe(
      `--web: cannot listen on 127.0.0.1:${port}: something listens there already; choose another port; ss -ltnp 'sport = :${port}' shows what it is`,
    );
  });

  test("an address of another machine, and a name that is not known", async () => {
    expect(await refused("192.0.2.1", 0)).toContain(
      "192.0.2.1:0: this machine has no such address; 127.0.0.1",
    );
    expect(await refused("no-such-host.invalid", 80)).toContain(
      "no address is known for no-such-host.invalid",
    );
  });
});
