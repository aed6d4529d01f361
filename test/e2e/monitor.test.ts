/** `--metrics` and `--web` of the compiled program. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { ProgramStatus } from "../../src/engine/status.ts";
import { browserProgram, startBrowser } from "../helpers/browser.ts";
import { readExposition } from "../helpers/exposition.ts";
import { freePort } from "../helpers/port.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { binary, makePlace, outliveRaces, type Place, startWatch, tsync } from "../helpers/tsync.ts";

const started: Running[] = [];
afterEach(async () => {
  for (const running of started.splice(0)) {
    running.signal("SIGTERM");
    await running.exit;
  }
});

async function watch(place: Place, args: string[]): Promise<Running> {
  const running = await startWatch(place, args);
  started.push(running);
  return running;
}

/** What a metric of the only target is, with these labels too. */
async function metric(url: string, name: string, labels: Record<string, string> = {}): Promise<number> {
  const { samples } = readExposition(await (await fetch(url)).text()).get(name)!;
  return samples.find((sample) => matches(sample.labels, labels))!.value;
}

const matches = (all: Readonly<Record<string, string>>, some: Record<string, string>) =>
  Object.entries(some).every(([key, value]) => all[key] === value);

/** The port that tsync says it got. */
const portOf = async (running: Running, pattern: RegExp) =>
  Number((await running.waitFor(pattern, 10_000, "stderr"))[1]);

test("metrics follow what happens", async () => {
  const place = makePlace();
  writeFileSync(join(place.source, "a"), "12345");
  const running = await watch(place, ["--metrics", "0"]);
  const port = await portOf(running, /metrics are at http:\/\/127\.0\.0\.1:(\d+)\/metrics\n/);
  const url = `http://127.0.0.1:${port}/metrics`;
  expect(await metric(url, "tsync_target_operations_total", { kind: "send" })).toBe(1);
  expect(await metric(url, "tsync_target_content_bytes_total")).toBe(5);
  expect(await metric(url, "tsync_target_state", { state: "idle" })).toBe(1);
  expect(await metric(url, "tsync_target_lag_seconds")).toBe(0);
  expect(await metric(url, "tsync_mirror_watches")).toBe(1);
  expect(await metric(url, "process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  mkdirSync(join(place.source, "d"));
  const made = () => metric(url, "tsync_target_operations_total", { kind: "make-directory" });
  await waitUntil(async () => (await made()) === 1, 10_000);
  await waitUntil(async () => (await metric(url, "tsync_target_entries")) === 2, 10_000);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
});

test("both at the same place are one server, and it ends with tsync", async () => {
  const place = makePlace();
  const port = await freePort();
  const running = await watch(place, ["--metrics", `${port}`, "--web", `127.0.0.1:${port}`]);
  expect(running.stderr).toContain(`what tsync is doing is shown at http://127.0.0.1:${port}/\n`);
  const status = (await (await fetch(`http://127.0.0.1:${port}/status.json`)).json()) as ProgramStatus;
  expect(status).toMatchObject({
    pid: running.pid,
    mirrors: [{ source: place.source, targets: [{ name: place.target }] }],
  });
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
  running.signal("SIGTERM");
  expect(await running.exit).toBe(0);
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  // The port is free at once.
  await watch(place, ["--web", `${port}`]);
});

test("the metrics are on the control socket, too", async () => {
  const place = makePlace();
  const socket = join(place.folder, "socket");
  await watch(place, ["--socket", socket]);
  const answer = await fetch("http://tsync/metrics", { unix: socket });
  expect(answer.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  expect(readExposition(await answer.text()).has("tsync_target_lag_seconds")).toBe(true);
});

describe("what cannot be is said before anything is touched", () => {
  const refused = async (args: string[], expected: string) => {
    const place = makePlace();
    const { code, stderr } = await tsync(place, [...args, place.source, place.target]);
    expect(stderr).toContain(expected);
    expect(code).toBe(2);
    expect(existsSync(place.target)).toBe(false);
    expect(existsSync(join(place.folder, "state"))).toBe(false);
  };

  test("a port that another tsync has", async () => {
    const port = await freePort();
    await watch(makePlace(), ["--web", `${port}`]);
    await refused(
      ["watch", "--web", `${port}`],
      `--web: cannot listen on 127.0.0.1:${port}: something listens there already; choose`,
    );
    await refused(
      ["watch", "--web", "0", "--metrics", `${port}`],
      `--metrics: cannot listen on 127.0.0.1:${port}`,
    );
  });

  test("a port that another program has", async () => {
    const other = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    await refused(["watch", "--metrics", `${port}`], "something listens there already");
    other.close();
  });

  test("an address that is none, and one of another machine", async () => {
    await refused(
      ["watch", "--web", "http://localhost"],
      '--web is "http://localhost", which is not an address and a port',
    );
    await refused(["watch", "--metrics", "192.0.2.1:9464"], "this machine has no such address");
  });

  test("sync has no such options", async () => {
    await refused(["sync", "--web", "0"], "unknown option --web");
    await refused(["sync", "--metrics", "0"], "unknown option --metrics");
  });
});

test("a dry run opens no port, but reads the address", async () => {
  const place = makePlace();
  const { code, stderr } = await tsync(place, ["watch", "-n", "--web", "0", place.source, place.target]);
  expect([code, stderr.includes("http://")]).toEqual([0, false]);
  const wrong = await tsync(place, ["watch", "-n", "--web", "x", place.source, place.target]);
  expect(wrong.code).toBe(2);
});

test("a target that cannot be reached is shown, with what waits and for how long", async () => {
  const place = makePlace();
  writeFileSync(join(place.source, "a"), "");
  await outliveRaces();
  // No directory can be made below a file.
  writeFileSync(place.target, "");
  const argv = [binary, "watch", "--insist", "--web", "0", place.source, join(place.target, "below")];
  const running = startProcess(argv, { env: place.env });
  started.push(running);
  const port = await portOf(running, /http:\/\/127\.0\.0\.1:(\d+)\//);
  const url = `http://127.0.0.1:${port}/metrics`;
  const state = () => metric(url, "tsync_target_state", { state: "backing-off" });
  await waitUntil(async () => (await state()) === 1, 10_000);
  await waitUntil(async () => (await metric(url, "tsync_target_lag_seconds")) > 0.5, 10_000);
  expect(await metric(url, "tsync_target_in_sync_timestamp_seconds")).toBe(0);
});

const why = browserProgram === null ? " (skipped: chromium is not installed; apt-get install chromium)" : "";

describe.skipIf(browserProgram === null)(`in a browser${why}`, () => {
  test("the page of a running tsync shows a change as it goes out", async () => {
    const place = makePlace();
    writeFileSync(join(place.source, "a"), "");
    const running = await watch(place, ["--web", "0"]);
    const port = await portOf(running, /http:\/\/127\.0\.0\.1:(\d+)\//);
    const page = await startBrowser();
    await page.open(`http://127.0.0.1:${port}/`);
    await page.waitFor(`document.body.innerText.includes("1 entry")`);
    writeFileSync(join(place.source, "b"), "");
    await page.waitFor(`document.body.innerText.includes("2 entries")`);
    running.signal("SIGTERM");
    await page.waitFor(`document.getElementById("lost").checkVisibility()`);
    page.close();
  }, 120_000);
});
