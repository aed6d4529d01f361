import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveHost } from "../../src/ssh/config.ts";
import { failure, makeKey, succeed } from "./support.ts";

let dir: string;
let configFile: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "tsync-config-"));
  configFile = join(dir, "config");
  writeFileSync(
    configFile,
    "Host alias\n  HostName 192.0.2.7\n  User carl\n  Port 2200\nHost jump\n  ProxyJump b\n",
  );
});
afterAll(() => rmSync(dir, { recursive: true }));

test("an alias resolves as it does for ssh", async () => {
  const config = succeed(await resolveHost({ host: "alias" }, { configFile }));
  expect(config).toMatchObject({ host: "alias", hostname: "192.0.2.7", user: "carl", port: 2200 });
  expect(config.sshCommand).toBe(`ssh -F ${configFile} alias`);
});

test("user, port and key of the request win over the configuration, and the request's port over -p", async () => {
  const key = join(dir, "my key");
  await makeKey(key);
  const options = { configFile, port: 1, identityFiles: [key] };
  const config = succeed(await resolveHost({ host: "alias", user: "dora", port: 2 }, options));
  expect(config).toMatchObject({ user: "dora", port: 2, identityFiles: [key] });
  expect(config.sshCommand).toBe(`ssh -F ${configFile} -i '${key}' -p 2 -l dora alias`);
  expect(succeed(await resolveHost({ host: "alias" }, options)).port).toBe(1);
});

test("what ssh does not accept is a usage fault", async () => {
  expect(failure(await resolveHost({ host: "-oProxyCommand=touch /tmp/x" }, {})).message).toContain(
    "not a host name",
  );
  expect(failure(await resolveHost({ host: "" }, {})).code).toBe("usage");
  expect(failure(await resolveHost({ host: "h", port: 99_999 }, { configFile })).message).toContain(
    "Bad port",
  );
  expect(failure(await resolveHost({ host: "h" }, { configFile: join(dir, "no") })).message).toContain(
    "No such file",
  );
  const missingKey = await resolveHost({ host: "h" }, { configFile, identityFiles: [join(dir, "no-key")] });
  expect(failure(missingKey).message).toContain(`Identity file ${join(dir, "no-key")} not accessible`);
});

test("a proxy is refused", async () => {
  expect(failure(await resolveHost({ host: "jump" }, { configFile })).message).toContain(
    "ProxyJump is set for jump",
  );
});

test("a missing ssh is named", async () => {
  const path = process.env.PATH;
  process.env.PATH = dir;
  try {
    const fault = failure(await resolveHost({ host: "h" }, { configFile }));
    expect(fault).toMatchObject({ code: "missing-program", retry: false });
    expect(fault.hint).toContain("OpenSSH client");
  } finally {
    process.env.PATH = path;
  }
});
