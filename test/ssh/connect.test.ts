import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { connect } from "../../src/ssh/connect.ts";
import { startLink } from "../helpers/link.ts";
import { startProcess, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { capture, configOf, FakeAsker, failure, makeKey, run, succeed } from "./support.ts";

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
  /** Settings with which no key is known, and the file that a new one goes to. */
  const nothingKnown = (name: string) => {
    const file = join(sshd.dir, name);
    return { file, settings: [`UserKnownHostsFile ${file}`] };
  };

  test("an unknown key is refused where nobody can be asked", async () => {
    const { file, settings } = nothingKnown("refused");
    for (const strict of ["yes", "ask"]) {
      const config = await configOf(sshd, [`StrictHostKeyChecking ${strict}`, ...settings]);
      const fault = failure(await connect(config));
      expect(fault).toMatchObject({ code: "host-key", retry: false });
      expect(fault.message).toContain(`127.0.0.1:${sshd.port} is not known`);
      expect(fault.message).toContain(sshd.hostKeyFingerprint);
    }
    expect(existsSync(file)).toBe(false);
  });

  test("an unknown key is asked about in the words of ssh; then ssh knows it, too", async () => {
    const { file, settings } = nothingKnown("asked");
    const config = await configOf(sshd, settings);
    const asker = new FakeAsker("yes");
    succeed(await connect(config, { asker })).close();
    const name = `[127.0.0.1]:${sshd.port}`;
    expect(asker.questions).toEqual([
      [
        `The authenticity of host '${name} (${name})' can't be established.`,
        `ED25519 key fingerprint is ${sshd.hostKeyFingerprint}.`,
        "This key is not known by any other names.",
        "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
      ].join("\n"),
    ]);
    expect(asker.told).toEqual([
      `Warning: Permanently added '${name}' (ED25519) to the list of known hosts.`,
    ]);
    const ssh = ["ssh", "-F", sshd.configFile, "-o", settings[0]!, "-o", "StrictHostKeyChecking=yes"];
    expect(await run([...ssh, "-o", `GlobalKnownHostsFile=${file}`, "testhost", "echo hello"])).toBe(
      "hello\n",
    );
    succeed(await connect(config)).close();
  });

  test("ssh itself asks the same", async () => {
    const { file, settings } = nothingKnown("compared");
    const key = readFileSync(sshd.knownHostsFile, "utf8").trim().split(" ").slice(1).join(" ");
    const names = Array.from({ length: 11 }, (_, i) => `other${i},*.example ${key}\n`).join("");
    writeFileSync(file, `${names}host ${key} comment\n`);
    const asker = new FakeAsker("no");
    failure(await connect(await configOf(sshd, settings), { asker }));
    // It wants a terminal.
    const ssh = `exec ssh -F ${sshd.configFile} -o "${settings[0]}" testhost true`;
    const terminal = startProcess(["script", "-qefc", ssh, "/dev/null"]);
    await terminal.waitFor(/\[fingerprint\]\)\? $/);
    const { stdout } = terminal;
    // Its end is the end of the terminal, and so of ssh.
    terminal.signal("SIGKILL");
    await terminal.exit;
    // Newer versions write "is: …" without a full stop.
    const asked = stdout.replaceAll("\r", "").replace(/(fingerprint is):? (SHA256:[^.\n]+)\.?/, "$1 $2.");
    expect(asked).toContain(asker.questions[0]!);
    expect(asker.questions[0]).toContain("(4 additional names omitted)");
  });

  test("accept-new adds an unknown key, with its name hashed where that is set", async () => {
    const { file, settings } = nothingKnown("added");
    const changes = ["StrictHostKeyChecking accept-new", "HashKnownHosts yes", ...settings];
    const config = await configOf(sshd, changes);
    succeed(await connect(config)).close();
    expect(readFileSync(file, "utf8")).toMatch(/^\|1\|/);
    succeed(await connect({ ...config, strictHostKeyChecking: "yes" })).close();
  });

  test("two connections at the same time ask once, and the time to connect rests meanwhile", async () => {
    const { file, settings } = nothingKnown("twice");
    const config = { ...(await configOf(sshd, settings)), connectTimeoutMs: 1_500 };
    const asker = new FakeAsker(() => Bun.sleep(1_700).then(() => "yes"));
    const connections = await Promise.all([connect(config, { asker }), connect(config, { asker })]);
    for (const connection of connections) succeed(connection).close();
    expect(asker.questions).toHaveLength(1);
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(1);
  });

  test.each(["yes", "no"])("a connection that ends before the answer, which is %s", async (answer) => {
    const link = await startLink({ targetPort: sshd.port, rttMs: 0 });
    const { file, settings } = nothingKnown(`late-${answer}`);
    const config = await configOf(sshd, settings, link.port);
    let reply = (_: string) => {};
    const asker = new FakeAsker(() => new Promise((resolve) => (reply = resolve)));
    const attempt = connect(config, { asker });
    await waitUntil(() => asker.questions.length > 0, 10_000);
    link.cut();
    expect(failure(await attempt)).toMatchObject({ code: "connection", retry: true });
    reply(answer);
    // The next attempt comes after the answer. A no may be asked about again, and nobody answers.
    const next = await connect(config, { asker });
    if (answer === "yes") succeed(next).close();
    else expect(failure(next).code).toBe("host-key");
    expect(existsSync(file)).toBe(answer === "yes");
    await link.stop();
  });

  test("when keys are exchanged again, nobody is asked again", async () => {
    const often = await startSshd({ extraConfig: ["RekeyLimit 1M"] });
    const asker = new FakeAsker("yes");
    const config = await configOf(often, ["UserKnownHostsFile /dev/null"]);
    const connection = succeed(await connect(config, { asker }));
    const text = "x".repeat(4_000_000);
    expect((await capture(connection, "cat", text)).stdout.length).toBe(text.length);
    connection.close();
    expect(asker.questions).toHaveLength(1);
    await often.stop();
  });

  test("each host on the way is asked about with its own name, and kept in its own file", async () => {
    const inner = await startSshd();
    const files = [join(sshd.dir, "bastion"), join(sshd.dir, "inner")];
    const [bastion, last] = await Promise.all([
      configOf(sshd, [`UserKnownHostsFile ${files[0]}`, "HostKeyAlias bastion"]),
      configOf(inner, [`UserKnownHostsFile ${files[1]}`]),
    ]);
    const asker = new FakeAsker("yes", "no", "yes");
    const config = { ...last, jump: bastion };
    const fault = failure(await connect(config, { asker }));
    expect(fault.message).toContain(`the host key of 127.0.0.1:${inner.port} was not accepted`);
    succeed(await connect(config, { asker })).close();
    const name = `[127.0.0.1]:${inner.port}`;
    expect(asker.questions.map((question) => question.split("\n").slice(0, 2).join(" "))).toEqual([
      `The authenticity of host 'bastion ([127.0.0.1]:${sshd.port})' can't be established. ED25519 key fingerprint is ${sshd.hostKeyFingerprint}.`,
      ...Array(2).fill(
        `The authenticity of host '${name} (<no hostip for proxy command>)' can't be established. ED25519 key fingerprint is ${inner.hostKeyFingerprint}.`,
      ),
    ]);
    expect(files.map((file) => readFileSync(file, "utf8").split(" ")[0])).toEqual(["bastion", name]);
    await inner.stop();
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

  test("a server with several keys is asked for the one that is known, of whatever type", async () => {
    const types = [
      ["ed25519"],
      ["rsa", "-b", "2048"],
      ...["256", "384", "521"].map((b) => ["ecdsa", "-b", b]),
    ];
    const paths = types.map((type) => join(sshd.dir, `host_${type.join("")}`));
    const keys = await Promise.all(types.map((type, i) => makeKey(paths[i]!, ["-t", ...type, "-N", ""])));
    const several = await startSshd({ extraConfig: paths.map((path) => `HostKey ${path}`) });
    for (const key of keys) {
      const knownHosts = join(sshd.dir, "only_one");
      writeFileSync(knownHosts, `[127.0.0.1]:${several.port} ${key}\n`);
      const config = await configOf(several, [`UserKnownHostsFile ${knownHosts}`]);
      succeed(await connect(config)).close();
    }
    await several.stop();
  });

  test("a key of another type than the known one is refused, too", async () => {
    const rsa = await makeKey(join(sshd.dir, "no_host_key"), ["-t", "rsa", "-b", "2048", "-N", ""]);
    const knownHosts = join(sshd.dir, "other_type");
    writeFileSync(knownHosts, `[127.0.0.1]:${sshd.port} ${rsa}\n`);
    const asker = new FakeAsker("yes");
    const config = await configOf(sshd, [`UserKnownHostsFile ${knownHosts}`]);
    expect(failure(await connect(config, { asker })).message).toContain("CHANGED");
    expect(asker.questions).toEqual([]);
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
