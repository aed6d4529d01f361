import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { DelayLine } from "./delay-line.ts";
import { type Link, startLink } from "./link.ts";
import { startLinkProcess } from "./link-process.ts";
import { waitUntil } from "./process.ts";
import { isRunning } from "./process-tree.ts";

let echo: Server;
let echoPort: number;
let link: Link | undefined;

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  echoPort = (echo.address() as { port: number }).port;
});
afterEach(async () => {
  await link?.stop();
  link = undefined;
  echo.close();
});

async function start(rttMs: number): Promise<Link> {
  link = await startLink({ targetPort: echoPort, rttMs });
  return link;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined);
  socket.setNoDelay(true);
  await once(socket, "connect");
  return socket;
}

/** Milliseconds from sending a text to its return. */
async function roundTrip(socket: Socket, text = "ping"): Promise<number> {
  const begin = performance.now();
  socket.write(text);
  const [data] = (await once(socket, "data")) as [Buffer];
  expect(String(data)).toBe(text);
  return performance.now() - begin;
}

/** Resolves when the socket has closed. */
const closed = (socket: Socket) => (socket.closed ? Promise.resolve() : once(socket, "close"));

describe("delay line", () => {
  test("items come out in order, when they are due and not before", async () => {
    const out: { item: number; late: number }[] = [];
    const base = performance.now();
    const due = [10, 30, 20, 35, 60];
    const line = new DelayLine<number>((item) => {
      out.push({ item, late: performance.now() - base - Math.max(...due.slice(0, item + 1)) });
    });
    due.forEach((ms, item) => {
      line.push(item, base + ms);
    });
    await waitUntil(() => out.length === due.length, 1000, 1);
    expect(out.map(({ item }) => item)).toEqual([0, 1, 2, 3, 4]);
    for (const { late } of out) expect(late).toBeGreaterThanOrEqual(0);
    // A loaded machine is late now and then, but not always.
    expect(Math.min(...out.map(({ late }) => late))).toBeLessThan(15);
  });
});

describe("link", () => {
  test("a round trip takes its time, and the first one also that of connecting", async () => {
    const { port } = await start(40);
    const begin = performance.now();
    const socket = await dial(port);
    await roundTrip(socket);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(80);
    const times = [await roundTrip(socket), await roundTrip(socket), await roundTrip(socket)];
    expect(Math.min(...times)).toBeGreaterThanOrEqual(40);
    expect(Math.min(...times)).toBeLessThan(75);
    link?.setRtt(4);
    await roundTrip(socket);
    expect(await roundTrip(socket)).toBeLessThan(40);
  });

  test("much data comes through whole, in order, quickly, and with its end", async () => {
    const { port } = await start(20);
    const sent = Buffer.alloc(
      32 * 1024 * 1024,
      Uint8Array.from({ length: 65_537 }, (_, i) => i * 7),
    );
    const socket = await dial(port);
    const begin = performance.now();
    const parts: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => parts.push(chunk));
    socket.end(sent);
    await once(socket, "end");
    expect(performance.now() - begin).toBeLessThan(3000);
    expect(Buffer.concat(parts).equals(sent)).toBe(true);
    await waitUntil(() => link?.open === 0, 1000);
    expect([link?.bytesUp, link?.bytesDown, link?.connections]).toEqual([sent.length, sent.length, 1]);
    link?.reset();
    expect([link?.bytesUp, link?.bytesDown, link?.connections]).toEqual([0, 0, 0]);
  });

  test("cut breaks connections, and new ones work", async () => {
    const { port, cut } = await start(2);
    const socket = await dial(port);
    await roundTrip(socket);
    expect(link?.open).toBe(1);
    const end = closed(socket);
    socket.resume();
    socket.on("end", () => socket.destroy());
    cut();
    await end;
    await waitUntil(() => link?.open === 0, 1000);
    await roundTrip(await dial(port));
  });

  test("refuse closes new connections only", async () => {
    const { port, refuse } = await start(2);
    const old = await dial(port);
    await roundTrip(old);
    refuse(true);
    const refused = connect({ port, host: "127.0.0.1" });
    refused.on("error", () => undefined);
    refused.resume();
    await closed(refused);
    await roundTrip(old);
    refuse(false);
    await roundTrip(await dial(port));
    expect(link?.connections).toBe(2);
  });

  test("stall holds bytes and new connections back until resume", async () => {
    const { port, stall, resume } = await start(2);
    const socket = await dial(port);
    await roundTrip(socket);
    stall();
    let answered = 0;
    const fresh = await dial(port);
    const trips = [roundTrip(socket), roundTrip(fresh)].map((trip) => trip.then(() => answered++));
    await Bun.sleep(60);
    expect(answered).toBe(0);
    expect(link?.open).toBe(2);
    resume();
    await Promise.all(trips);
  });

  test("a target that does not answer closes the connection", async () => {
    link = await startLink({ targetPort: 1, rttMs: 2 });
    const socket = await dial(link.port);
    socket.resume();
    socket.on("end", () => socket.destroy());
    await closed(socket);
    await waitUntil(() => link?.open === 0, 1000);
  });

  test("a client that breaks off has its connection to the target broken", async () => {
    const { port } = await start(2);
    const socket = await dial(port);
    await roundTrip(socket);
    socket.resetAndDestroy();
    await waitUntil(() => link?.open === 0, 1000);
  });
});

test("the link in its own process does the same", async () => {
  const remote = await startLinkProcess({ targetPort: echoPort, rttMs: 30 });
  const socket = await dial(remote.port);
  await roundTrip(socket);
  expect(await roundTrip(socket)).toBeGreaterThanOrEqual(30);
  expect(await remote.counters()).toEqual({ up: 8, down: 8, connections: 1, open: 1 });
  await remote.setRtt(2);
  await Promise.all([remote.reset(), remote.stall(), remote.resume(), remote.refuse(false)]);
  await roundTrip(socket);
  expect(await roundTrip(socket)).toBeLessThan(30);
  const end = closed(socket);
  socket.resume();
  socket.on("end", () => socket.destroy());
  await remote.cut();
  await end;
  expect(await remote.counters()).toEqual({ up: 8, down: 8, connections: 0, open: 0 });
  await remote.stop();
  expect(isRunning(remote.pid)).toBe(false);
});
