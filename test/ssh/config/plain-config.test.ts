/** The reading of ssh_config without ssh, held against what ssh says about the same files. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type Fault, isFault } from "../../../src/core/fault.ts";
import {
  type HostConfig,
  type HostRequest,
  resolveHost,
  type SshOptions,
} from "../../../src/ssh/config/config.ts";
import { readPlainConfig } from "../../../src/ssh/config/plain-config.ts";
import { readSettings } from "../../../src/ssh/config/settings.ts";
import { tempDir } from "../../helpers/process.ts";
import { failure, makeKey, succeed } from "../support.ts";

let dir: string;
let configFile: string;
const path = process.env.PATH;

beforeAll(() => {
  dir = tempDir("tsync-plain-");
  mkdirSync(join(dir, "empty"));
  configFile = join(dir, "config");
});
afterAll(() => {
  process.env.PATH = path;
});

/** `resolveHost` where there is no ssh. */
async function resolvePlainly(request: HostRequest, options: SshOptions): Promise<HostConfig | Fault> {
  process.env.PATH = join(dir, "empty");
  try {
    return await resolveHost(request, options);
  } finally {
    process.env.PATH = path;
  }
}

/** What both readings must have in common; which kinds of keys are looked for by default is up to the version of ssh. */
function essence(config: HostConfig | Fault): unknown {
  if (isFault(config)) return config.code;
  const identityFiles = config.identityFiles.filter((file) => !/id_(xmss|dsa|mldsa.*)$/.test(file));
  return { ...config, identityFiles, warnings: [], jump: config.jump === null ? null : essence(config.jump) };
}

/** Resolves `hosts` both ways, and gives the plain answers. */
async function compare(text: string, hosts: (string | HostRequest)[]): Promise<(HostConfig | Fault)[]> {
  writeFileSync(configFile, text);
  const answers: (HostConfig | Fault)[] = [];
  for (const host of hosts) {
    const request = typeof host === "string" ? { host } : host;
    const real = await resolveHost(request, { configFile });
    const plain = await resolvePlainly(request, { configFile });
    expect({ text, request, ...Object(essence(plain)) }).toEqual({ text, request, ...Object(essence(real)) });
    answers.push(plain);
  }
  return answers;
}

