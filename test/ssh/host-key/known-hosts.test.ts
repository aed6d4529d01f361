import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostKeyAlgorithms } from "../../../src/ssh/algorithms.ts";
import type { HostConfig } from "../../../src/ssh/config/config.ts";
import { parseHostConfig } from "../../../src/ssh/config/parse-config.ts";
import { fingerprint, hostKeyFault, hostKeyType, judgeHostKey } from "../../../src/ssh/host-key/host-key.ts";
import { findHostKeys, findOtherNames } from "../../../src/ssh/host-key/known-hosts.ts";
import { failure, makeKey, run, succeed } from "../support.ts";

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

  test("another port or another name is unknown", async () => {
    expect(await judge([`[srv.example]:2223 ${keys.first}`], keys.first)).toBe("unknown");
    expect(await judge([`other ${keys.first}`], keys.first, 22)).toBe("unknown");
    expect(await judge([], keys.first)).toBe("unknown");
  });

  test("a line without the port vouches, but does not accuse", async () => {
    expect(await judge([`srv.example ${keys.first}`], keys.first)).toBe("known");
    expect(await judge([`srv.example ${keys.second}`], keys.first)).toBe("unknown");
  });

  test("a line without the port does not vouch against one that has it", async () => {
    expect(
      await judge([`srv.example ${keys.first}`, `[srv.example]:2222 ${keys.second}`], keys.first),
    ).toMatchObject({ changed: { line: 3 } });
  });

  test("where keys of other types are known, a new type is a change", async () => {
    const verdict = await judge([`[srv.example]:2222 ${keys.rsa}`], keys.first);
    expect(verdict).toMatchObject({ changed: { line: 2, keyType: "ssh-rsa" } });
    const nearest = await judge(
      [`[srv.example]:2222 ${keys.rsa}`, `[srv.example]:2222 ${keys.second}`],
      keys.first,
    );
    expect(nearest).toMatchObject({ changed: { line: 3, keyType: "ssh-ed25519" } });
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

describe("files", () => {
  const read = (...files: string[]) =>
    findHostKeys({ ...hostConfig(22), userKnownHostsFiles: files, globalKnownHostsFiles: [] });

  test("those of the user come first, lines without the port last", async () => {
    const global = join(dir, "global");
    writeFileSync(file, `srv.example ${keys.first}\n[srv.example]:2222 ${keys.second}`);
    writeFileSync(global, `\n\n*.example,[*.example]:* ${keys.rsa}\n`);
    const config = { ...hostConfig(2222), userKnownHostsFiles: [file], globalKnownHostsFiles: [global] };
    const found = succeed(await findHostKeys(config));
    expect(found.map((entry) => [entry.file, entry.line, entry.anyPort])).toEqual([
      [file, 2, false],
      [global, 3, false],
      [file, 1, true],
    ]);
  });

  test("none, or a device, holds no keys", async () => {
    expect(await read(join(dir, "none"), join(file, "below"), "/dev/null")).toEqual([]);
  });

  test("what cannot be read is a fault that names it", async () => {
    const socket = join(dir, "socket");
    const listener = Bun.listen({ unix: socket, socket: { data() {} } });
    const pipe = join(dir, "pipe");
    await run(["mkfifo", pipe]);
    for (const path of [socket, pipe, dir]) {
      const fault = failure(await read(file, path));
      expect(fault.code).toBe("host-key");
      expect(fault.message).toBe(`cannot read the known hosts in ${path}: it is not a file`);
    }
    listener.stop();
  });

  test.skipIf(process.getuid?.() === 0)("neither is what may not be read", async () => {
    chmodSync(file, 0);
    expect(failure(await read(file)).message).toContain("permission denied");
    chmodSync(file, 0o600);
  });

  test("100,000 lines, and what is on the last one", async () => {
    const others = Array.from(
      { length: 100_000 },
      (_, i) => `host${i}.example,10.0.0.${i} ${keys.second} me`,
    );
    writeFileSync(file, `${others.join("\n")}\nsrv.example ${keys.first}`);
    expect(succeed(await read(file))).toMatchObject([{ line: 100_001, keyType: "ssh-ed25519" }]);
  });

  test("a line longer than any piece that is read, and one without bounds", async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `host${i}.example`).join();
    writeFileSync(file, `x ${keys.second}\n${names},srv.example ${keys.first}\nsrv.example ${keys.rsa}\n`);
    expect(succeed(await read(file)).map((entry) => entry.line)).toEqual([2, 3]);
    writeFileSync(file, `x ${keys.second}\n${"x".repeat(1_200_000)}`);
    expect(failure(await read(file)).message).toContain("line 2 is longer than 1048576 bytes");
  });
});

