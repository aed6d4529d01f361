/** `tsync doctor` against real servers: what it finds is what is there. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProcess, tempDir } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { binary } from "../helpers/tsync.ts";

let sshd: TestSshd;
const folder = tempDir("tsync-doctor-");

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

const doctor = (args: string[], server = sshd, env: Record<string, string> = {}) =>
  runProcess([binary, "doctor", "-F", server.configFile, ...args], { env });

/** The line about `what`, without the word itself. */
function line(output: string, what: string): string {
  const start = new RegExp(`^(\\w+) +${what}  +(.*)$`, "m").exec(output);
  if (start === null) throw new Error(`no line about ${what} in:\n${output}`);
  return `${start[1]} ${start[2]}`;
}

test("a healthy host: a checklist without advice, exit code 0", async () => {
  const { code, stdout, stderr } = await doctor([`${sshd.host}:${folder}`]);
  expect(stderr).toBe("");
  expect(line(stdout, "configuration")).toBe(`ok testhost is ${sshd.user}@127.0.0.1, port ${sshd.port}`);
  expect(line(stdout, "host key")).toBe(`ok ssh-ed25519 ${sshd.hostKeyFingerprint}, known`);
  expect(line(stdout, "authentication")).toBe(`ok ${sshd.clientKey}`);
  expect(line(stdout, "encryption")).toContain("aes128-gcm@openssh.com");
  expect(line(stdout, "round trip")).toMatch(/^ok .*ms: so long takes a move/);
  expect(line(stdout, "system")).toMatch(/^ok Linux .*, GNU programs$/);
  const version = /version (\S+)/.exec((await runProcess(["rsync", "--version"])).stdout)![1];
  expect(line(stdout, "rsync here")).toBe(`ok ${version}`);
  expect(line(stdout, "rsync there")).toBe(`ok ${version}`);
  expect(line(stdout, "directory")).toBe(`ok ${folder} can be written`);
  expect(line(stdout, "space")).toContain("free of");
  expect(line(stdout, "clock")).toBe("ok as here");
  expect(line(stdout, "sessions")).toBe("ok 10 on one connection (MaxSessions)");
  expect(code).toBe(0);
});

test("a server that allows two sessions, a shell that is slow to start, no rsync", async () => {
  // bash reads these where sshd starts it, BASH_ENV where something else does.
  for (const name of [".bashrc", "slow"]) writeFileSync(join(folder, name), "sleep 1\n");
  const strict = await startSshd({
    extraConfig: ["MaxSessions 2", `SetEnv BASH_ENV=${folder}/slow HOME=${folder}`],
  });
  const { code, stdout } = await doctor(["--rsync-path", "no-such-rsync", `${strict.host}:x/y`], strict);
  expect(line(stdout, "sessions")).toBe("note 2 on one connection (MaxSessions)");
  expect(stdout).toContain("raise MaxSessions");
  expect(line(stdout, "login shell")).toMatch(/^warning .*, starts in \d+(\.\d)? s$/);
  expect(line(stdout, "rsync there")).toBe("error not installed");
  expect(line(stdout, "directory")).toBe("ok is not there; it can be made in .");
  expect(code).toBe(9);
  await strict.stop();
});

test("an account without a shell", async () => {
  const restricted = await startSshd({ keyOptions: `command="rrsync ${folder}",restrict` });
  const { code, stdout } = await doctor([`${restricted.host}:x`], restricted);
  expect(line(stdout, "shell")).toStartWith("note the account at ");
  expect(stdout).toContain("a moved file is sent again");
  expect(code).toBe(0);
  await restricted.stop();
});

test("a directory that is a file", async () => {
  writeFileSync(join(folder, "file"), "");
  const { code, stdout } = await doctor([`${sshd.host}:${folder}/file`]);
  expect(line(stdout, "directory")).toBe(`error ${folder}/file is not a directory`);
  expect(code).toBe(8);
});

test("--json is one object with all facts", async () => {
  const { code, stdout } = await doctor(["--json", `${sshd.host}:${folder}`]);
  expect(code).toBe(0);
  const facts = JSON.parse(stdout);
  expect(facts).toMatchObject({
    configuration: { host: "testhost", hostname: "127.0.0.1", port: sshd.port },
    connection: { cipher: "aes128-gcm@openssh.com", hostKeyFingerprint: sshd.hostKeyFingerprint },
    host: { userland: "GNU", sessions: 10, directory: { state: "writable", nearest: folder } },
    error: null,
  });
  expect(facts.host.clockAheadMs).toBeWithin(-1_500, 1_500);
  expect(facts.findings.length).toBeGreaterThan(10);
});

describe("what cannot be looked at", () => {
  test("a host whose key is unknown: what is known so far, then why", async () => {
    const config = join(folder, "config");
    writeFileSync(
      config,
      `Host testhost\n HostName 127.0.0.1\n Port ${sshd.port}\n UserKnownHostsFile /dev/null\n`,
    );
    const { code, stdout, stderr } = await runProcess([binary, "doctor", "-F", config, "testhost:"]);
    expect(line(stdout, "configuration")).toContain("testhost is");
    expect(stderr).toContain("is not known");
    expect(code).toBe(6);
    const json = await runProcess([binary, "doctor", "--json", "-F", config, "testhost:"]);
    expect(JSON.parse(json.stdout).error).toMatchObject({ code: "host-key" });
  });

  test.each([
    [[], "HOST:PATH is missing"],
    [["/tmp"], "/tmp is a directory here"],
    [["host::module"], "is an rsync daemon"],
    [["a:x", "b:y"], "one host at a time"],
    [["a:x", "--exclude", "y"], "unknown option --exclude"],
    [["-p", "0", "a:x"], "-p"],
  ])("%j", async (args, message) => {
    const { code, stderr } = await runProcess([binary, "doctor", ...args]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

test("a directory that the account may not write", async () => {
  if (process.getuid?.() !== 0) {
    const closed = join(folder, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    expect((await doctor([`${sshd.host}:${closed}`])).code).toBe(8);
    return;
  }
  // Root may write everywhere but where nobody can.
  const { code, stdout } = await doctor([`${sshd.host}:/proc/sys`]);
  expect(line(stdout, "directory")).toStartWith("error /proc/sys cannot be written");
  expect(code).toBe(8);
});