describe("as ssh -G says", () => {
  test("nothing configured", () => compare("", ["Web.Example", { host: "h", user: "ann", port: 7 }]));

  test("Host with patterns and negation; the first value wins", () =>
    compare(
      `Port 10
Host *.example !b*.example
  User first
  Port 20
  HostName %h.net
Host "b?.example" c
  User second
  User third
Host *
  User last
`,
      ["a.example", "b1.example", "c", "bb1.example", "C"],
    ));

  test("quotes, escapes, comments, equals signs, odd blanks", () =>
    compare(
      `# a comment
   # another
Host=x "y z"
\tUser "d e" # who
  IdentityFile=~/.ssh/a\\ b
IdentityFile = "~/'q'/%h-%r-%p-%n-%u-%i-%d-%k-%%"
 IdentityFile '/a "b"'
  IDENTITYFILE   ~/.ssh/a\\ b
UserKnownHostsFile "~/k h" /l/%k /m
GlobalKnownHostsFile ~/g /h
ProxyCommand  nc "%h x" %p %r %n %% # not a comment
Host none
 UserKnownHostsFile none
 IdentityFile none
 ProxyCommand none
 IdentityAgent none
`,
      ["x", "none", "y"],
    ));

  test("words, times and numbers", () =>
    compare(
      `Host a
 StrictHostKeyChecking off
 ConnectTimeout 1m30
 ServerAliveInterval 2M
 ServerAliveCountMax 9
 Compression yes
 IdentitiesOnly TRUE
 HashKnownHosts no
 BatchMode yes
 NumberOfPasswordPrompts 1
 PreferredAuthentications password,gssapi-with-mic,publickey
 ChallengeResponseAuthentication no
 AddressFamily inet6
 BindAddress ::1
 HostKeyAlias Farm
 IdentityAgent ~/agents/%h
Host b
 StrictHostKeyChecking accept-new
 ConnectTimeout none
 PubkeyAuthentication no
 IdentityAgent $TSYNC_NO_SUCH
Host c
 StrictHostKeyChecking yes
 BindInterface lo
`,
      ["a", "b", "c"],
    ));

  test("algorithms", () =>
    compare(
      `Host a
 Ciphers aes256-ctr,chacha20-poly1305@openssh.com,aes128-ctr
 KexAlgorithms ecdh-sha2-nistp256
 MACs hmac-sha1,umac-64@openssh.com
 HostKeyAlgorithms rsa-sha2-256,ssh-ed25519
Host none
 Ciphers chacha20-poly1305@openssh.com
Host plus
 HostKeyAlgorithms +ssh-rsa
`,
      ["a", "none", "plus"],
    ));

  test("SetEnv and SendEnv", () => {
    process.env.TSYNC_TEST_A = "1";
    process.env.TSYNC_TEST_B = "2";
    return compare(
      `Host a
 SendEnv TSYNC_TEST_? OTHER
 SetEnv "X=y z" Y=1 X=2
 SetEnv Z=3
 SendEnv -TSYNC_TEST_B
`,
      ["a"],
    );
  });

  test("hosts on the way", () =>
    compare(
      `Host t
 ProxyJump u@a:2222,b,[::1]:22
Host a
 HostName a.example
 ProxyCommand to-a %h
Host b
 ProxyJump not-this
Host uri
 ProxyJump=ssh://x%40y@b:33
Host tokens
 ProxyJump %r@gate-%h
Host first-none
 ProxyJump none
 ProxyCommand p
 ProxyJump b
Host second
 ProxyCommand none
 ProxyJump b
Host third
 ProxyJump b
 ProxyCommand q
`,
      ["t", "uri", "tokens", "first-none", "second", "third"],
    ));

  test("Include, in and out of Host blocks", async () => {
    const folder = join(dir, "inc");
    mkdirSync(folder);
    writeFileSync(join(folder, "1.conf"), "User one\nHost x\n Port 11\nHost *\n ConnectTimeout 4\n");
    writeFileSync(join(folder, "2.conf"), "User two\nCompression yes\n");
    writeFileSync(join(folder, ".3.conf"), "BatchMode yes\n");
    writeFileSync(join(folder, "{4}.conf"), "HashKnownHosts yes\n");
    symlinkSync("gone", join(folder, "5.conf"));
    mkdirSync(join(folder, "6.conf"));
    await compare(`Host x\n Include ${folder}/*.conf ${folder}/nothing\n Port 12\nHost *\n Port 13\n`, [
      "x",
      "y",
    ]);
    await compare(`Include ${folder}/[2-9]*\nHost y\n Include "${folder}/{4}.conf"\n`, ["x", "y"]);
  });

  test("what ssh refuses is refused", async () => {
    const bad = [
      'User "a',
      "Port 99999",
      "Port",
      "StrictHostKeyChecking maybe",
      "ConnectTimeout soon",
      "ProxyJump a:b:c",
      "ProxyJump @b",
      "HostName %x",
      "Compression perhaps",
      "NumberOfPasswordPrompts many",
    ];
    for (const line of bad) {
      const [answer] = await compare(`${line}\n`, ["h"]);
      expect(failure(answer).code).toBe("usage");
    }
    await compare("Host a\n ProxyJump a\n", ["a"]);
    const itself = [
      "ProxyJump h",
      "ProxyJump a,h",
      "HostName x\nProxyJump x",
      "User u\nProxyJump u@h",
      "User u\nProxyJump h",
    ];
    for (const lines of itself) {
      const [answer] = await compare(`Host h\n${lines}\n`, ["h"]);
      expect(failure(answer).code).toBe("usage");
    }
    const another = [
      "HostName x\nProxyJump h",
      "Port 5\nProxyJump h",
      "User u\nProxyJump v@h",
      "ProxyJump %h",
    ];
    for (const lines of another) await compare(`Host h\n${lines}\n`, ["h"]);
    writeFileSync(join(dir, "open"), "User x\n");
    chmodSync(join(dir, "open"), 0o666);
    await compare(`Include ${join(dir, "open")}\n`, ["h"]);
    await compare(`Include ${configFile}\n`, ["h"]);
  });

  test("whatever it is", async () => {
    const line = fc.constantFrom(
      "User ann",
      "User bob # b",
      "Port 1",
      "Port=2",
      "HostName real.example",
      "HostName %h.example",
      "IdentityFile ~/.ssh/%h",
      'IdentityFile "/k/a b"',
      "IdentitiesOnly yes",
      "IdentityAgent /run/%r",
      "UserKnownHostsFile ~/a /b",
      "StrictHostKeyChecking no",
      "HostKeyAlias Alias",
      "ProxyJump gate",
      "ProxyJump none",
      "ProxyJump u@gate:5,b.example",
      "ProxyCommand nc %h %p",
      "ProxyCommand none",
      "ConnectTimeout 2m",
      "ServerAliveInterval 7",
      "SetEnv A=1 B=2",
      "SetEnv A=3",
      "SendEnv TSYNC_*",
      "Compression yes",
      "Match all",
    );
    const patterns = fc.constantFrom(
      "*",
      "a.example",
      "*.example !b*",
      "gate",
      "? g*",
      "!a* *",
      "b.example gate",
    );
    const block = fc.record({ patterns, lines: fc.array(line, { maxLength: 5 }) });
    const config = fc.array(block, { minLength: 1, maxLength: 4 });
    const host = fc.constantFrom("a.example", "b.example", "gate");
    await fc.assert(
      fc.asyncProperty(config, host, async (blocks, name) => {
        const text = blocks
          .map(({ patterns, lines }) => `Host ${patterns}\n ${lines.join("\n ")}\n`)
          .join("");
        await compare(text, [name]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what is its own", () => {
  test("a note that it is limited, and a warning for each Match", async () => {
    writeFileSync(configFile, 'Host h\n Port 5\nMatch host h exec "true"\n Port 6\nMatch all\n User last\n');
    const { port, user, warnings } = succeed(await resolvePlainly({ host: "h" }, { configFile }));
    expect({ port, user }).toEqual({ port: 5, user: "last" });
    expect(warnings).toEqual([
      "the ssh client of OpenSSH is not installed: ssh_config is read without Match, CanonicalizeHostname, and tokens in Include",
      `Match host h exec "true" is skipped (${configFile} line 3)`,
    ]);
  });

  test("it is used where ssh is another program, which is not asked to connect", async () => {
    const bin = join(dir, "dropbear");
    mkdirSync(bin);
    const called = join(dir, "called");
    const script = `#!/bin/sh\n[ "$1" = -V ] || echo "$*" > '${called}'\necho Dropbear v2022.83 >&2\n`;
    writeFileSync(join(bin, "ssh"), script, { mode: 0o755 });
    writeFileSync(configFile, "Host h\n Port 5\n");
    process.env.PATH = `${bin}:${path}`;
    try {
      expect(succeed(await resolveHost({ host: "h" }, { configFile })).port).toBe(5);
    } finally {
      process.env.PATH = path;
    }
    expect(existsSync(called)).toBe(false);
  });

  test("~/.ssh/config with Includes beside it, and only its owner may write it", () => {
    const home = join(dir, "home");
    mkdirSync(join(home, ".ssh/more"), { recursive: true });
    writeFileSync(join(home, ".ssh/config"), "Include more/* ~/.ssh/x\nIdentityFile ~/.ssh/k\n");
    writeFileSync(join(home, ".ssh/more/a"), "User deploy\n");
    writeFileSync(join(home, ".ssh/x"), "Port 33\n");
    const { text } = succeed(readPlainConfig({ host: "h" }, home));
    const settings = readSettings(text);
    expect(settings.get("user")).toEqual(["deploy"]);
    expect(settings.get("port")).toEqual(["33"]);
    expect(settings.get("userknownhostsfile")).toEqual([
      `${home}/.ssh/known_hosts ${home}/.ssh/known_hosts2`,
    ]);
    chmodSync(join(home, ".ssh/config"), 0o620);
    expect(failure(readPlainConfig({ host: "h" }, home)).message).toBe(
      `Bad owner or permissions on ${home}/.ssh/config`,
    );
    expect(succeed(readPlainConfig({ host: "h", configFile: "none" }, home)).text).toContain("port 22\n");
  });

  test("the command line wins, and -F and -i must be there", async () => {
    writeFileSync(configFile, "Host h\n Port 5\n User u\n IdentityFile /k\n");
    const key = join(dir, "key");
    await makeKey(key);
    const options = { configFile, identityFiles: [key] };
    const config = succeed(await resolvePlainly({ host: "h", user: "v", port: 6 }, options));
    expect(config).toMatchObject({ port: 6, user: "v", identityFiles: [key, "/k"] });
    const none = join(dir, "none");
    expect(failure(await resolvePlainly({ host: "h" }, { configFile: none })).message).toContain(none);
    expect(failure(await resolvePlainly({ host: "h" }, { identityFiles: [none] })).message).toContain(none);
  });

  test("lists of algorithms that add, take away, or put first", async () => {
    writeFileSync(configFile, "Ciphers ^aes256-ctr\nMACs -*-etm*\nKexAlgorithms +*-sha1\n");
    const { algorithms } = succeed(await resolvePlainly({ host: "h" }, { configFile }));
    expect(algorithms.ciphers.slice(0, 2)).toEqual(["aes256-ctr", "aes128-gcm@openssh.com"]);
    expect(algorithms.ciphers).toHaveLength(5);
    expect(algorithms.macs).toEqual(["hmac-sha2-256", "hmac-sha2-512", "hmac-sha1"]);
    expect(algorithms.kex[0]).toBe("curve25519-sha256");
    expect(algorithms.kex.at(-1)).toBe("diffie-hellman-group14-sha1");
  });
});
