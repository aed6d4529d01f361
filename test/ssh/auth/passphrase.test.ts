/** Keys with a passphrase: when it is asked for, which formats can be read, what is remembered. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nobody } from "../../../src/ssh/auth/asker.ts";
import { openKeyFile } from "../../../src/ssh/auth/key-file.ts";
import { UserAsker } from "../../../src/ssh/auth/user-asker.ts";
import type { HostConfig } from "../../../src/ssh/config/config.ts";
import { connect } from "../../../src/ssh/connect.ts";
import type { Terminal } from "../../../src/system/terminal.ts";
import { scriptedAsker } from "../../helpers/asker.ts";
import { startSshd, type TestSshd } from "../../helpers/sshd.ts";
import { configOf, failure, makeKey, succeed } from "../support.ts";

const passphrase = "open sesame";
let sshd: TestSshd;
let config: HostConfig;
const path = (name: string) => join(sshd.dir, name);

/** Makes a key with the passphrase, with few rounds. */
const sealed = (name: string, flags: string[] = ["-t", "ed25519"]) =>
  makeKey(path(name), [...flags, "-a", "2", "-N", passphrase]);

beforeAll(async () => {
  sshd = await startSshd();
  config = await configOf(sshd);
  appendFileSync(path("authorized_keys"), `${await sealed("good")}\n`);
  await sealed("stranger");
});
afterAll(() => sshd.stop());

const questionFor = (name: string) => `secret: Enter passphrase for key '${path(name)}': `;
const withKeys = (...names: string[]): HostConfig => ({ ...config, identityFiles: names.map(path) });

describe("the question", () => {
  test("is asked as OpenSSH asks it, and the key logs in", async () => {
    const asker = scriptedAsker([passphrase]);
    succeed(await connect(withKeys("good"), { asker })).close();
    expect(asker.asked).toEqual([questionFor("good")]);
  });

  test("comes only for a key that the server would accept", async () => {
    const asker = scriptedAsker([passphrase]);
    succeed(await connect(withKeys("stranger", "good"), { asker })).close();
    expect(asker.asked).toEqual([questionFor("good")]);
    const refused = failure(await connect(withKeys("stranger"), { asker }));
    expect(refused.message).toEndWith(`accepted no key; offered: ${path("stranger")}`);
    expect(refused.hint).not.toContain("passphrase");
  });

  test("does not come a second time", async () => {
    const asker = scriptedAsker([passphrase]);
    for (const _ of [1, 2]) succeed(await connect(withKeys("good"), { asker })).close();
    expect(asker.asked).toHaveLength(1);
  });

  test("comes once for two connections at the same time", async () => {
    let questions = 0;
    const ask = async () => (questions++ === 0 ? passphrase : null);
    const terminal = { isUsable: true, ask } as unknown as Terminal;
    const asker = new UserAsker(terminal, () => {}, {});
    const both = await Promise.all([1, 2].map(() => connect(withKeys("good"), { asker })));
    for (const connection of both) succeed(connection).close();
    expect(questions).toBe(1);
  });

  test("three tries, then the next key", async () => {
    const asker = scriptedAsker(["wrong", "Open sesame", "open sesame "]);
    const identityFiles = [path("good"), sshd.clientKey];
    succeed(await connect({ ...config, identityFiles }, { asker })).close();
    expect(asker.asked).toEqual(Array(3).fill(questionFor("good")));
    const fault = failure(await connect(withKeys("good"), { asker: scriptedAsker(["a", "b", "c", "d"]) }));
    expect(fault).toMatchObject({ code: "auth", retry: false });
    expect(fault.hint).toContain(`${path("good")} could not be used: the passphrase was wrong 3 times`);
  });

  test("an empty answer gives the key up", async () => {
    for (const nothing of ["", null]) {
      const asker = scriptedAsker([nothing, passphrase]);
      expect(failure(await connect(withKeys("good"), { asker })).hint).toContain("no passphrase was given");
      expect(asker.asked).toHaveLength(1);
    }
  });

  test("may take longer than the connect timeout", async () => {
    const asker = scriptedAsker([passphrase], 700);
    succeed(await connect({ ...withKeys("good"), connectTimeoutMs: 600 }, { asker })).close();
  });

  test("in batch mode it is not asked, and the fault says what to do", async () => {
    const asker = scriptedAsker([passphrase]);
    const fault = failure(await connect({ ...withKeys("good"), batchMode: true }, { asker }));
    expect(asker.asked).toEqual([]);
    expect(fault.hint).toContain(
      `it has a passphrase, and there is nobody to ask for it: add it to an agent (ssh-add ${path("good")})`,
    );
  });
});

