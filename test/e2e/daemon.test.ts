/** `tsync watch --daemon` and `--pid-file`. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthContext } from "ssh2";
import { writeClientConfig } from "../demo/client-config.ts";
import { startDemoServer } from "../demo/server.ts";
import { killAtExit } from "../helpers/janitor.ts";
import { freePort } from "../helpers/port.ts";
import { startProcess, waitUntil } from "../helpers/process.ts";
import { Terminal } from "../helpers/terminal.ts";
import { binary, makePlace, type Place, startWatch, tsync } from "../helpers/tsync.ts";

let place: Place;
let pidFile: string;
let log: string;
const pids = new Set<number>();

beforeEach(() => {
  place = makePlace();
  [pidFile, log] = [join(place.folder, "pid"), join(place.folder, "log")];
  writeFileSync(join(place.source, "file"), "content");
});
afterEach(async () => {
  for (const pid of pids) await end(pid, "SIGKILL");
});

/** The process in the background that `said` names. */
function pidIn(said: string): number {
  const pid = Number(/in the background now, as process (\d+); log: /.exec(said)![1]);
  killAtExit(pid);
  pids.add(pid);
  return pid;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

async function end(pid: number, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (isAlive(pid)) process.kill(pid, signal);
  await waitUntil(() => !isAlive(pid), 10_000);
  pids.delete(pid);
}

const daemon = (...args: string[]) => tsync(place, ["watch", "-d", place.source, ...args]);
const isMirrored = (name: string) => waitUntil(() => existsSync(join(place.target, name)), 10_000);

/** Where the descriptors of a process lead to. */
const openFiles = (pid: number) =>
  readdirSync(`/proc/${pid}/fd`).map((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return "";
    }
  });

test("once it is connected it goes on in the background, without a terminal or anything of whoever started it", async () => {
  const { code, stdout, stderr } = await daemon(place.target, "--pid-file", pidFile);
  const pid = pidIn(stderr);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  expect(readFileSync(pidFile, "utf8")).toBe(`${pid}\n`);
  // "PID (NAME) STATE PARENT GROUP SESSION TTY …"
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ");
  expect([stat[3], stat[4]]).toEqual([`${pid}`, "0"]);
  expect(openFiles(pid).filter((file) => file.startsWith("pipe:"))).toEqual([]);
  const path = /; log: (.*)/.exec(stderr)![1]!;
  expect(path.startsWith(join(place.env.XDG_STATE_HOME!, "tsync/logs/"))).toBe(true);
  writeFileSync(join(place.source, "later"), "");
  await isMirrored("later");
  await waitUntil(() => readFileSync(path, "utf8").includes("in sync"), 10_000);
  await end(pid);
  expect(readFileSync(path, "utf8")).toMatch(/Z tsync: stopping\n$/);
  expect(existsSync(pidFile)).toBe(false);
});

test("what fails before that is shown, with its exit code, and nothing is left running", async () => {
  const port = await freePort();
  const refused = await daemon(place.target, "127.0.0.1:/x", "-p", `${port}`, "--pid-file", pidFile);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toMatch(/error: 127\.0\.0\.1:\d+ refused the connection/);
  expect(refused.stderr).not.toContain("before the end");
  expect(existsSync(pidFile)).toBe(false);
  const missing = await tsync(place, ["watch", "-d", join(place.folder, "none"), place.target]);
  expect(missing.code).toBe(13);
  expect(missing.stderr).toContain("does not exist");
});

test("with --insist it goes to the background after the first try", async () => {
  const port = await freePort();
  const { code, stderr } = await daemon(place.target, "127.0.0.1:/x", "-p", `${port}`, "--insist");
  expect(code).toBe(0);
  expect(stderr).toMatch(/warning: 127\.0\.0\.1:\/x: .*refused.*; next try in/);
  await end(pidIn(stderr));
});

test("the log that is renamed is let go of altogether on SIGUSR1", async () => {
  const { stderr } = await daemon(place.target, "--log-file", log);
  const pid = pidIn(stderr);
  await waitUntil(() => readFileSync(log, "utf8").includes("in sync"), 10_000);
  renameSync(log, `${log}.1`);
  process.kill(pid, "SIGUSR1");
  // The new file is there before the standard descriptors point to it.
  await waitUntil(() => !openFiles(pid).includes(`${log}.1`), 10_000);
  expect(openFiles(pid).filter((file) => file === log).length).toBeGreaterThanOrEqual(3);
  await end(pid);
});

