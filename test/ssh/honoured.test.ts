/** Settings that change a connection, against a real server: what it did is read from its log and from inside. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HostConfig, resolveHost } from "../../src/ssh/config/config.ts";
import { connect } from "../../src/ssh/connect.ts";
import { runProcess } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { capture, configOf, failure, succeed } from "./support.ts";

let sshd: TestSshd;

beforeAll(async () => {
  sshd = await startSshd({
    extraConfig: [
      "LogLevel DEBUG1",
      "AcceptEnv TSYNC_TEST_*",
      "Ciphers +aes128-cbc",
      "KexAlgorithms +diffie-hellman-group14-sha1",
      "MACs +hmac-md5",
      "HostKeyAlgorithms +ssh-rsa",
    ],
  });
});
afterAll(() => sshd.stop());

/** What a command prints there, and what the server logged for that connection. */
async function tried(changes: string[], command = "true", input = "") {
  const before = sshd.log().length;
  const connection = succeed(await connect(await configOf(sshd, changes)));
  const { stdout } = await capture(connection, command, input);
  connection.close();
  return { stdout: stdout.toString(), log: sshd.log().slice(before) };
}

describe("algorithms", () => {
  test.each([
    ["Ciphers aes256-ctr", /kex: client->server cipher: aes256-ctr /],
    ["Ciphers chacha20-poly1305@openssh.com,aes192-ctr,aes256-ctr", /client->server cipher: aes192-ctr /],
    ["Ciphers aes128-cbc", /client->server cipher: aes128-cbc /],
    ["Ciphers ^aes256-gcm@openssh.com", /client->server cipher: aes256-gcm@openssh.com /],
    ["KexAlgorithms ecdh-sha2-nistp384,curve25519-sha256", /kex: algorithm: ecdh-sha2-nistp384/],
    ["KexAlgorithms diffie-hellman-group14-sha1", /kex: algorithm: diffie-hellman-group14-sha1/],
  ])("%s", async (setting, logged) => {
    expect((await tried([setting])).log).toMatch(logged);
  });

  test.each(["hmac-sha2-512", "hmac-md5"])("MACs %s", async (mac) => {
    const { log } = await tried([`MACs ${mac}`, "Ciphers aes128-ctr"]);
    expect(log).toContain(`client->server cipher: aes128-ctr MAC: ${mac} compression: none`);
  });

  test("without any the fastest are taken", async () => {
    expect((await tried([])).log).toContain("client->server cipher: aes128-gcm@openssh.com");
  });

  test("a host key of an old kind, if it is asked for", async () => {
    const rsa = join(sshd.dir, "host_rsa");
    await runProcess(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", rsa]);
    const old = await startSshd({ extraConfig: [`HostKey ${rsa}`, "HostKeyAlgorithms ssh-rsa"] });
    const knownHosts = join(sshd.dir, "old_known");
    const key = (await runProcess(["ssh-keygen", "-y", "-f", rsa])).stdout;
    writeFileSync(knownHosts, `[127.0.0.1]:${old.port} ${key}`);
    const changes = [`UserKnownHostsFile ${knownHosts}`];
    expect(failure(await connect(await configOf(old, changes))).message).toContain(
      "have no host key format in common",
    );
    succeed(await connect(await configOf(old, ["HostKeyAlgorithms +ssh-rsa", ...changes]))).close();
    await old.stop();
  });
});

test("Compression, also of megabytes both ways", async () => {
  const text = "compress me ".repeat(200_000);
  const { stdout, log } = await tried(["Compression yes"], "cat", text);
  expect(stdout).toBe(text);
  expect(log).toContain("compression: zlib@openssh.com");
  expect(log).toMatch(/Enabling compression at level/);
  expect((await tried(["Compression no"])).log).toContain("compression: none");
});

describe("the local address", () => {
  test.each([
    ["BindAddress 127.0.0.5", "127.0.0.5"],
    ["BindInterface lo", "127.0.0.1"],
  ])("%s", async (setting, address) => {
    expect((await tried([setting], "echo $SSH_CONNECTION")).stdout).toStartWith(`${address} `);
  });

  test("one that is not here is a fault", async () => {
    const fault = failure(await connect(await configOf(sshd, ["BindAddress 192.0.2.1"])));
    expect(fault).toMatchObject({ code: "connection" });
    expect(fault.message).toContain("EADDRNOTAVAIL");
  });

  test("AddressFamily inet6 does not reach an IPv4 server by its name", async () => {
    const changes = ["AddressFamily inet6", "HostName localhost", `HostKeyAlias [127.0.0.1]:${sshd.port}`];
    expect(failure(await connect(await configOf(sshd, changes))).code).toBe("connection");
    succeed(await connect(await configOf(sshd, ["AddressFamily inet", ...changes.slice(1)]))).close();
  });
});

test("SetEnv and SendEnv are visible there, as far as the server accepts them", async () => {
  process.env.TSYNC_TEST_SENT = "a 'b' $c";
  process.env.TSYNC_TEST_KEPT = "secret";
  const changes = ['SetEnv "TSYNC_TEST_SET=1 2" OTHER=no TSYNC_TEST_EMPTY=', "SendEnv TSYNC_TEST_S* OTHER*"];
  const command = `echo "$TSYNC_TEST_SENT|$TSYNC_TEST_SET|\${OTHER-none}|\${TSYNC_TEST_EMPTY-none}|$TSYNC_TEST_KEPT"`;
  expect((await tried(changes, command)).stdout).toBe("a 'b' $c|1 2|none||\n");
});

describe("hosts on the way", () => {
  let bastion: TestSshd;
  let inner: TestSshd;
  let known: string;
  let way: string;

  beforeAll(async () => {
    [bastion, inner] = await Promise.all([startSshd(), startSshd()]);
    known = join(sshd.dir, "way_known");
    way = join(sshd.dir, "way");
    const files = [sshd, bastion, inner].map(({ knownHostsFile }) => readFileSync(knownHostsFile, "utf8"));
    writeFileSync(known, files.join(""));
  });
  afterAll(() => Promise.all([bastion.stop(), inner.stop()]));

  async function through(text: string): Promise<HostConfig> {
    const host = (name: string, { port, clientKey, user }: TestSshd) =>
      `Host ${name}\n HostName 127.0.0.1\n Port ${port}\n User ${user}\n IdentityFile ${clientKey}\n`;
    const all = `Host *\n IdentitiesOnly yes\n IdentityAgent none\n GlobalKnownHostsFile /dev/null\n UserKnownHostsFile ${known}\n`;
    writeFileSync(way, text + host("one", bastion) + host("two", inner) + host("target", sshd) + all);
    return succeed(await resolveHost({ host: "target" }, { configFile: way }));
  }

  test("several, one after the other", async () => {
    const connection = succeed(await connect(await through("Host target\n ProxyJump one,two\n")));
    const { stdout } = await capture(connection, "echo $SSH_CONNECTION");
    expect(stdout.toString().trim()).toEndWith(` ${sshd.port}`);
    connection.close();
    expect(bastion.log()).toContain("Accepted publickey");
    expect(inner.log()).toContain("Accepted publickey");
  });

  test("each must show a key that is known", async () => {
    for (const [name, port] of [
      ["one", bastion.port],
      ["two", inner.port],
    ] as const) {
      const unknown = `Host ${name}\n UserKnownHostsFile /dev/null\n StrictHostKeyChecking yes\n`;
      const fault = failure(await connect(await through(`Host target\n ProxyJump one,two\n${unknown}`)));
      expect(fault).toMatchObject({ code: "host-key", retry: false });
      expect(fault.message).toContain(`on the way through ${name}: the host key of 127.0.0.1:${port}`);
    }
  });

  test("the first may have a ProxyCommand", async () => {
    const program = join(sshd.dir, "tunnel");
    writeFileSync(program, `#!/bin/sh\nexec ssh -F '${bastion.configFile}' -W "[$1]:$2" testhost\n`);
    chmodSync(program, 0o755);
    const config = await through(`Host target\n ProxyJump two\nHost two\n ProxyCommand ${program} %h %p\n`);
    const connection = succeed(await connect(config));
    expect((await capture(connection, "echo $SSH_CONNECTION")).stdout.toString()).toContain(` ${sshd.port}`);
    connection.close();
  });
});

describe("a ProxyCommand", () => {
  test("leads to the host", async () => {
    const program = `ssh -F '${sshd.configFile}' -W '[%h]:%p' testhost`;
    expect((await tried([`ProxyCommand ${program}`], "echo $SSH_CONNECTION")).stdout).toEndWith(
      ` ${sshd.port}\n`,
    );
  });

  test.each([
    ["echo 'no way today' >&2; exit 3", "no way today"],
    ["/no/such/program %h", "/no/such/program: "],
    ["sh -c 'exec >&-; sleep 0.1; echo last words >&2'", "last words"],
    ["echo not ssh at all", ""],
  ])("that fails is a fault with what it said: %s", async (command, said) => {
    const fault = failure(await connect(await configOf(sshd, [`ProxyCommand ${command}`])));
    expect(fault.code).toBe("connection");
    expect(fault.message).toContain(`127.0.0.1:${sshd.port}`);
    expect(fault.message).toContain(said);
  });
});
