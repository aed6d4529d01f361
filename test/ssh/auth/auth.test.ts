import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { appendFileSync, chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { findIdentities } from "../../../src/ssh/auth/identities.ts";
import type { HostConfig } from "../../../src/ssh/config/config.ts";
import { connect } from "../../../src/ssh/connect.ts";
import { fingerprint } from "../../../src/ssh/host-key/host-key.ts";
import { scriptedAsker } from "../../helpers/asker.ts";
import type { Running } from "../../helpers/process.ts";
import { startSshd, type TestSshd } from "../../helpers/sshd.ts";
import { configOf, failure, makeKey, run, startAgent, succeed } from "../support.ts";

let sshd: TestSshd;
let config: HostConfig;
const path = (name: string) => join(sshd.dir, name);

beforeAll(async () => {
  sshd = await startSshd();
  config = await configOf(sshd);
  await makeKey(path("wrong"));
  await makeKey(path("wrong2"));
  const secret = await makeKey(path("secret"), ["-t", "ed25519", "-N", "open sesame"]);
  const rsa = await makeKey(path("rsa"), ["-t", "rsa", "-b", "2048", "-N", ""]);
  const ecdsa = await makeKey(path("ecdsa"), ["-t", "ecdsa", "-N", ""]);
  appendFileSync(path("authorized_keys"), `${secret}\n${rsa}\n${ecdsa}\n`);
});
afterAll(() => sshd.stop());

/** The fault of a connection with these identity files and no agent. */
async function refusal(identityFiles: string[], changes: Partial<HostConfig> = {}) {
  return failure(await connect({ ...config, identityFiles, ...changes }));
}

describe("key files", () => {
  test("RSA and ECDSA keys work", async () => {
    for (const name of ["rsa", "ecdsa"]) {
      succeed(await connect({ ...config, identityFiles: [path(name)] })).close();
    }
  });

  test("all are tried; missing ones do not matter", async () => {
    const identityFiles = [path("missing"), path("wrong"), path("wrong2"), sshd.clientKey];
    succeed(await connect({ ...config, identityFiles })).close();
  });

  test("a refusal lists them", async () => {
    const fault = await refusal([path("wrong"), path("wrong2"), path("missing")]);
    expect(fault).toMatchObject({ code: "auth", retry: false });
    expect(fault.message).toBe(
      `${config.user}@127.0.0.1:${sshd.port} accepted no key; offered: ${path("wrong")}, ${path("wrong2")}`,
    );
    expect(fault.hint).toContain("authorized_keys");
  });

  test("without any key the message says so", async () => {
    expect((await refusal([])).message).toEndWith("accepted no key; there was none to offer");
  });

  test("a key with a passphrase is named, with what to do", async () => {
    const fault = await refusal([path("secret")]);
    expect(fault.code).toBe("auth");
    expect(fault.hint).toContain(
      `${path("secret")} could not be used: it has a passphrase, and there is nobody to ask for it: add it to an agent (ssh-add ${path("secret")})`,
    );
  });

  test("a key that others may read, and one that is no key, are named", async () => {
    await makeKey(path("exposed"));
    chmodSync(path("exposed"), 0o644);
    writeFileSync(path("nonsense"), "not a key\n", { mode: 0o600 });
    const fault = await refusal([path("exposed"), path("nonsense")]);
    expect(fault.hint).toContain(`${path("exposed")} can be read by other users: chmod 600 it`);
    expect(fault.hint).toContain(`${path("nonsense")} is of a kind that tsync cannot read`);
  });
});

describe("what the server wants", () => {
  test("too many keys", async () => {
    const strict = await startSshd({ extraConfig: ["MaxAuthTries 2"] });
    const keys = [path("wrong"), path("wrong2"), path("rsa"), path("ecdsa")];
    const fault = failure(await connect({ ...(await configOf(strict)), identityFiles: keys }));
    expect(fault).toMatchObject({ code: "auth", retry: false });
    expect(fault.message).toContain('hung up ("Too many authentication failures")');
    expect(fault.hint).toContain("IdentitiesOnly");
    await strict.stop();
  });

  test("a password only", async () => {
    const extraConfig = ["PasswordAuthentication yes", "AuthenticationMethods password"];
    const strict = await startSshd({ extraConfig });
    const fault = failure(await connect(await configOf(strict)));
    expect(fault.message).toEndWith("accepted no key; there was none to offer");
    expect(fault.hint).toStartWith("there is nobody to ask for the password: name a file that holds it");
    await strict.stop();
  });

  test("a password on top of a key", async () => {
    const extraConfig = ["PasswordAuthentication yes", "AuthenticationMethods publickey,password"];
    const strict = await startSshd({ extraConfig });
    const fault = failure(await connect(await configOf(strict)));
    expect(fault.hint).toContain("the server accepted publickey, and also wants password");
    await strict.stop();
  });
});

describe("agent", () => {
  let agentSocket: string;
  const agents: Running[] = [];

  /** Starts an agent that asks for confirmations with `askpass`; returns its socket. */
  async function agentThatAsks(name: string, askpass: string): Promise<string> {
    const socket = path(name);
    const env = { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":none" };
    agents.push(await startAgent(socket, env));
    return socket;
  }

  beforeAll(async () => {
    agentSocket = await agentThatAsks("agent", "/bin/false");
    const env = { SSH_AUTH_SOCK: agentSocket };
    await run(["ssh-add", "-q", path("wrong")], env);
    // ssh-add asks this program for the passphrase.
    writeFileSync(path("askpass"), "#!/bin/sh\necho 'open sesame'\n", { mode: 0o700 });
    const askpass = { ...env, SSH_ASKPASS: path("askpass"), SSH_ASKPASS_REQUIRE: "force" };
    await run(["ssh-add", "-q", path("secret")], askpass);
  });
  afterAll(async () => {
    for (const agent of agents) agent.signal("SIGTERM");
    await Promise.all(agents.map((agent) => agent.exit));
  });

  /** Labels of what would be offered. */
  async function offered(changes: Partial<HostConfig>): Promise<string[]> {
    const { offers } = await findIdentities({ ...config, agentSocket, ...changes });
    return offers.map(({ kind, label }) => `${kind} ${label}`);
  }

  test("its keys authenticate, also one whose file has a passphrase", async () => {
    const changes = { agentSocket, identitiesOnly: false, identityFiles: [] };
    succeed(await connect({ ...config, ...changes })).close();
  });

  test("SSH_AUTH_SOCK is found through ssh -G", async () => {
    const before = process.env.SSH_AUTH_SOCK;
    process.env.SSH_AUTH_SOCK = agentSocket;
    const found = await configOf(sshd, ["IdentityAgent SSH_AUTH_SOCK", "IdentitiesOnly no"]);
    if (before === undefined) delete process.env.SSH_AUTH_SOCK;
    else process.env.SSH_AUTH_SOCK = before;
    expect(found.agentSocket).toBe(agentSocket);
    succeed(await connect({ ...found, identityFiles: [] })).close();
  });

  test("order: named keys of the agent, its others, then files that it does not hold", async () => {
    const identityFiles = [sshd.clientKey, path("secret")];
    const offers = await offered({ identitiesOnly: false, identityFiles });
    expect(offers).toHaveLength(3);
    expect(offers[0]).toStartWith("agent made-by-test SHA256:");
    const key = Buffer.from((await Bun.file(path("secret.pub")).text()).split(" ")[1] ?? "", "base64");
    expect(offers[0]).toContain(fingerprint(key));
    expect(offers[2]).toBe(`file ${sshd.clientKey}`);
  });

  test("IdentitiesOnly narrows it to the named keys, also those named by their public half", async () => {
    expect(await offered({ identitiesOnly: true, identityFiles: [sshd.clientKey] })).toEqual([
      `file ${sshd.clientKey}`,
    ]);
    expect(await offered({ identitiesOnly: true, identityFiles: [path("secret.pub")] })).toHaveLength(1);
    const changes = { agentSocket, identitiesOnly: true, identityFiles: [path("secret")] };
    succeed(await connect({ ...config, ...changes })).close();
  });

  test("a refusal names its keys", async () => {
    const fault = await refusal([path("wrong")], { agentSocket });
    expect(fault.message).toMatch(/offered: made-by-test SHA256:\S+ of the agent$/);
  });

  test("an agent that will not sign does not keep other keys from being tried", async () => {
    const socket = await agentThatAsks("unwilling", "/bin/false");
    await run(["ssh-add", "-q", "-c", sshd.clientKey], { SSH_AUTH_SOCK: socket });
    const changes = { agentSocket: socket, identitiesOnly: false };
    succeed(await connect({ ...config, ...changes, identityFiles: [path("rsa")] })).close();
    const fault = await refusal([path("wrong")], changes);
    expect(fault.code).toBe("auth");
    expect(fault.hint).toContain("of the agent could not be used");
  });

  test("that asks for a confirmation may take longer than the connect timeout", async () => {
    writeFileSync(path("confirm"), "#!/bin/sh\nsleep 1\n", { mode: 0o700 });
    const socket = await agentThatAsks("confirming", path("confirm"));
    await run(["ssh-add", "-q", "-c", sshd.clientKey], { SSH_AUTH_SOCK: socket });
    const changes = { agentSocket: socket, identitiesOnly: false, identityFiles: [], connectTimeoutMs: 700 };
    succeed(await connect({ ...config, ...changes })).close();
  });

  test("a password on top of one of its keys", async () => {
    const extraConfig = ["PasswordAuthentication yes", "AuthenticationMethods publickey,password"];
    const strict = await startSshd({ extraConfig });
    await run(["ssh-add", "-q", strict.clientKey], { SSH_AUTH_SOCK: agentSocket });
    const changes = { agentSocket, identitiesOnly: true };
    const asker = scriptedAsker(["surely not", null]);
    const fault = failure(await connect({ ...(await configOf(strict)), ...changes }, { asker }));
    expect(fault.hint).toContain("the server accepted publickey, and also wants password");
    expect(asker.asked).toHaveLength(2);
    await strict.stop();
  });

  test("two keys, both of the agent", async () => {
    const strict = await startSshd({ extraConfig: ["AuthenticationMethods publickey,publickey"] });
    appendFileSync(join(strict.dir, "authorized_keys"), `${await makeKey(path("second"))}\n`);
    const socket = await agentThatAsks("two", "/bin/false");
    await run(["ssh-add", "-q", strict.clientKey, path("second")], { SSH_AUTH_SOCK: socket });
    const changes = { agentSocket: socket, identitiesOnly: false, identityFiles: [] };
    succeed(await connect({ ...(await configOf(strict)), ...changes })).close();
    await strict.stop();
  });

  test("a certificate and a key of another kind are left out, and named", async () => {
    const socket = await agentThatAsks("mixed", "/bin/false");
    await makeKey(path("certified"));
    const sign = ["ssh-keygen", "-q", "-s", path("wrong"), "-I", "ann", path("certified.pub")];
    await run(sign);
    await run(["ssh-add", "-q", path("certified")], { SSH_AUTH_SOCK: socket });
    const fault = await refusal([], { agentSocket: socket, identitiesOnly: false });
    expect(fault.message).toMatch(/offered: made-by-test SHA256:\S+ of the agent$/);
    expect(fault.hint).toContain("made-by-test of the agent is a certificate, which tsync cannot use");
  });

  test("a security key of the agent, and an agent that talks nonsense", async () => {
    const field = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
    const blob = field("sk-ssh-ed25519@openssh.com").toString("latin1");
    const keys = Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), field(blob), field("my\x1b[2Jtoken")]);
    const answers = [keys, Buffer.from([12, 0, 0, 0, 9, 1]), Buffer.from("?")];
    // No agent can be made to say this: security keys are hardware.
    const fake = createServer((socket) =>
      socket.on("data", () => {
        const answer = answers.shift()!;
        socket.write(Buffer.concat([Buffer.from([0, 0, 0, answer.length]), answer]));
      }),
    ).listen(path("fake"));
    const changes = { agentSocket: path("fake"), identitiesOnly: false };
    expect((await refusal([], changes)).hint).toContain(
      "my\\x1b[2Jtoken of the agent needs a security key (FIDO), which tsync cannot use",
    );
    for (const _ of [1, 2]) expect((await refusal([], changes)).hint).toContain("does not answer");
    fake.close();
  });

  test("an agent that is gone does not keep the files from being tried", async () => {
    const gone = path("no-agent");
    succeed(await connect({ ...config, agentSocket: gone })).close();
    expect((await refusal([], { agentSocket: gone })).hint).toContain(`the agent at ${gone} does not answer`);
  });
});
