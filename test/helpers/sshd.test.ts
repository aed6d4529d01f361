import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { startLink } from "./link.ts";
import { runProcess, startProcess, waitUntil } from "./process.ts";
import { isRunning } from "./process-tree.ts";
import { startSshd, type TestSshd } from "./sshd.ts";

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

const ssh = (config: string, ...command: string[]) => [
  "ssh",
  "-F",
  config,
  "-o",
  "BatchMode=yes",
  ...command,
];

test("a command runs on the server, and ~/.ssh stays as it is", async () => {
  const before = existsSync(`${homedir()}/.ssh`);
  const result = await runProcess(ssh(sshd.configFile, "testhost", "echo hi"));
  expect(result).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
  expect(sshd.log()).toContain(`Accepted publickey for ${sshd.user}`);
  expect(existsSync(`${homedir()}/.ssh`)).toBe(before);
});

test("the fingerprint is the one that ssh shows", async () => {
  const { stdout } = await runProcess(["ssh-keygen", "-lf", `${sshd.dir}/host_key.pub`]);
  expect(stdout.split(" ")[1]).toBe(sshd.hostKeyFingerprint);
});

test("through a link of 50 ms nothing comes back sooner", async () => {
  const link = await startLink({ targetPort: sshd.port, rttMs: 50 });
  const config = sshd.clientConfigFor(link.port);
  expect(sshd.clientConfigFor(link.port)).toBe(config);
  const child = Bun.spawn(ssh(config, "testhost", "echo ready; exec cat"), { stdin: "pipe", stdout: "pipe" });
  const reader = child.stdout.getReader();
  await reader.read();
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    child.stdin.write("x");
    child.stdin.flush();
    await reader.read();
    times.push(performance.now() - start);
  }
  child.stdin.end();
  expect(await child.exited).toBe(0);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(50);
  expect(Math.min(...times)).toBeLessThan(95);
  expect(link.connections).toBe(1);
  expect(link.bytesUp).toBeGreaterThan(1000);
  expect(link.bytesDown).toBeGreaterThan(1000);
  await waitUntil(() => link.open === 0, 2000);
  await link.stop();
});

test("a restart ends sessions and keeps port and keys", async () => {
  const session = startProcess(ssh(sshd.configFile, "testhost", "echo up; sleep 100"));
  await session.waitFor(/up/);
  await sshd.restart();
  expect(await session.exit).toBe(255);
  expect((await runProcess(ssh(sshd.configFile, "testhost", "echo again"))).stdout).toBe("again\n");
});

test("settings can be replaced and added, also for matching users", async () => {
  const other = await startSshd({
    extraConfig: ["LogLevel DEBUG1", `Match User ${sshd.user}`, "ForceCommand echo forced"],
    throughPort: sshd.port,
  });
  expect(readFileSync(other.configFile, "utf8")).toContain(`Port ${sshd.port}\n`);
  const direct = other.clientConfigFor(other.port);
  expect((await runProcess(ssh(direct, "testhost", "echo hi"))).stdout).toBe("forced\n");
  expect(other.log()).toContain("debug1");
  await other.stop();
});

test("stop leaves neither processes nor files, also not what left its session", async () => {
  const other = await startSshd();
  const session = startProcess(
    ssh(other.configFile, "testhost", "setsid sleep 100 >/dev/null 2>&1 & echo pid $! $$.; sleep 100"),
  );
  const [, detached, shell] = await session.waitFor(/pid (\d+) (\d+)\./);
  const pids = [Number(detached), Number(shell)];
  expect(pids.map(isRunning)).toEqual([true, true]);
  await other.stop();
  await other.stop();
  expect(pids.map(isRunning)).toEqual([false, false]);
  expect(existsSync(other.dir)).toBe(false);
  expect(await session.exit).toBe(255);
});

test("a setting that sshd does not know is told", async () => {
  await expect(startSshd({ extraConfig: ["NoSuchSetting yes"] })).rejects.toThrow(/NoSuchSetting/i);
});
