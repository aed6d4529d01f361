/** RevokedHostKeys, with lists that ssh-keygen makes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../../src/ssh/connect.ts";
import { isRevoked } from "../../../src/ssh/host-key/revoked-keys.ts";
import { startSshd, type TestSshd } from "../../helpers/sshd.ts";
import { configOf, failure, makeKey, run, succeed } from "../support.ts";

let sshd: TestSshd;
let other: string;
const hostKey = () => join(sshd.dir, "host_key.pub");

beforeAll(async () => {
  sshd = await startSshd();
  other = join(sshd.dir, "other");
  await makeKey(other);
});
afterAll(() => sshd.stop());

function blob(file: string): Buffer {
  return Buffer.from(readFileSync(file, "utf8").split(" ")[1] ?? "", "base64");
}

/** Makes a KRL of what `spec` says, in ssh-keygen's language. */
async function krl(name: string, spec: string): Promise<string> {
  const file = join(sshd.dir, name);
  writeFileSync(`${file}.spec`, spec);
  await run(["ssh-keygen", "-q", "-k", "-f", file, "-s", `${other}.pub`, "-z", "7", `${file}.spec`]);
  return file;
}

test("a key is found in lines and in every kind of KRL, and no other is", async () => {
  const key = readFileSync(hostKey(), "utf8");
  const lines = join(sshd.dir, "lines");
  writeFileSync(lines, `# old ones\n#${readFileSync(`${other}.pub`, "utf8")}\n\n${key}`);
  const lists = [
    lines,
    await krl("explicit", `serial: 5\nkey: ${key}`),
    await krl("sha1", `sha1: ${key}`),
    await krl("sha256", `id: x\nsha256: ${key}`),
  ];
  for (const list of lists) {
    expect([list, isRevoked(readFileSync(list), blob(hostKey()))]).toEqual([list, true]);
    expect([list, isRevoked(readFileSync(list), blob(`${other}.pub`))]).toEqual([list, false]);
  }
  const whole = readFileSync(lists[1] ?? "");
  expect(() => isRevoked(whole.subarray(0, whole.length - 3), blob(`${other}.pub`))).toThrow(RangeError);
});

test("a revoked host key is refused though it is known; so is any when the list cannot be read", async () => {
  const list = await krl("live", `key: ${readFileSync(hostKey(), "utf8")}`);
  const fault = failure(await connect(await configOf(sshd, [`RevokedHostKeys ${list}`])));
  expect(fault).toMatchObject({ code: "host-key", retry: false });
  expect(fault.message).toContain(`is REVOKED: ${sshd.hostKeyFingerprint} is in ${list}`);
  const missing = failure(await connect(await configOf(sshd, [`RevokedHostKeys ${list}.gone`])));
  expect(missing).toMatchObject({ code: "host-key", retry: false });
  expect(missing.message).toContain("(RevokedHostKeys) cannot be read");
  const harmless = await krl("harmless", `key: ${readFileSync(`${other}.pub`, "utf8")}`);
  succeed(await connect(await configOf(sshd, [`RevokedHostKeys ${harmless}`]))).close();
});
