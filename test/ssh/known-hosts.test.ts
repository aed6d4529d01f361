import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostKeyAlgorithms } from "../../src/ssh/algorithms.ts";
import type { HostConfig } from "../../src/ssh/config.ts";
import { fingerprint, hostKeyFault, hostKeyType, judgeHostKey } from "../../src/ssh/host-key.ts";
import { findHostKeys } from "../../src/ssh/known-hosts.ts";
import { parseHostConfig } from "../../src/ssh/parse-config.ts";
import { failure, makeKey, run, succeed } from "./support.ts";

let dir: string;
let file: string;
/** Public keys as they stand in a file: type and base64. */
const keys = { first: "", second: "", rsa: "" };

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "tsync-known-"));
  file = join(dir, "known_hosts");
  keys.first = await makeKey(join(dir, "first"));
  keys.second = await makeKey(join(dir, "second"));
  keys.rsa = await makeKey(join(dir, "rsa"), ["-t", "rsa", "-b", "2048", "-N", ""]);
});
afterAll(() => rmSync(dir, { recursive: true }));

function blob(key: string): Buffer {
  return Buffer.from(key.split(" ")[1] ?? "", "base64");
}

function hostConfig(port: number, hostKeyAlias = ""): HostConfig {
  const text = `user u\nhostname srv.example\nport ${port}\nuserknownhostsfile ${file} ${file}.none\n`;
  const alias = hostKeyAlias === "" ? "" : `hostkeyalias ${hostKeyAlias}\n`;
  return succeed(parseHostConfig(text + alias, { host: "srv", sshCommand: "ssh srv", home: "/", env: {} }));
}

/** What the lines say about `key` when a server on `port` offers it. */
async function judge(lines: string[], key: string, port = 2222, alias = "") {
  writeFileSync(file, `# a comment\n${lines.join("\n")}\n`);
  return judgeHostKey(succeed(await findHostKeys(hostConfig(port, alias))), blob(key));
}

describe("judgement", () => {
  test("known, on the default and on another port", async () => {
    expect(await judge([`srv.example ${keys.first} me@here`], keys.first, 22)).toBe("known");
    expect(await judge([`[srv.example]:2222 ${keys.first}`], keys.first)).toBe("known");
    expect(await judge([`[srv.example]:2222,[other]:9 ${keys.rsa}`], keys.rsa)).toBe("known");
  });

  test("another port, another name, or another type is unknown", async () => {
    expect(await judge([`[srv.example]:2223 ${keys.first}`], keys.first)).toBe("unknown");
    expect(await judge([`other ${keys.first}`], keys.first, 22)).toBe("unknown");
    expect(await judge([`[srv.example]:2222 ${keys.rsa}`], keys.first)).toBe("unknown");
    expect(await judge([], keys.first)).toBe("unknown");
  });

  test("a line without the port vouches, but does not accuse", async () => {
    expect(await judge([`srv.example ${keys.first}`], keys.first)).toBe("known");
    expect(await judge([`srv.example ${keys.second}`], keys.first)).toBe("unknown");
  });

  test("another key of the same type is a change, and names its line", async () => {
    const verdict = await judge(["x y z", `[srv.example]:2222 ${keys.second}`], keys.first);
    expect(verdict).toMatchObject({ changed: { file, line: 3, keyType: "ssh-ed25519" } });
    expect(
      await judge([`[srv.example]:2222 ${keys.second}`, `[srv.example]:2222 ${keys.first}`], keys.first),
    ).toBe("known");
  });

  test("a revoked key is revoked, even where it is also known", async () => {
    const known = `[srv.example]:2222 ${keys.first}`;
    const verdict = await judge([known, `@revoked * ${keys.first}`], keys.first);
    expect(verdict).toMatchObject({ revoked: { line: 3, marker: "@revoked" } });
    expect(await judge([known, `@revoked * ${keys.second}`], keys.first)).toBe("known");
  });

  test("the key of a certificate authority is no host key", async () => {
    expect(await judge([`@cert-authority * ${keys.first}`], keys.first)).toBe("unknown");
  });

  test("hashed names are found", async () => {
    writeFileSync(file, `[srv.example]:2222 ${keys.first}\nsrv.example ${keys.second}\n`);
    await run(["ssh-keygen", "-q", "-H", "-f", file]);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.join()).not.toContain("srv.example");
    expect(await judge(lines, keys.first)).toBe("known");
    expect(await judge(lines, keys.second, 22)).toBe("known");
    expect(await judge(lines, keys.first, 22)).toMatchObject({ changed: { line: 3 } });
  });

  test("HostKeyAlias is looked up as it is, without a port", async () => {
    expect(await judge([`farm ${keys.first}`], keys.first, 2222, "farm")).toBe("known");
    expect(await judge([`[srv.example]:2222 ${keys.first}`], keys.first, 2222, "farm")).toBe("unknown");
  });
});

test("a known_hosts file that cannot be read is a fault", async () => {
  const unreadable = join(dir, "socket");
  const listener = Bun.listen({ unix: unreadable, socket: { data() {} } });
  const fault = failure(
    await findHostKeys({ ...hostConfig(22), userKnownHostsFiles: [unreadable], globalKnownHostsFiles: [] }),
  );
  listener.stop();
  expect(fault.code).toBe("host-key");
  expect(fault.message).toContain(unreadable);
});

test("type and fingerprint are those that OpenSSH prints", async () => {
  for (const [name, key] of Object.entries(keys)) {
    const printed = await run(["ssh-keygen", "-lf", join(dir, name)]);
    expect(printed.split(" ")[1]).toBe(fingerprint(blob(key)));
    expect(hostKeyType(blob(key))).toBe(key.split(" ")[0] ?? "");
  }
});

test("messages name host, key, and place, and say what to do", async () => {
  const config = hostConfig(2222);
  const offered = blob(keys.first);
  const print = fingerprint(offered);
  expect(hostKeyFault("known", offered, config)).toBeUndefined();

  const unknown = failure(hostKeyFault("unknown", offered, config));
  expect(unknown).toMatchObject({ code: "host-key", retry: false });
  expect(unknown.message).toBe(
    `the host key of srv.example:2222 is not known: it offers the ssh-ed25519 key ${print}`,
  );
  expect(unknown.hint).toEndWith("connect once with: ssh srv");

  const changed = failure(
    hostKeyFault(await judge([`[srv.example]:2222 ${keys.second}`], keys.first), offered, config),
  );
  expect(changed.message).toContain("srv.example:2222 has CHANGED");
  expect(changed.message).toContain(print);
  expect(changed.message).toContain(`${file} line 2`);
  expect(changed.hint).toContain(`ssh-keygen -R '[srv.example]:2222' -f '${file}'`);

  const revoked = failure(
    hostKeyFault(await judge([`@revoked * ${keys.first}`], keys.first), offered, config),
  );
  expect(revoked.message).toContain(`REVOKED: the ssh-ed25519 key ${print} is marked so in ${file} line 2`);
});

test("algorithms of known keys are asked for first", async () => {
  writeFileSync(file, `srv.example ${keys.rsa}\n@revoked srv.example ${keys.first}\n`);
  const known = succeed(await findHostKeys(hostConfig(22)));
  expect(hostKeyAlgorithms(known).slice(0, 3)).toEqual(["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
  expect(hostKeyAlgorithms([])[0]).toBe("ssh-ed25519");
  expect(hostKeyAlgorithms([])).not.toContain("ssh-rsa");
});
