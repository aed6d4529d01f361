import { expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import { watchForSilence } from "../../src/ssh/keepalive.ts";

test("anything that is received counts as a sign of life", async () => {
  const server = createServer((peer) => {
    const talk = setInterval(() => peer.write("x"), 20);
    setTimeout(() => clearInterval(talk), 600);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const socket = connect(server.address() as { port: number }).resume();
  const start = performance.now();
  await new Promise<void>((resolve) => {
    watchForSilence(socket, { intervalMs: 100, countMax: 1 }, resolve);
  });
  const silentAtMs = performance.now() - start;
  socket.destroy();
  server.close();
  expect(silentAtMs).toBeGreaterThan(700);
  expect(silentAtMs).toBeLessThan(2000);
});