test("other names of a key are told as ssh tells them", async () => {
  const [hashed] = [`|1|${Buffer.alloc(20).toString("base64")}|${Buffer.alloc(20).toString("base64")}`];
  writeFileSync(
    file,
    [
      `a,b ${keys.first} comment`,
      `${hashed} ${keys.first}`,
      `srv.example ${keys.first}`,
      `@revoked c ${keys.first}`,
      `${"d".repeat(300)} ${keys.first}`,
      `e ${keys.second}`,
    ].join("\n"),
  );
  expect(succeed(await findOtherNames(hostConfig(22), blob(keys.first)))).toEqual([
    `${file}:1: a,b`,
    `${file}:2: [hashed name]`,
    `${file}:5: ${"d".repeat(200)}…`,
  ]);
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
  expect(hostKeyFault("known", [], offered, config)).toBeNull();

  const unknown = failure(hostKeyFault("unknown", [], offered, config));
  expect(unknown).toMatchObject({ code: "host-key", retry: false });
  expect(unknown.message).toBe(
    `the host key of srv.example:2222 is not known: it offers the ssh-ed25519 key ${print}`,
  );
  expect(unknown.hint).toEndWith("connect once with: ssh srv");

  const changed = failure(
    hostKeyFault(await judge([`[srv.example]:2222 ${keys.second}`], keys.first), [], offered, config),
  );
  expect(changed.message).toContain("srv.example:2222 has CHANGED");
  expect(changed.message).toContain(print);
  expect(changed.message).toContain(`${file} line 2`);
  expect(changed.hint).toContain(`ssh-keygen -R '[srv.example]:2222' -f '${file}'`);

  const other = await judge([`[srv.example]:2222 ${keys.rsa}`], keys.first);
  expect(failure(hostKeyFault(other, [], offered, config)).message).toContain(
    `but the ssh-rsa key in ${file} line 2 is another one`,
  );

  const revoked = failure(
    hostKeyFault(await judge([`@revoked * ${keys.first}`], keys.first), [], offered, config),
  );
  expect(revoked.message).toContain(`REVOKED: the ssh-ed25519 key ${print} is marked so in ${file} line 2`);
});

test("what is unknown says how it becomes known", async () => {
  const offered = blob(keys.first);
  const hint = (changes: Partial<HostConfig>) =>
    failure(hostKeyFault("unknown", [], offered, { ...hostConfig(22), ...changes })).hint;
  expect(hint({ strictHostKeyChecking: "yes" })).toContain(`add the key to ${file} (StrictHostKeyChecking`);
  expect(hint({ userKnownHostsFiles: [] })).toEndWith("name a file with UserKnownHostsFile for it");
  expect(hint({ hostname: "a*" })).toContain("HostKeyAlias");
});

test("where a certificate authority is trusted, its line is named", async () => {
  writeFileSync(file, `\n@cert-authority *.example ${keys.rsa}\n`);
  const known = succeed(await findHostKeys(hostConfig(22)));
  const fault = failure(hostKeyFault("unknown", known, blob(keys.first), hostConfig(22)));
  expect(fault.message).toEndWith(
    `(${file} line 2 trusts a certificate authority for it, but tsync cannot check certificates of hosts)`,
  );
});

test("algorithms of known keys are asked for first", async () => {
  writeFileSync(file, `srv.example ${keys.rsa}\n@revoked srv.example ${keys.first}\n`);
  const known = succeed(await findHostKeys(hostConfig(22)));
  expect(hostKeyAlgorithms(known).slice(0, 3)).toEqual(["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
  expect(hostKeyAlgorithms([])[0]).toBe("ssh-ed25519");
  expect(hostKeyAlgorithms([])).not.toContain("ssh-rsa");
});