describe("formats", () => {
  const formats: [string, string[]][] = [
    ["OpenSSH, aes256-ctr", ["-t", "ed25519"]],
    ["OpenSSH, aes256-gcm", ["-t", "ed25519", "-Z", "aes256-gcm@openssh.com"]],
    ["OpenSSH, aes128-cbc", ["-t", "ecdsa", "-Z", "aes128-cbc"]],
    ["OpenSSH, 3des-cbc", ["-t", "rsa", "-b", "2048", "-Z", "3des-cbc"]],
    ["PEM, RSA", ["-t", "rsa", "-b", "2048", "-m", "PEM"]],
    ["PEM, ECDSA", ["-t", "ecdsa", "-b", "384", "-m", "PEM"]],
    ["PKCS#8, RSA", ["-t", "rsa", "-b", "2048", "-m", "PKCS8"]],
    ["PKCS#8, ECDSA", ["-t", "ecdsa", "-m", "PKCS8"]],
  ];
  test.each(formats)("%s", async (format, flags) => {
    const name = format.replace(/\W+/g, "-");
    appendFileSync(path("authorized_keys"), `${await sealed(name, flags)}\n`);
    const asker = scriptedAsker(["wrong", passphrase]);
    succeed(await connect(withKeys(name), { asker })).close();
    expect(asker.asked).toHaveLength(2);
  });

  test("without the public half it is asked for at once", async () => {
    appendFileSync(path("authorized_keys"), `${await sealed("lone", ["-t", "ecdsa", "-m", "PEM"])}\n`);
    rmSync(path("lone.pub"));
    const asker = scriptedAsker([passphrase]);
    succeed(await connect(withKeys("lone"), { asker })).close();
    expect(asker.asked).toEqual([questionFor("lone")]);
    expect(failure(await connect(withKeys("lone"), { asker: nobody })).hint).toContain(
      "nobody to ask for it",
    );
  });

  test("a public half that belongs to another key", async () => {
    await sealed("mixed", ["-t", "ecdsa", "-m", "PEM"]);
    writeFileSync(path("mixed.pub"), readFileSync(`${sshd.clientKey}.pub`));
    const asker = scriptedAsker([passphrase]);
    expect(failure(await connect(withKeys("mixed"), { asker })).hint).toContain(
      `${path("mixed.pub")} belongs to another key`,
    );
  });

  test("many rounds do not hold up everything else", async () => {
    await makeKey(path("slow"), ["-t", "ed25519", "-a", "40", "-N", passphrase]);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    expect(await openKeyFile(readFileSync(path("slow"), "utf8"), passphrase)).not.toBeNull();
    clearInterval(timer);
    // Eighty rounds in all, and a turn for others after each that takes long.
    expect(turns).toBeGreaterThan(20);
  }, 30_000);
});

describe("key files of no use", () => {
  test("each is named, with the reason", async () => {
    await sealed("chacha", ["-t", "ed25519", "-Z", "chacha20-poly1305@openssh.com"]);
    await sealed("exposed");
    chmodSync(path("exposed"), 0o640);
    mkdirSync(path("folder"));
    writeFileSync(path("empty"), "", { mode: 0o600 });
    writeFileSync(path("garbage"), Buffer.from([0, 255, 10, 200, 1]), { mode: 0o600 });
    const cut = readFileSync(path("good"), "utf8").split("\n");
    writeFileSync(path("cut"), [...cut.slice(0, 3), ...cut.slice(-2)].join("\n"), { mode: 0o600 });
    writeFileSync(path("security-key"), securityKeyFile(), { mode: 0o600 });
    const names = ["chacha", "exposed", "folder", "empty", "garbage", "cut", "security-key"];
    const fault = failure(await connect(withKeys(...names), { asker: scriptedAsker([passphrase]) }));
    expect(fault.code).toBe("auth");
    for (const sentence of [
      "chacha is encrypted with chacha20-poly1305@openssh.com, which tsync cannot read: add it to the agent",
      "exposed can be read by other users: chmod 600 it",
      "folder is a directory",
      "empty is empty",
      "garbage is of a kind that tsync cannot read (Unsupported key format)",
      "cut is damaged",
      "security-key needs a security key (FIDO), which tsync cannot use",
    ]) {
      expect(fault.hint).toContain(path(sentence));
    }
  });
});

/** What ssh-keygen writes for a security key, which it makes only where there is one. */
function securityKeyFile(): string {
  const field = (data: string | Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(data)]);
  };
  const type = field("sk-ssh-ed25519@openssh.com");
  const key = Buffer.concat([type, field(Buffer.alloc(32)), field("ssh:")]);
  const secret = Buffer.concat([
    Buffer.alloc(8),
    key,
    Buffer.from([1]),
    field("handle"),
    field(""),
    field(""),
  ]);
  const data = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    Buffer.from([0, 0, 0, 1]),
    field(key),
    field(secret),
  ]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${data.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