test("what cannot go together is told before anything is touched", async () => {
  for (const option of ["--json", "--dry-run"]) {
    const { code, stderr } = await daemon(place.target, option);
    expect([option, code]).toEqual([option, 2]);
    expect(stderr).toContain(`--daemon and ${option} contradict each other`);
  }
  const { code, stderr } = await daemon(place.target, "--log-file", join(place.folder, "none/log"));
  expect(code).toBe(2);
  expect(stderr).toContain("cannot write to the log file");
  expect(existsSync(place.target)).toBe(false);
});

describe("the pid file", () => {
  test("one of a tsync that runs is refused; what one that was killed left behind is replaced", async () => {
    const { stderr } = await daemon(place.target, "--pid-file", pidFile);
    const pid = pidIn(stderr);
    const second = await daemon(join(place.folder, "other"), "--pid-file", pidFile);
    expect(second.code).toBe(10);
    expect(second.stderr).toContain(`another tsync (process ${pid}) has the pid file ${pidFile}`);
    expect(readFileSync(pidFile, "utf8")).toBe(`${pid}\n`);
    await end(pid, "SIGKILL");
    expect(existsSync(pidFile)).toBe(true);
    const third = await daemon(place.target, "--pid-file", pidFile);
    expect(third.code).toBe(0);
    await end(pidIn(third.stderr));
  });

  test("the id of another program that runs is as stale as one of none", async () => {
    writeFileSync(pidFile, `${process.pid}\n`);
    const running = await startWatch(place, ["--pid-file", pidFile]);
    expect(readFileSync(pidFile, "utf8")).toBe(`${running.pid}\n`);
    // Another one has taken its place: that is not removed.
    writeFileSync(pidFile, "1\n");
    running.signal("SIGTERM");
    expect(await running.exit).toBe(0);
    expect(readFileSync(pidFile, "utf8")).toBe("1\n");
  });

  test("a file that holds something else is left alone", async () => {
    writeFileSync(pidFile, "precious\n");
    const running = startProcess([binary, "watch", place.source, place.target, "--pid-file", pidFile], {
      env: place.env,
    });
    expect(await running.exit).toBe(2);
    expect(running.stderr).toContain(`cannot use the pid file ${pidFile}: it holds something else`);
    expect(readFileSync(pidFile, "utf8")).toBe("precious\n");
    expect(existsSync(place.target)).toBe(false);
  });
});

describe("in a terminal", () => {
  const password = "S3cret-0815";

  const start = async () => {
    const server = await startDemoServer(place.folder, (context: AuthContext) => {
      if (context.method === "password" && context.password === password) context.accept();
      else context.reject(["password"]);
    });
    const config = writeClientConfig(join(place.folder, "client"), server);
    const file = join(place.folder, "tsync.toml");
    const targets = JSON.stringify([`demo:${place.target}`]);
    writeFileSync(
      file,
      `[[mirror]]\nname = "m"\nsource = "source"\ntargets = ${targets}\nssh-config = "${config}"\n`,
    );
    const argv = [binary, "watch", "-d", "--config", file, "--pid-file", pidFile];
    const terminal = await Terminal.start(argv, place.env);
    await terminal.waitFor(/password:$/m);
    return { server, terminal };
  };

  test("questions are asked before it goes to the background, and it survives the terminal", async () => {
    const { server, terminal } = await start();
    await terminal.answer(password);
    const { code, isRestored, screen } = await terminal.waitForExit();
    expect({ code, isRestored }).toEqual({ code: 0, isRestored: true });
    expect(screen).toMatch(/^tsync: connected to demo:/m);
    expect(screen).not.toContain(password);
    const pid = pidIn(screen.replace(/\n(?!tsync:|exit)/g, ""));
    await terminal.stop();
    await isMirrored("file");
    writeFileSync(join(place.source, "later"), "");
    await isMirrored("later");
    await end(pid);
    await server.stop();
  });

  test("Ctrl-C at a question ends both", async () => {
    const { server, terminal } = await start();
    const pid = Number(readFileSync(pidFile, "utf8"));
    await terminal.press("C-c");
    const { code, isRestored } = await terminal.waitForExit();
    expect({ code, isRestored }).toEqual({ code: 130, isRestored: true });
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(pidFile)).toBe(false);
    await terminal.stop();
    await server.stop();
  });

  test("a terminal that goes away at a question ends both", async () => {
    const { server, terminal } = await start();
    const pid = Number(readFileSync(pidFile, "utf8"));
    await terminal.stop();
    await waitUntil(() => !isAlive(pid), 10_000);
    expect(existsSync(pidFile)).toBe(false);
    await server.stop();
  });
});
