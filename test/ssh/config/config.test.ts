import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostConfig, resolveHost } from "../../../src/ssh/config/config.ts";
import { failure, makeKey, succeed } from "../support.ts";

let dir: string;
let configFile: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "tsync-config-"));
  configFile = join(dir, "config");
  writeFileSync(configFile, "Host alias\n  HostName 192.0.2.7\n  User carl\n  Port 2200\n");
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

/** Writes a configuration and resolves `host` with it. */
async function resolved(text: string, host: string, user?: string) {
  writeFileSync(join(dir, "other"), text);
  return resolveHost({ host, ...(user === undefined ? {} : { user }) }, { configFile: join(dir, "other") });
}

describe("hosts on the way", () => {
  const names = (config: HostConfig | null): string[] =>
    config === null
      ? []
      : [
          `${config.user}@${config.hostname}:${config.port} ${config.proxyCommand}`.trim(),
          ...names(config.jump),
        ];

  test("are resolved one by one; only the first has its own way", async () => {
    const text = `User me
Host target
 ProxyJump ann@a:2222,b,[::1]:44
Host a
 HostName a.example
 ProxyCommand nc %h %p
Host b
 HostName b.example
 Port 33
 ProxyJump elsewhere
`;
    const config = succeed(await resolved(text, "target"));
    expect(names(config)).toEqual([
      "me@target:22",
      "me@::1:44",
      "me@b.example:33",
      "ann@a.example:2222 nc a.example 2222",
    ]);
    expect(config.jump?.jump?.sshCommand).toBe(`ssh -F ${join(dir, "other")} -J ann@a:2222 b`);
  });

  test("have neither the port nor the key of the command line", async () => {
    const key = join(dir, "jump key");
    await makeKey(key);
    writeFileSync(join(dir, "other"), "Host target\n ProxyJump b\n");
    const options = { configFile: join(dir, "other"), port: 99, identityFiles: [key] };
    const { port, jump } = succeed(await resolveHost({ host: "target" }, options));
    expect(port).toBe(99);
    expect(jump?.port).toBe(22);
    expect(jump?.identityFiles).not.toContain(key);
  });

  test("may have a circle among them, or be too many: a fault", async () => {
    const circle = "Host a\n ProxyJump b\nHost b\n ProxyJump c\nHost c\n ProxyJump a\n";
    expect(failure(await resolved(circle, "a"))).toMatchObject({
      code: "usage",
      message: "ProxyJump leads in a circle: a, b, c, a",
    });
    expect(failure(await resolved("Host a\n ProxyJump a\n", "a")).message).toContain("jumphost loop via a");
    const many = (count: number) =>
      `Host t\n ProxyJump ${Array.from({ length: count }, (_, index) => `h${index}`).join(",")}\n`;
    expect(names(succeed(await resolved(many(8), "t")))).toHaveLength(9);
    expect(failure(await resolved(many(9), "t")).message).toContain("through more than 8 hosts: t, h8, h7");
    expect(names(succeed(await resolved("Host t\n ProxyJump a,b,a\n", "t")))).toHaveLength(4);
  });

  test("must have names that mean nothing to a shell", async () => {
    for (const host of ["a;b", "a b", "$(id)", "a`b`", "-a", "a\nb", "x'y"]) {
      expect(failure(await resolved("", host)).message).toContain("is not a host name");
    }
    for (const user of ["a;b", "-a", "a -b", "a\\", "$(x)"]) {
      expect(failure(await resolved("", "h", user)).message).toContain("is not the name of a user");
    }
    expect(succeed(await resolved("", "h", "DOMAIN\\a b")).user).toBe("DOMAIN\\a b");
    expect(failure(await resolved("Host t\n ProxyJump a;b\n", "t")).code).toBe("usage");
  });
});

test("algorithms and warnings are about what the user set", async () => {
  const plain = succeed(await resolved("Port 7\n", "h"));
  expect(plain.algorithms).toEqual({ ciphers: [], kex: [], macs: [], hostKeys: [] });
  expect(plain.warnings).toEqual([]);
  const text = `Ciphers ^aes256-ctr
HostKeyAlgorithms +ssh-rsa
CertificateFile ~/x-cert.pub
PKCS11Provider /x.so
SecurityKeyProvider /sk.so
GSSAPIAuthentication yes
HostbasedAuthentication yes
ProxyUseFdpass yes
ProxyCommand nc %h %p
VerifyHostKeyDNS yes
KnownHostsCommand /bin/keys %H
NoHostAuthenticationForLocalhost yes
RemoteCommand tmux
RequestTTY yes
LocalCommand date
PermitLocalCommand yes
IPQoS throughput
RekeyLimit 1G 1h
ControlMaster auto
ControlPath ~/.ssh/%C
LocalForward 1234 localhost:80
ForwardAgent yes
`;
  const config = succeed(await resolved(text, "h"));
  expect(config.algorithms.ciphers[0]).toBe("aes256-ctr");
  expect(config.algorithms.hostKeys.at(-1)).toBe("ssh-rsa");
  expect(config.warnings.map((warning) => warning.split(" of h is not followed: ")[0])).toEqual([
    "CertificateFile",
    "PKCS11Provider",
    "SecurityKeyProvider",
    "GSSAPIAuthentication",
    "HostbasedAuthentication",
    "ProxyUseFdpass",
    "VerifyHostKeyDNS",
    "KnownHostsCommand",
    "NoHostAuthenticationForLocalhost",
    "RemoteCommand",
    "LocalCommand",
    "IPQoS",
    "RekeyLimit",
  ]);
  const off =
    "LocalCommand date\nProxyUseFdpass yes\nIPQoS none\nPKCS11Provider none\nVerifyHostKeyDNS ask\n";
  expect(succeed(await resolved(off, "h")).warnings).toEqual([]);
});

test("what the system switches on for everybody is nobody's wish", async () => {
  // The configuration of Debian has GSSAPIAuthentication yes.
  const { warnings } = succeed(await resolveHost({ host: "no-such-host.invalid" }, {}));
  expect(warnings.filter((warning) => warning.includes("GSSAPI"))).toEqual([]);
});

test("BindAddress may be a name", async () => {
  expect(succeed(await resolved("BindAddress localhost\nAddressFamily inet\n", "h")).bindAddress).toBe(
    "127.0.0.1",
  );
  expect(succeed(await resolved("BindAddress ::1\n", "h")).addressFamily).toBe(6);
  expect(failure(await resolved("BindAddress no-such-host.invalid\n", "h"))).toMatchObject({
    code: "usage",
    message: expect.stringContaining("BindAddress of h has no address"),
  });
});
