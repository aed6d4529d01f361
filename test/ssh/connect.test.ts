import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { connect } from "../../src/ssh/connect.ts";
import { startLink } from "../helpers/link.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { capture, configOf, failure, makeKey, succeed } from "./support.ts";

let sshd: TestSshd;

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

test("connects and says who and where", async () => {
  const connection = succeed(await connect(await configOf(sshd)));
  expect(connection.describe).toBe(`${sshd.user}@127.0.0.1:${sshd.port}`);
  expect(connection.alive).toBe(true);
  expect((await capture(connection, "echo hello")).stdout.toString()).toBe("hello\n");
  connection.close();
});

describe("host keys", () => {
  test("an unknown key is refused, whatever StrictHostKeyChecking says", async () => {
    for (const strict of ["no", "accept-new", "ask"]) {
      const config = await configOf(sshd, [
        `StrictHostKeyChecking ${strict}`,
        `UserKnownHostsFile ${sshd.dir}/nothing`,
      ]);
      const fault = failure(await connect(config));
      expect(fault).toMatchObject({ code: "host-key", retry: false });
      expect(fault.message).toContain(`127.0.0.1:${sshd.port} is not known`);
      expect(fault.message).toContain(sshd.hostKeyFingerprint);
    }
  });

  test("a changed key is refused", async () => {
    const other = await makeKey(join(sshd.dir, "other_host_key"));
    const knownHosts = join(sshd.dir, "changed");
    writeFileSync(knownHosts, `[127.0.0.1]:${sshd.port} ${other}\n`);
    const fault = failure(await connect(await configOf(sshd, [`UserKnownHostsFile ${knownHosts}`])));
    expect(fault).toMatchObject({ code: "host-key", retry: false });
    expect(fault.message).toContain("has CHANGED");
    expect(fault.message).toContain(`${knownHosts} line 1`);
  });

  test("a revoked key is refused, though it is known, too", async () => {
    const known = readFileSync(sshd.knownHostsFile, "utf8");
    const knownHosts = join(sshd.dir, "revoked");
    writeFileSync(knownHosts, `${known}@revoked * ${known.split(" ").slice(1).join(" ")}`);
    const fault = failure(await connect(await configOf(sshd, [`UserKnownHostsFile ${knownHosts}`])));
    expect(fault.message).toContain("REVOKED");
  });

  test("a server with several keys is asked for the one that is known", async () => {
    const rsa = await makeKey(join(sshd.dir, "host_rsa"), ["-t", "rsa", "-b", "2048", "-N", ""]);
    const several = await startSshd({
      extraConfig: [`HostKey ${sshd.dir}/host_key`, `HostKey ${sshd.dir}/host_rsa`],
    });
    const knownHosts = join(sshd.dir, "rsa_only");
    writeFileSync(knownHosts, `[127.0.0.1]:${several.port} ${rsa}\n`);
    succeed(await connect(await configOf(several, [`UserKnownHostsFile ${knownHosts}`]))).close();
    await several.stop();
  });
});

describe("what can go wrong on the way", () => {
  test("a name that does not exist", async () => {
    const fault = failure(await connect(await configOf(sshd, ["HostName no-such-host.invalid"])));
    expect(fault).toMatchObject({ code: "connection", retry: true });
    expect(fault.message).toContain(`address of no-such-host.invalid (port ${sshd.port}) was not found`);
  });

  test("a port on which nothing listens", async () => {
    const fault = failure(await connect(await configOf(sshd, ["Port 1"])));
    expect(fault).toMatchObject({ code: "connection", retry: true });
    expect(fault.message).toBe("127.0.0.1:1 refused the connection");
  });

  test("a server that says nothing", async () => {
    const link = await startLink({ targetPort: sshd.port, rttMs: 0 });
    link.stall();
    const config = { ...(await configOf(sshd, [], link.port)), connectTimeoutMs: 300 };
    const fault = failure(await connect(config));
    expect(fault).toMatchObject({ code: "connection", retry: true });
    expect(fault.message).toBe(`127.0.0.1:${link.port} did not finish the handshake within 0.3 s`);
    await link.stop();
  });

  test("a server that hangs up", async () => {
    const link = await startLink({ targetPort: sshd.port, rttMs: 0 });
    link.refuse(true);
    const fault = failure(await connect(await configOf(sshd, [], link.port)));
    expect(fault).toMatchObject({ code: "connection", retry: true });
    expect(fault.message).toContain(`127.0.0.1:${link.port}`);
    await link.stop();
  });

  test("something that is not an SSH server", async () => {
    const server = createServer((socket) => socket.end("SSH-9-nonsense\r\n")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const fault = failure(await connect(await configOf(sshd, [`Port ${port}`])));
    expect(fault.code).toBe("connection");
    expect(fault.message).toContain(`127.0.0.1:${port}`);
    server.close();
  });

  test("no cipher in common", async () => {
    const strange = await startSshd({ extraConfig: ["Ciphers chacha20-poly1305@openssh.com"] });
    const fault = failure(await connect(await configOf(strange)));
    expect(fault).toMatchObject({ code: "connection", retry: false });
    expect(fault.message).toBe(`127.0.0.1:${strange.port} and tsync have no C->S cipher in common`);
    await strange.stop();
  });

  test("an attempt can be given up", async () => {
    const link = await startLink({ targetPort: sshd.port, rttMs: 0 });
    link.stall();
    const config = await configOf(sshd, [], link.port);
    const controller = new AbortController();
    const attempt = connect(config, { signal: controller.signal });
    await Bun.sleep(100);
    controller.abort();
    expect(failure(await attempt).code).toBe("interrupted");
    expect(failure(await connect(config, { signal: controller.signal })).code).toBe("interrupted");
    await link.stop();
  });
});
