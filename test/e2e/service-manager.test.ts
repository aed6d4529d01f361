/** What a service manager hears of `tsync watch`: sd_notify and the journal. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NotifyReceiver } from "../helpers/notify-receiver.ts";
import { freePort } from "../helpers/port.ts";
import { type Running, runProcess, startProcess, waitUntil } from "../helpers/process.ts";
import { binary, makePlace, type Place, tsync } from "../helpers/tsync.ts";

let place: Place;
let receiver: NotifyReceiver | null = null;
let running: Running | null = null;

beforeEach(() => {
  place = makePlace();
  writeFileSync(join(place.source, "file"), "content");
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
  receiver?.close();
  receiver = null;
});

function start(name: string, args: string[], env: Record<string, string> = {}): [Running, NotifyReceiver] {
  receiver = new NotifyReceiver(name);
  running = startProcess([binary, "watch", place.source, ...args], {
    env: { ...place.env, NOTIFY_SOCKET: name, ...env },
  });
  return [running, receiver];
}

for (const kind of ["path", "abstract name"]) {
  test(`it is told when tsync is ready, how it does, and when it stops (socket with a ${kind})`, async () => {
    const name = kind === "path" ? join(place.folder, "notify") : `@tsync-test-${process.pid}`;
    const [tsync, heard] = start(name, [place.target]);
    await heard.waitFor(/^READY=1$/);
    expect(heard.lines[0]).toBe("READY=1");
    await heard.waitFor(/^STATUS=in sync$/);
    tsync.signal("SIGTERM");
    expect(await tsync.exit).toBe(0);
    await heard.waitFor(/^STOPPING=1$/);
    // Nobody asked for it.
    expect(heard.lines.filter((line) => line.startsWith("WATCHDOG"))).toEqual([]);
  });
}

test("a target that cannot be reached: never ready, and it ends with its exit code, though others work", async () => {
  const port = await freePort();
  const [tsync, heard] = start(join(place.folder, "notify"), [place.target, "127.0.0.1:/x", "-p", `${port}`]);
  expect(await tsync.exit).toBe(5);
  expect(heard.lines).not.toContain("READY=1");
  expect(tsync.stderr).toMatch(/error: 127\.0\.0\.1:\d+ refused the connection/);
  expect(tsync.stderr).not.toContain("before the end");
});

test("with --insist it is ready at once, and the status says what is wrong", async () => {
  const port = await freePort();
  const args = [place.target, "127.0.0.1:/x", "-p", `${port}`, "--insist"];
  const [, heard] = start(join(place.folder, "notify"), args);
  await heard.waitFor(/^READY=1$/);
  await heard.waitFor(/^STATUS=2 targets: 1 not reached, 1 in sync \(127\.0\.0\.1:\/x: .*refused/);
});

test("it is told that the configuration is read again, and when that is over, right or wrong", async () => {
  const config = join(place.folder, "tsync.toml");
  const text = `[[mirror]]\nname = "m"\nsource = "source"\ntargets = ["target"]\n`;
  writeFileSync(config, text);
  receiver = new NotifyReceiver(join(place.folder, "notify"));
  running = startProcess([binary, "watch", "--config", config], {
    env: { ...place.env, NOTIFY_SOCKET: receiver.name },
  });
  await receiver.waitFor(/^STATUS=in sync$/);
  const states = () => receiver!.lines.filter((line) => !line.startsWith("STATUS"));
  for (const [times, added] of [`settle = "20ms"\n`, "nonsense = 1\n"].entries()) {
    writeFileSync(config, text + added);
    running.signal("SIGHUP");
    const told = ["READY=1", "RELOADING=1", "READY=1", "RELOADING=1", "READY=1"].slice(0, 3 + 2 * times);
    await waitUntil(
      () => states().length >= told.length,
      10_000,
      20,
      () => running!.stderr,
    );
    expect(states()).toEqual(told);
  }
  expect(running.stderr).toContain("nonsense");
});

test("the watchdog hears of it as long as it advances", async () => {
  const [tsync, heard] = start(join(place.folder, "notify"), [place.target], { WATCHDOG_USEC: "400000" });
  const count = () => heard.lines.filter((line) => line === "WATCHDOG=1").length;
  await heard.waitFor(/^WATCHDOG=1$/);
  const before = heard.lines.length;
  await heard.waitFor(/^WATCHDOG=1$/, 5_000, before);
  // What is stopped advances as little as what is blocked.
  tsync.signal("SIGSTOP");
  const atStop = count();
  await Bun.sleep(1_000);
  expect(count() - atStop).toBeLessThanOrEqual(1);
  tsync.signal("SIGCONT");
  const after = heard.lines.length;
  await heard.waitFor(/^WATCHDOG=1$/, 5_000, after);
});

test("the watchdog of another process is left alone, and programs that tsync starts know of none", async () => {
  const spy = join(place.folder, "rsync");
  const seen = join(place.folder, "seen");
  writeFileSync(spy, `#!/bin/sh\nenv >>${seen}\nexec rsync "$@"\n`, { mode: 0o755 });
  const [, heard] = start(join(place.folder, "notify"), [place.target, "--rsync", spy], {
    WATCHDOG_USEC: "100000",
    WATCHDOG_PID: "1",
  });
  await heard.waitFor(/^STATUS=in sync$/);
  expect(heard.lines).not.toContain("WATCHDOG=1");
  expect(readFileSync(seen, "utf8")).toContain("PATH=");
  expect(readFileSync(seen, "utf8")).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/);
});

test("a socket that cannot be used is told, and no reason not to work", async () => {
  running = startProcess([binary, "watch", place.source, place.target], {
    env: { ...place.env, NOTIFY_SOCKET: "vsock:2:1234" },
  });
  await running.waitFor(/warning: cannot tell the service manager .*vsock:2:1234 is neither a path/);
  await running.waitFor(/in sync/);
});

test("in the journal each line has its priority; elsewhere none has", async () => {
  const output = join(place.folder, "output");
  const script = `: >"$0"; JOURNAL_STREAM=$(stat -c %d:%i "$0") exec "$@" 2>"$0"`;
  const args = ["sync", "-v", place.source, place.target];
  const run = await runProcess(["sh", "-c", script, output, binary, ...args], { env: place.env });
  expect(run.code).toBe(0);
  const lines = readFileSync(output, "utf8").trim().split("\n");
  expect(lines).toContain(`<6>tsync: connected to ${place.target}`);
  expect(lines).toContain("<7>tsync: send file");
  expect(lines.filter((line) => !/^<[3-7]>tsync: /.test(line))).toEqual([]);
  // A stream that is another one.
  const { stderr } = await tsync(place, args, { JOURNAL_STREAM: "1:1" });
  expect(stderr).toMatch(/^tsync: connected/);
});
